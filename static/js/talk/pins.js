// What is pinned on top of a conversation: a bar that follows, and that leads to where each was said.
import { isGone } from "./acts.js";

/** @typedef {import("../types").Message} Message */
/** @typedef {import("../types").Talk} Talk */

/**
 * Lets people pin, and keeps the bar true.
 * @param {Talk} talk
 */
export function watchPins(talk) {
  const { root, acts, log, signal } = talk;
  const bar = /** @type {HTMLElement} */ (root.querySelector("[data-pins]"));
  const refresh = () => bar.dispatchEvent(new Event("refresh"));
  const isPinned = (/** @type {HTMLElement} */ item) => item.hasAttribute("data-pinned");
  const mayPin = (/** @type {HTMLElement} */ item) =>
    root.dataset.mayWrite === "true" && bar.querySelector('[data-may-pin="true"]') !== null && !isGone(item);
  acts.add("pin", {
    offers: (item) => mayPin(item) && !isPinned(item),
    act: (item) => acts.ask("message:pin", item, { on: true }),
  });
  acts.add("unpin", {
    offers: (item) => mayPin(item) && isPinned(item),
    act: (item) => acts.ask("message:pin", item, { on: false }),
  });
  root.addEventListener(
    "desk:changed",
    (event) => {
      /** @type {Message} */
      const message = /** @type {CustomEvent} */ (event).detail;
      const isInBar = bar.querySelector(`[data-pin-to="${message.number}"]`) !== null;
      if (isInBar || message.is_pinned) refresh();
    },
    { signal },
  );
  talk.hear("conversations:changed", ({ conversation_id: id, what }) => {
    if (id === talk.id && what === "members") refresh();
  });
  bar.addEventListener(
    "click",
    (event) => {
      const target = /** @type {Element} */ (event.target);
      const taken = target.closest("[data-unpin]")?.getAttribute("data-unpin");
      if (taken) acts.say("message:pin", { number: Number(taken), on: false }).then(() => log.element.focus());
      const link = /** @type {HTMLAnchorElement | null} */ (target.closest("[data-pin-to]"));
      const isPlain = event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey;
      if (!link || !isPlain) return;
      event.preventDefault();
      const item = log.numbered.get(Number(link.dataset.pinTo));
      if (!item) talk.shell.visit(link.href);
      else show(log.element, item);
    },
    { signal },
  );
}

/**
 * Goes to a message that is on the page.
 * @param {HTMLElement} list
 * @param {HTMLElement} item
 */
function show(list, item) {
  list.querySelector(".is-sought")?.classList.remove("is-sought");
  item.classList.add("is-sought");
  item.tabIndex = -1;
  item.scrollIntoView({ block: "center" });
  item.focus({ preventScroll: true });
}
