// Files of messages in the conversation: pictures once they are drawn small, everything else as a card; what is still
// being looked at for viruses or drawn is asked for again, each time after a longer while.
import { copyTemplate } from "../shell/texts.js";

/** @typedef {import("../types").MessageFile} MessageFile */
/** @typedef {import("../types").Entry} Entry */
/** @typedef {import("../types").Message} Message */
/** @typedef {import("../types").Shell} Shell */

const lookEvery = 1500;
const mostLooks = 12;
/** What a message of files alone says where only words can stand: always Chinese (docs/protocol.md). */
const wordsForFiles = new Set(["[\u56fe\u7247]", "[\u6587\u4ef6]"]);

/**
 * Gives words of the page's language.
 * @param {ParentNode} root
 * @param {string} name
 * @param {Record<string, string>} [values]
 */
export function words(root, name, values = {}) {
  const template = /** @type {HTMLTemplateElement} */ (root.querySelector("[data-file-words]"));
  const found = template.content.querySelector(`[data-word="${name}"]`)?.textContent ?? "";
  return found.replace(/\{(\w+)\}/g, (whole, key) => values[key] ?? whole);
}

/**
 * Says a size as people read it.
 * @param {number} size
 */
export function saySize(size) {
  return size < 1e6 ? `${Math.max(1, Math.round(size / 1e3))} KB` : `${(size / 1e6).toFixed(1)} MB`;
}

/**
 * Writes how a file is called wherever its name stands.
 * @param {Element} item
 * @param {string} name
 */
export function nameFile(item, name) {
  if (!name) return;
  item.querySelector("img")?.setAttribute("alt", name);
  for (const place of item.querySelectorAll("[data-open], [data-shut]")) place.textContent = name;
}

/**
 * Makes the element of a file.
 * @param {ParentNode} root
 * @param {MessageFile} file
 */
function make(root, file) {
  const item = copyTemplate(root, "[data-file-template]");
  /** @param {string} selector */
  const part = (selector) => /** @type {HTMLElement} */ (item.querySelector(selector));
  const isDrawn = file.is_open && file.thumbnail !== "";
  const waits = file.state === "quarantined" || (file.is_picture && file.is_open && !isDrawn);
  Object.assign(item.dataset, { file: file.id, kind: file.kind, state: file.state });
  Object.assign(item.dataset, { isPicture: String(file.is_picture), waits: String(waits) });
  const image = /** @type {HTMLImageElement} */ (part("img"));
  nameFile(item, file.name);
  if (isDrawn) Object.assign(image, { width: file.width, height: file.height, src: file.thumbnail });
  for (const link of ["[data-look]", "[data-open]"]) part(link).setAttribute("href", file.url);
  part("[data-save]").setAttribute("href", `${file.url}?save=1`);
  part("[data-look]").hidden = !isDrawn;
  part("[data-card]").hidden = isDrawn;
  part("[data-open]").hidden = part("[data-save]").hidden = !file.is_open;
  part("[data-shut]").hidden = file.is_open;
  part("[data-size]").textContent = `${file.kind.toUpperCase()} · ${file.size}`;
  part("[data-state-words]").textContent = file.is_open ? "" : words(root, file.state);
  return item;
}

/**
 * Shows the files of a message; its text goes where it only stands for them.
 * @param {ParentNode} root
 * @param {HTMLElement} item
 * @param {MessageFile[]} files
 * @param {string} body
 */
export function showFiles(root, item, files, body) {
  const list = /** @type {HTMLElement | null} */ (item.querySelector("[data-files]"));
  if (!list) return;
  list.replaceChildren(...files.map((file) => make(root, file)));
  list.hidden = files.length === 0;
  hideWords(item, body);
}

/**
 * @param {HTMLElement} item
 * @param {string} body
 */
function hideWords(item, body) {
  const list = /** @type {HTMLElement | null} */ (item.querySelector("[data-files]"));
  const text = /** @type {HTMLElement | null} */ (item.querySelector(".message-body"));
  if (text) text.hidden = Boolean(list && !list.hidden) && (body === "" || wordsForFiles.has(body));
}

/**
 * Shows what is on its way with a message that is not stored yet.
 * @param {ParentNode} root
 * @param {HTMLElement} item
 * @param {Entry} entry
 */
export function showOnTheWay(root, item, entry) {
  if (!entry.files?.length) return;
  const files = entry.files.map(({ file }) => ({
    id: "",
    name: file.name,
    kind: file.name.split(".").pop() ?? "",
    size: saySize(file.size),
    state: "unscanned",
    url: "",
    thumbnail: "",
    width: 0,
    height: 0,
    is_picture: false,
    is_open: false,
  }));
  showFiles(root, item, files, entry.body);
  item.querySelectorAll("[data-file]").forEach((line, place) => {
    const { id, share = 0, isCut = false } = entry.files?.[place] ?? {};
    const says = /** @type {HTMLElement} */ (line.querySelector("[data-state-words]"));
    if (id || entry.state === "refused") says.textContent = "";
    else says.textContent = isCut ? words(root, "cut") : words(root, "uploading", { share: `${Math.floor(share * 100)}%` });
  });
}

/**
 * Gives a message back to who wrote it, with nothing covered.
 * @param {Message} message
 * @param {Entry} entry
 * @returns {Message}
 */
export function asWritten(message, entry) {
  const written = entry.files ?? [];
  const files = (message.files ?? []).map((file, place) => ({ ...file, name: written[place]?.file.name ?? file.name }));
  return { ...message, body: entry.body || message.body, files, is_covered: false };
}

/**
 * Asks again how files stand that were not ready when they were shown.
 * @param {HTMLElement} root
 * @param {Shell} shell
 * @param {string} conversationId
 * @param {AbortSignal} signal
 */
export function watchFiles(root, shell, conversationId, signal) {
  for (const item of root.querySelectorAll("[data-message]")) {
    hideWords(/** @type {HTMLElement} */ (item), item.querySelector(".message-body")?.textContent ?? "");
  }
  /** @type {Map<string, number>} */
  const looks = new Map();
  let turn = 0;
  /** @param {HTMLElement} item */
  const ask = async (item) => {
    const asked = { conversation_id: conversationId, number: Number(item.dataset.number) };
    /** @type {import("../types").Reply & { files: MessageFile[] }} */
    const answer = await shell.line.command("message:files", asked);
    if (answer.ok) showFiles(root, item, answer.files, item.querySelector(".message-body")?.textContent ?? "");
  };
  const look = () => {
    turn += 1;
    if (document.visibilityState !== "visible" || !shell.line.isUp()) return;
    const waiting = [...root.querySelectorAll('[data-waits="true"]')].map((file) => file.closest("[data-message]"));
    for (const item of /** @type {Set<HTMLElement>} */ (new Set(waiting))) {
      const number = item?.dataset.number ?? "";
      const before = looks.get(number) ?? 0;
      if (!number || before >= mostLooks || turn % 2 ** Math.min(before, 5) !== 0) continue;
      looks.set(number, before + 1);
      // The line went: the next turn asks again.
      ask(item).catch(() => {});
    }
  };
  const timer = setInterval(look, lookEvery);
  signal.addEventListener("abort", () => clearInterval(timer));
}
