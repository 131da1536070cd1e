// On the asker's page: when an answer or the template to leave word appears, it comes into view,
// unless the person is in the middle of a sentence; then a notice says so.
import { tell } from "./notices.js";

const wantsCalm = matchMedia("(prefers-reduced-motion: reduce)");

/** Watches the status of a question. */
export function watchStatus() {
  /** @type {Set<string>} */
  let known = new Set(announcedIn(document));
  document.body.addEventListener("htmx:afterSettle", () => {
    const now = announcedIn(document);
    for (const name of now) {
      if (!known.has(name)) show(name);
    }
    known = new Set(now);
  });
}

/**
 * @param {ParentNode} root
 * @returns {string[]}
 */
function announcedIn(root) {
  return [...root.querySelectorAll("[data-announce]")].map((card) => card.getAttribute("data-announce") ?? "");
}

/**
 * @param {string} name
 */
function show(name) {
  const focused = document.activeElement;
  const isWriting = focused instanceof HTMLTextAreaElement && focused.value.trim() !== "";
  if (isWriting) {
    tell(name, "accent");
    return;
  }
  const behavior = wantsCalm.matches ? "auto" : "smooth";
  document.querySelector(`[data-announce="${name}"]`)?.scrollIntoView({ block: "start", behavior });
}
