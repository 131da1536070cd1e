// A list with a box for each line: one box on top ticks or unticks them all, Shift takes along what lies between two,
// and how many are ticked is said wherever the page has a place for it.

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
  const places = /** @type {HTMLElement[]} */ ([...root.querySelectorAll("[data-check-count]")]);
  /** The box that was ticked or unticked last. */
  let last = -1;

  /** Lets the box on top, and the places for the number, say what holds below. */
  function tell() {
    const ticked = boxes.filter((box) => box.checked).length;
    all.checked = ticked === boxes.length;
    all.indeterminate = ticked > 0 && ticked < boxes.length;
    for (const place of places) {
      place.textContent = ticked ? (place.dataset.checkCount ?? "").replace("{count}", String(ticked)) : "";
    }
  }

  /** @param {MouseEvent} event A click, or the space bar on a box. */
  function clicked(event) {
    const here = boxes.findIndex((box) => box === event.target);
    if (here < 0) return;
    if (event.shiftKey && last >= 0) {
      const between = boxes.slice(Math.min(here, last), Math.max(here, last) + 1);
      for (const box of between) box.checked = boxes[here].checked;
    }
    last = here;
  }

  /** @param {Event} event */
  function changed(event) {
    if (event.target === all) for (const box of boxes) box.checked = all.checked;
    tell();
  }

  holder.hidden = false;
  root.addEventListener("click", clicked);
  root.addEventListener("change", changed);
  tell();
  return () => {
    root.removeEventListener("click", clicked);
    root.removeEventListener("change", changed);
  };
}
