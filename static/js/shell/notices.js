// The flash region: what the page has to say goes there, is read out, and can be closed.
import { text } from "./texts.js";

/** The notice region of this page, or of the dialog that covers it. */
export function flashRegion() {
  return document.querySelector("dialog[open] .dialog-flash") ?? document.getElementById("flash");
}

/**
 * Shows a notice by the name of its text.
 * @param {string} name
 * @param {"accent" | "overdue" | "solved" | "waiting"} [tone]
 */
export function tell(name, tone = "accent") {
  tellText(text(name), tone);
}

/**
 * Shows a notice; the same words are not stacked.
 * @param {string} words
 * @param {"accent" | "overdue" | "solved" | "waiting"} [tone]
 */
export function tellText(words, tone = "accent") {
  const region = flashRegion();
  const texts = /** @type {HTMLTemplateElement | null} */ (document.getElementById("texts"));
  if (!region || !texts) return;
  const copy = /** @type {HTMLElement} */ (texts.content.querySelector("[data-notice] > *")).cloneNode(true);
  const notice = /** @type {HTMLElement} */ (copy);
  const line = /** @type {HTMLElement} */ (notice.querySelector("p"));
  line.textContent = words;
  notice.dataset.tone = tone;
  if (tone !== "overdue") notice.dataset.fades = "";
  for (const other of region.children) {
    if (other.textContent?.trim() === notice.textContent?.trim()) other.remove();
  }
  region.append(notice);
  fadeOut(notice);
}

/**
 * Takes a passing notice away after a while, unless somebody is reading it.
 * @param {Element} notice
 */
function fadeOut(notice) {
  if (!(notice instanceof HTMLElement) || notice.dataset.fades === undefined) return;
  setTimeout(() => {
    if (notice.matches(":hover, :focus-within")) fadeOut(notice);
    else notice.remove();
  }, 6000);
}

/** Lets notices be closed and passing ones go. */
export function watchNotices() {
  for (const notice of document.querySelectorAll("#flash > *")) fadeOut(notice);
  document.addEventListener("click", (event) => {
    const close = /** @type {Element} */ (event.target).closest("[data-close]");
    close?.closest(".notice")?.remove();
  });
}

