// A list beside what is open of it: by keyboard, without a reload, and one column after the other on smaller screens.
import { openDialog } from "../shell/menus.js";

/** @typedef {import("../types").Shell} Shell */

const keysOff = "keys-off";

/** Says whether somebody is writing, so that letters are letters. */
function isWriting() {
  const focused = document.activeElement;
  const isField = focused?.matches("input, textarea, select, [contenteditable]") ?? false;
  // A dialog that has just closed holds the focus until the next frame.
  const isGone = focused?.closest("dialog:not([open])") ?? false;
  return (isField && !isGone) || document.querySelector("dialog[open]") !== null;
}

/**
 * @param {HTMLElement} root
 * @param {string} selector
 * @returns {HTMLElement | null}
 */
export function find(root, selector) {
  return root.querySelector(selector);
}

/**
 * Moves along the list and opens what one comes to.
 * @param {HTMLElement} root
 * @param {Shell} shell
 * @param {number} step
 */
function move(root, shell, step) {
  const rows = /** @type {HTMLAnchorElement[]} */ ([...root.querySelectorAll("[data-queue-row]")]);
  if (!rows.length) return;
  const current = rows.findIndex((row) => row.getAttribute("aria-current") === "true");
  const next = current < 0 ? (step > 0 ? 0 : rows.length - 1) : current + step;
  const row = rows[Math.min(Math.max(next, 0), rows.length - 1)];
  if (rows.indexOf(row) === current) return;
  row.scrollIntoView({ block: "nearest" });
  for (const other of rows) other.removeAttribute("aria-current");
  row.setAttribute("aria-current", "true");
  row.focus({ preventScroll: true });
  open(shell, row.href);
}

let opening = 0;

/**
 * Opens an entry after a breath, so that holding a key does not load every one on the way.
 * @param {Shell} shell
 * @param {string} url
 */
function open(shell, url) {
  clearTimeout(opening);
  opening = window.setTimeout(() => shell.visit(url), 120);
}

/** What keys do in the conversation that is open, whichever page it stands on. */
export const talkKeys = {
  q: () => document.dispatchEvent(new CustomEvent("desk:reply")),
  u: () => document.dispatchEvent(new CustomEvent("desk:first-unread")),
};

/**
 * Lets the keys work, and lets people switch them off (single letters get in the way of voice control).
 * @param {HTMLElement} root
 * @param {Shell} shell
 * @param {AbortSignal} signal
 * @param {Record<string, () => void>} acts what further keys do
 */
export function watchKeys(root, shell, signal, acts) {
  /** @type {Record<string, () => void>} */
  const keys = { j: () => move(root, shell, 1), k: () => move(root, shell, -1), "?": () => openDialog("keys"), ...acts };
  document.addEventListener(
    "keydown",
    (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || isWriting()) return;
      if (localStorage.getItem(keysOff) && event.key !== "?") return;
      const act = keys[event.key.length === 1 ? event.key.toLowerCase() : event.key];
      if (!act) return;
      event.preventDefault();
      act();
    },
    { signal },
  );
  const box = find(root, "[data-keys-on]");
  if (!(box instanceof HTMLInputElement)) return;
  box.checked = !localStorage.getItem(keysOff);
  box.addEventListener(
    "change",
    () => {
      if (box.checked) localStorage.removeItem(keysOff);
      else localStorage.setItem(keysOff, "yes");
    },
    { signal },
  );
}

/**
 * Opens entries without a reload and shows one column after the other on smaller screens.
 * @param {HTMLElement} root
 * @param {Shell} shell
 * @param {AbortSignal} signal
 */
export function watchClicks(root, shell, signal) {
  root.addEventListener(
    "click",
    (event) => {
      const target = /** @type {Element} */ (event.target);
      const shown = target.closest("[data-show]")?.getAttribute("data-show");
      if (shown) root.dataset.view = shown;
      const row = target.closest("a[data-queue-row], .history a, .back-to-queue");
      const isPlain = event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey;
      if (!(row instanceof HTMLAnchorElement) || !isPlain) return;
      event.preventDefault();
      shell.visit(row.href);
    },
    { signal },
  );
}
