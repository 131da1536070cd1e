// Messages that one marks for oneself; the list of them is a page of its own.
import { tellText } from "../shell/notices.js";
import { isGone } from "./acts.js";
import { words } from "./reactions.js";

/** @typedef {import("../types").Talk} Talk */

/**
 * Lets people mark messages.
 * @param {Talk} talk
 */
export function watchStars({ root, acts }) {
  const isStarred = (/** @type {HTMLElement} */ item) => item.hasAttribute("data-starred");
  acts.add("star", {
    offers: (item) => !isGone(item) && !isStarred(item),
    act: async (item) => {
      if (await acts.ask("message:star", item, { on: true })) tellText(words(root, "starred"), "solved");
    },
  });
  acts.add("unstar", {
    offers: (item) => !isGone(item) && isStarred(item),
    act: (item) => acts.ask("message:star", item, { on: false }),
  });
}
