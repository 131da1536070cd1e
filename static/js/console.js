// The console by keyboard, and its columns on smaller screens.
import { openDialog } from "./shell/menus.js";

/** @typedef {import("./types").Shell} Shell */

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
function find(root, selector) {
  return root.querySelector(selector);
}

/**
 * Moves along the queue and opens what one comes to.
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
 * Opens a question after a breath, so that holding a key does not load every question on the way.
 * @param {Shell} shell
 * @param {string} url
 */
function open(shell, url) {
  clearTimeout(opening);
  opening = window.setTimeout(() => shell.visit(url), 120);
}

/** Accepts what rings, or takes the question that is open. */
function accept() {
  const button = document.querySelector("#offers [data-accept]") ?? document.querySelector('[data-key-act="take"]');
  if (button instanceof HTMLElement) button.click();
}

/**
 * Gives what each key does.
 * @param {HTMLElement} root
 * @param {Shell} shell
 * @returns {Record<string, () => void>}
 */
function keysOf(root, shell) {
  return {
    j: () => move(root, shell, 1),
    k: () => move(root, shell, -1),
    a: accept,
    r: () => openDialog("resolve"),
    e: () => openDialog("pass-up"),
    n: () => find(root, "[data-record-call]")?.click(),
    "/": () => find(root, "[data-write]")?.focus(),
    "?": () => openDialog("keys"),
  };
}

/**
 * Lets the keys work, and lets people switch them off (single letters get in the way of voice control).
 * @param {HTMLElement} root
 * @param {Shell} shell
 * @param {AbortSignal} signal
 */
function watchKeys(root, shell, signal) {
  const keys = keysOf(root, shell);
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
 * Opens questions without a reload and shows one column after the other on smaller screens.
 * @param {HTMLElement} root
 * @param {Shell} shell
 * @param {AbortSignal} signal
 */
function watchClicks(root, shell, signal) {
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

/** Lets the sign in the bar say what the switch of the queue says. */
function showDuty() {
  const isOn = document.getElementById("duty-switch")?.getAttribute("aria-checked");
  const sign = document.querySelector("[data-duty-sign]");
  if (!isOn || !sign) return;
  document.body.dataset.onDuty = isOn;
  sign.querySelector(".presence")?.setAttribute("data-on", isOn);
  sign.querySelector("[data-duty-on]")?.toggleAttribute("hidden", isOn !== "true");
  sign.querySelector("[data-duty-off]")?.toggleAttribute("hidden", isOn === "true");
}

/** @type {import("./types").Feature["start"]} */
export function start(root, shell) {
  const controller = new AbortController();
  watchKeys(root, shell, controller.signal);
  watchClicks(root, shell, controller.signal);
  document.body.addEventListener("htmx:afterSettle", showDuty, { signal: controller.signal });
  return () => controller.abort();
}
