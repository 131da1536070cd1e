// The swap "calm": changes only what differs, so that nothing jumps under the reader's finger:
// focus, half-written fields, open dialogs and running animations stay as they are.
import htmx from "htmx.org";
import { Idiomorph } from "idiomorph";

const kept = new Set(["open", "data-touched", "data-exact"]);

/**
 * Says whether a difference to what the server sent is the reader's own doing.
 * @param {string} name
 * @param {Element} element
 * @returns {boolean}
 */
function mayChange(name, element) {
  if (kept.has(name)) return false;
  const isTouched = element instanceof HTMLElement && element.dataset.touched !== undefined;
  return !(isTouched && (name === "value" || name === "checked"));
}

/**
 * Says whether somebody is writing at this moment. Idiomorph leaves alone all that is inside the element in focus,
 * which is right for a field and wrong for a button whose words change because it was pressed.
 * @returns {boolean}
 */
function isFieldActive() {
  return document.activeElement?.matches("input, textarea, select") ?? false;
}

/**
 * Turns an element's content into new content.
 * @param {Element} target
 * @param {Node | HTMLCollection | Node[]} content
 */
export function morph(target, content) {
  Idiomorph.morph(target, content, {
    morphStyle: "innerHTML",
    ignoreActiveValue: isFieldActive(),
    restoreFocus: true,
    callbacks: { beforeAttributeUpdated: mayChange, beforeNodeMorphed: keepWritten },
  });
}

/**
 * Leaves alone the text inside a field that somebody has written in, and times that already stand relative.
 * @param {Element} old
 * @param {Node} fresh
 * @returns {boolean}
 */
function keepWritten(old, fresh) {
  if (old instanceof HTMLTextAreaElement && old.dataset.touched !== undefined) return false;
  if (old instanceof HTMLTimeElement && fresh instanceof HTMLTimeElement) return old.dateTime !== fresh.dateTime;
  return true;
}

/** Makes the swap known to htmx and marks fields that somebody has changed. */
export function installCalm() {
  htmx.defineExtension("calm", {
    isInlineSwap: (style) => style === "calm",
    handleSwap: (style, target, fragment) => {
      if (style !== "calm" || !(target instanceof Element)) return false;
      morph(target, [...fragment.childNodes]);
      return [target];
    },
  });
  document.addEventListener("input", (event) => {
    if (event.target instanceof HTMLElement) event.target.dataset.touched = "";
  });
}
