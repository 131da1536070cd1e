// Loads a feature's module where an element of the page asks for it (data-module), and stops it when that element goes.

/** @typedef {import("../types").Shell} Shell */
/** @typedef {import("../types").Feature} Feature */

/** @type {Map<HTMLElement, (() => void) | null>} */
const running = new Map();

/** @type {Map<string, Feature>} */
const loaded = new Map();

/**
 * Starts every feature below an element.
 * @param {ParentNode} root
 * @param {Shell} shell
 */
export function startFeatures(root, shell) {
  for (const element of root.querySelectorAll("[data-module]")) {
    if (element instanceof HTMLElement && !running.has(element)) start(element, shell);
  }
}

/**
 * @param {HTMLElement} element
 * @param {Shell} shell
 */
async function start(element, shell) {
  const address = /** @type {string} */ (element.dataset.module);
  const known = loaded.get(address);
  if (known) {
    // At once: between two questions of the console no key may fall through.
    running.set(element, known.start(element, shell));
    return;
  }
  running.set(element, null);
  const feature = /** @type {Feature} */ (await import(address));
  loaded.set(address, feature);
  // The page may have moved on while the module was on its way.
  if (running.get(element) === null && element.isConnected) running.set(element, feature.start(element, shell));
  else if (!element.isConnected) running.delete(element);
}

/**
 * Stops every feature below an element.
 * @param {Element} root
 */
export function stopFeatures(root) {
  for (const [element, stop] of running) {
    if (root.contains(element) || !element.isConnected) {
      stop?.();
      running.delete(element);
    }
  }
}
