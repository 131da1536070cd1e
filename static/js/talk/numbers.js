// Numbers by which somebody can be known: a warning before they are sent, and a look at covered ones, with a reason.
import { findNumbers } from "../shell/personal-numbers.js";
import { nameFile, words } from "./files.js";
import { writeLinked } from "./links.js";
import { markMentions } from "./mention.js";

const keptInFront = 3;
const keptBehind = 2;
/** Ends what the last warning listens for. */
let asked = new AbortController();

/**
 * Covers the middle of each number, as the server does for who may not read it.
 * @param {string} text
 */
export function coverNumbers(text) {
  let covered = text;
  for (const { start, end } of findNumbers(text)) {
    const number = text.slice(start, end);
    const shown = [...number].map((sign, place) =>
      place < keptInFront || place >= number.length - keptBehind || /[ \-－\u3000]/.test(sign) ? sign : "●",
    );
    covered = covered.slice(0, start) + shown.join("") + covered.slice(end);
  }
  return covered;
}

/**
 * Gives files names in which numbers are covered; what they hold stays as it is.
 * @param {File[]} files
 */
export function coverNames(files) {
  return files.map((file) => {
    const name = coverNumbers(file.name);
    return name === file.name ? file : new File([file], name, { type: file.type, lastModified: file.lastModified });
  });
}

/**
 * Says which kinds of numbers a text holds, in a sentence of the warning; nothing where it holds none.
 * @param {HTMLElement} dialog
 * @param {string} text
 * @param {"text" | "names"} where
 */
function sayFound(dialog, text, where) {
  const kinds = [...new Set(findNumbers(text).map(({ kind }) => kind))];
  const names = kinds.map((kind) => dialog.querySelector(`[data-number-kind="${kind}"]`)?.textContent ?? kind);
  const sentence = dialog.querySelector(`[data-numbers-sentence="${where}"]`)?.textContent ?? "";
  return kinds.length ? sentence.replace("{kinds}", names.join("、")) : "";
}

/**
 * Goes on with a text and files at once where neither text nor names hold numbers, else as the writer decides.
 * @param {HTMLElement} root
 * @param {string} body
 * @param {(body: string, coversNames: boolean) => void} go
 * @param {string[]} [names] of the files that go with it
 */
export function warn(root, body, go, names = []) {
  const dialog = /** @type {HTMLDialogElement | null} */ (root.querySelector("[data-numbers-warning]"));
  const told = dialog ? sayFound(dialog, body, "text") + sayFound(dialog, names.join("\n"), "names") : "";
  if (!told || !dialog) {
    go(body, false);
    return;
  }
  const place = /** @type {HTMLElement} */ (dialog.querySelector("[data-numbers-found]"));
  place.textContent = told;
  asked.abort();
  asked = new AbortController();
  const { signal } = asked;
  dialog.addEventListener("click", (event) => {
    const choice = /** @type {Element} */ (event.target).closest("[data-numbers]")?.getAttribute("data-numbers");
    if (!choice) return;
    dialog.close();
    if (choice === "send") go(body, false);
    if (choice === "cover") go(coverNumbers(body), true);
  }, { signal });
  dialog.addEventListener("close", () => {
    // Word of the closing before may come once it is open again.
    if (dialog.open) return;
    asked.abort();
    /** @type {HTMLElement | null} */ (root.querySelector("[data-write]"))?.focus();
  }, { signal });
  dialog.showModal();
  /** @type {HTMLElement | null} */ (dialog.querySelector('[data-numbers="cover"]'))?.focus();
}

/**
 * Lets covered numbers of a message be looked at.
 * @param {HTMLElement} root
 * @param {string} conversationId
 * @param {AbortSignal} signal
 */
export function watchCovered(root, conversationId, signal) {
  const dialog = /** @type {HTMLDialogElement} */ (root.querySelector("[data-reveal-dialog]"));
  const form = /** @type {HTMLFormElement} */ (dialog.querySelector("[data-reveal-form]"));
  const reason = /** @type {HTMLTextAreaElement} */ (dialog.querySelector("[data-reveal-reason]"));
  const fault = /** @type {HTMLElement} */ (dialog.querySelector("[data-reveal-fault]"));
  /** @type {HTMLElement | null} */
  let item = null;
  root.addEventListener("click", (event) => {
    const button = /** @type {Element} */ (event.target).closest("[data-reveal]");
    if (!button) return;
    item = button.closest("[data-message]");
    fault.hidden = true;
    reason.value = "";
    dialog.showModal();
    reason.focus();
  }, { signal });
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (!item) return;
    const said = await look(`/messages/${conversationId}/${item.dataset.number}/numbers`, reason.value);
    if (said.body === undefined) {
      fault.textContent = said.error?.message ?? words(root, "nothing");
      fault.hidden = false;
      return;
    }
    showWhole(item, said.body, said.file_names ?? []);
    dialog.close();
  }, { signal });
}

/**
 * @param {string} address
 * @param {string} reason
 * @returns {Promise<{ body?: string, file_names?: string[], error?: { message: string } }>}
 */
async function look(address, reason) {
  const told = new FormData();
  told.set("reason", reason);
  const token = document.querySelector('meta[name="csrf-token"]')?.getAttribute("content") ?? "";
  const headers = { Accept: "application/json", "X-CSRFToken": token };
  const answer = await fetch(address, { method: "POST", body: told, headers }).catch(() => null);
  return (await answer?.json().catch(() => null)) ?? {};
}

/**
 * Shows what a message says with nothing covered.
 * @param {HTMLElement} item
 * @param {string} body
 * @param {string[]} names of its files, in their order
 */
function showWhole(item, body, names) {
  const text = item.querySelector(".message-body");
  // Who was called stays so: their names stand in the covered text as well.
  const mentions = [...(text?.querySelectorAll(".mention") ?? [])].map((mark) => ({
    name: (mark.textContent ?? "").slice(1),
    account_id: mark.getAttribute("data-called") ?? "",
  }));
  if (text) writeLinked(text, body);
  markMentions(item, { mentions }, "me");
  item.querySelectorAll("[data-file]").forEach((file, place) => nameFile(file, names[place] ?? ""));
  showCovered(item, false);
}

/**
 * Says that something of a message is covered, and offers a look.
 * @param {HTMLElement} item
 * @param {boolean} isCovered
 */
export function showCovered(item, isCovered) {
  const button = /** @type {HTMLElement | null} */ (item.querySelector("[data-reveal]"));
  if (button) button.hidden = !isCovered;
}
