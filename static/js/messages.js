// The messenger: who is there is kept true, and everything goes by keyboard. The list follows by shell/talks.js.
import { text } from "./shell/texts.js";
import { find, talkKeys, watchClicks, watchKeys } from "./talk/columns.js";
import { refreshList } from "./talk/draft.js";

/** @typedef {import("./types").Shell} Shell */
/** @typedef {import("./types").People} People */

const lookEvery = 5000;
const listEvery = 2000;

/**
 * Shows whether somebody is there.
 * @param {Element} place
 * @param {boolean | null} isHere null where nobody knows
 * @param {boolean} [isInCall]
 */
function show(place, isHere, isInCall = false) {
  const state = isHere === null ? "unknown" : String(isHere);
  place.setAttribute("data-on", state);
  const words = place.querySelector("[data-presence-words]");
  if (words) words.textContent = text(isInCall ? "presence-call" : `presence-${state}`);
}

/**
 * Keeps who is there true: asked every few seconds while the page is looked at, unknown while the line is lost.
 * @param {HTMLElement} root
 * @param {Shell} shell
 * @param {AbortSignal} signal
 */
function watchPresence(root, shell, signal) {
  const places = () => root.querySelectorAll("[data-presence-of]");
  const look = async () => {
    if (document.visibilityState !== "visible" || !places().length) return;
    try {
      const open = root.dataset.open || null;
      /** @type {People} */
      const answer = await shell.line.command("conversations:presence", { conversation_id: open });
      if (!answer.ok) return;
      for (const place of places()) {
        const accountId = place.getAttribute("data-presence-of") ?? "";
        const isHere = answer.people[accountId];
        if (isHere !== undefined) show(place, isHere, answer.in_call.includes(accountId));
      }
    } catch {
      places().forEach((place) => show(place, null));
    }
  };
  const timer = setInterval(look, lookEvery);
  signal.addEventListener("abort", () => clearInterval(timer));
  document.addEventListener("visibilitychange", look, { signal });
  if (shell.line.isUp()) look();
}

/**
 * Shows in the list what is left unsent on another device.
 * @param {Shell} shell
 * @param {AbortSignal} signal
 */
function watchDrafts(shell, signal) {
  let timer = 0;
  const plan = () => {
    timer ||= window.setTimeout(() => {
      timer = 0;
      refreshList();
    }, listEvery);
  };
  shell.line.socket.on("draft:changed", plan);
  signal.addEventListener("abort", () => {
    clearTimeout(timer);
    shell.line.socket.off("draft:changed", plan);
  });
}

/** @type {import("./types").Feature["start"]} */
export function start(root, shell) {
  const controller = new AbortController();
  watchKeys(root, shell, controller.signal, {
    r: () => find(root, "[data-write]")?.focus(),
    "/": () => find(root, "[data-find]")?.focus(),
    n: () => find(root, "[data-new]")?.click(),
    ...talkKeys,
  });
  watchClicks(root, shell, controller.signal);
  watchPresence(root, shell, controller.signal);
  watchDrafts(shell, controller.signal);
  return () => controller.abort();
}
