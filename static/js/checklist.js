// A list with a box for each line: one box on top ticks or unticks them all.

/** @typedef {import("./types").Shell} Shell */

/**
 * @param {HTMLElement} root
 * @returns {() => void}
 */
export function start(root) {
  const holder = root.querySelector("[data-check-all]");
  const found = holder?.querySelector("input");
  if (!(holder instanceof HTMLElement) || !found) return () => {};
  const all = found;
  const boxes = /** @type {HTMLInputElement[]} */ ([...root.querySelectorAll("input[data-check]")]);

  /** Lets the box on top say what holds below. */
  function tell() {
    const ticked = boxes.filter((box) => box.checked).length;
    all.checked = ticked === boxes.length;
    all.indeterminate = ticked > 0 && ticked < boxes.length;
  }

  /** @param {Event} event */
  function changed(event) {
    if (event.target === all) for (const box of boxes) box.checked = all.checked;
    tell();
  }

  holder.hidden = false;
  root.addEventListener("change", changed);
  tell();
  return () => root.removeEventListener("change", changed);
}
