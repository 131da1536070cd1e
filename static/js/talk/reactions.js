// What stands beside messages: reactions as chips below them, by click and by keyboard, and which of all that is mine.
import { tellText } from "../shell/notices.js";
import { copyTemplate } from "../shell/texts.js";
import { isGone } from "./acts.js";

/** @typedef {import("../types").Message} Message */
/** @typedef {import("../types").Own} Own */
/** @typedef {import("../types").Reaction} Reaction */
/** @typedef {import("../types").Talk} Talk */

/**
 * Gives words of the page's language.
 * @param {ParentNode} root
 * @param {string} name
 * @param {Record<string, string | number>} [values]
 */
export function words(root, name, values = {}) {
  const template = /** @type {HTMLTemplateElement} */ (root.querySelector("[data-reaction-words]"));
  const found = template.content.querySelector(`[data-word="${name}"]`)?.textContent ?? "";
  return found.replace(/\{(\w+)\}/g, (whole, key) => String(values[key] ?? whole));
}

/**
 * Shows what stands beside a message; what was pushed to everybody says nothing of what is mine, and that stays.
 * @param {HTMLElement} root
 * @param {HTMLElement} item
 * @param {Pick<Message, "reactions" | "is_pinned" | "own">} message
 */
export function showBeside(root, item, message) {
  item.toggleAttribute("data-pinned", Boolean(message.is_pinned));
  draw(root, item, message.reactions ?? []);
  showOwn(item, message.own);
}

/**
 * Shows which of it is mine.
 * @param {HTMLElement} item
 * @param {Own | null | undefined} own
 */
function showOwn(item, own) {
  if (own) {
    item.dataset.own = own.reactions.join(" ");
    item.toggleAttribute("data-starred", own.is_starred);
  }
  for (const chip of chips(item)) chip.setAttribute("aria-pressed", String(owns(item, chip.dataset.react)));
  const signs = { pinned: "[data-pinned-sign]", starred: "[data-starred-sign]" };
  for (const [name, selector] of Object.entries(signs)) {
    item.querySelector(selector)?.toggleAttribute("hidden", !item.hasAttribute(`data-${name}`));
  }
}

/**
 * @param {HTMLElement} item
 * @param {string | undefined} emoji
 */
function owns(item, emoji) {
  return (item.dataset.own ?? "").split(" ").includes(emoji ?? "");
}

/**
 * @param {HTMLElement} item
 * @returns {HTMLElement[]}
 */
function chips(item) {
  return [.../** @type {NodeListOf<HTMLElement>} */ (item.querySelectorAll("[data-react]"))];
}

/**
 * Draws the chips; those that stay are not touched, so that the focus stays where it is.
 * @param {HTMLElement} root
 * @param {HTMLElement} item
 * @param {Reaction[]} reactions
 */
function draw(root, item, reactions) {
  const list = /** @type {HTMLElement | null} */ (item.querySelector("[data-reactions]"));
  if (!list) return;
  const hadFocus = list.contains(document.activeElement);
  const known = new Map(chips(item).map((chip) => [chip.dataset.react, chip.closest("li")]));
  const rows = reactions.map((reaction) => {
    const row = known.get(reaction.emoji) ?? copyTemplate(root, "[data-reaction-template]");
    fill(root, row, reaction);
    return row;
  });
  for (const row of known.values()) if (row && !rows.includes(row)) row.remove();
  rows.forEach((row, place) => {
    if (list.children[place] !== row) list.insertBefore(row, list.children[place] ?? null);
  });
  list.hidden = !rows.length;
  if (hadFocus && !list.contains(document.activeElement)) backTo(item);
}

/**
 * @param {HTMLElement} root
 * @param {Element} row
 * @param {Reaction} reaction
 */
function fill(root, row, { emoji, count, names: first }) {
  const chip = /** @type {HTMLElement} */ (row.querySelector("[data-react]"));
  const joined = first.join(words(root, "comma"));
  const names = count > first.length ? words(root, "more", { names: joined, count }) : joined;
  chip.dataset.react = emoji;
  chip.title = names;
  chip.setAttribute("aria-label", words(root, "label", { emoji, count, names }));
  /** @type {[string, string][]} */
  const parts = [
    [".emoji", emoji],
    ["[data-count]", String(count)],
  ];
  for (const [selector, said] of parts) {
    const part = chip.querySelector(selector);
    if (part) part.textContent = said;
  }
}

/**
 * Gives the focus back to a message after something was chosen for it.
 * @param {HTMLElement} item
 */
function backTo(item) {
  const more = /** @type {HTMLElement | null} */ (item.querySelector("[data-more]"));
  more?.focus({ preventScroll: true });
}

/**
 * Lets somebody choose an emoji; what draws all of them is loaded when it is first wanted.
 * @param {HTMLElement} root
 * @param {HTMLElement} anchor beside which it opens
 * @param {string} accountId whose choices of before are shown first
 * @returns {Promise<string | null>}
 */
async function choose(root, anchor, accountId) {
  const place = /** @type {HTMLElement} */ (root.querySelector("[data-emoji-place]"));
  try {
    if (!place.firstElementChild) {
      const answer = await fetch(place.dataset.from ?? "", { headers: { "HX-Request": "true" } });
      if (!answer.ok) throw new Error(`emoji: ${answer.status}`);
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const style = page.querySelector("link");
      const styled = new Promise((resolve) => style?.addEventListener("load", resolve));
      place.replaceChildren(...page.querySelectorAll("link, dialog"));
      await styled;
    }
    const dialog = /** @type {HTMLElement} */ (place.querySelector("[data-emoji-picker]"));
    const { pick } = await import(dialog.dataset.script ?? "");
    return await pick(dialog, { anchor, accountId, words: (/** @type {number} */ count) => words(root, "found", { count }) });
  } catch {
    tellText(words(root, "failed"), "overdue");
    return null;
  }
}

/**
 * Puts an emoji where one is writing.
 * @param {HTMLTextAreaElement} field
 * @param {string} emoji
 */
function insert(field, emoji) {
  field.setRangeText(emoji, field.selectionStart, field.selectionEnd, "end");
  field.dispatchEvent(new Event("input", { bubbles: true }));
  field.focus();
}

/**
 * Makes what sets or takes away a reaction; one that is on its way is not sent twice.
 * @param {Talk} talk
 * @returns {(item: HTMLElement, emoji: string, on: boolean) => Promise<void>}
 */
function reacting({ acts }) {
  /** @type {Set<string>} */
  const underWay = new Set();
  return async (item, emoji, on) => {
    const key = `${item.dataset.number} ${emoji}`;
    if (underWay.has(key)) return;
    underWay.add(key);
    await acts.ask("message:react", item, { emoji, on });
    underWay.delete(key);
  };
}

/**
 * Puts six emoji and the way to all others into the menu of a message.
 * @param {Talk} talk
 * @param {ReturnType<typeof reacting>} react
 */
function addToMenu({ root, acts, shell }, react) {
  const offers = (/** @type {HTMLElement} */ item) => root.dataset.mayWrite === "true" && !isGone(item);
  for (const button of /** @type {NodeListOf<HTMLElement>} */ (root.querySelectorAll("[data-quick] [data-emoji]"))) {
    const emoji = button.dataset.emoji ?? "";
    acts.add(button.dataset.do ?? "", {
      offers,
      act: (item) => {
        backTo(item);
        react(item, emoji, !owns(item, emoji));
      },
    });
  }
  acts.add("react-more", {
    offers,
    act: async (item) => {
      backTo(item);
      const emoji = await choose(root, item, shell.accountId);
      if (emoji) react(item, emoji, true);
    },
  });
}

/**
 * Lets people react, and write emoji.
 * @param {Talk} talk
 */
export function watchReactions(talk) {
  const { root, log, signal, shell } = talk;
  const react = reacting(talk);
  addToMenu(talk, react);
  root.addEventListener(
    "click",
    async (event) => {
      const target = /** @type {Element} */ (event.target);
      const chip = /** @type {HTMLElement | null} */ (target.closest("[data-react]"));
      const item = /** @type {HTMLElement | null} */ (target.closest("[data-message]"));
      if (chip && item) react(item, chip.dataset.react ?? "", !owns(item, chip.dataset.react));
      const tool = /** @type {HTMLElement | null} */ (target.closest("[data-emoji-open]"));
      const box = /** @type {HTMLElement | null | undefined} */ (tool?.closest("[data-composer]"));
      const emoji = box && (await choose(root, box, shell.accountId));
      if (emoji) insert(talk.composer.field, emoji);
    },
    { signal },
  );
  // An answer may come after what was pushed to everybody later than it; what is mine it alone says.
  const take = (/** @type {number} */ number, /** @type {Own | null | undefined} */ own) => {
    const item = log.numbered.get(number);
    if (item && own) showOwn(item, own);
  };
  root.addEventListener(
    "desk:changed",
    (event) => {
      /** @type {Message} */
      const message = /** @type {CustomEvent} */ (event).detail;
      take(message.number, message.own);
    },
    { signal },
  );
  talk.hear("message:own", ({ conversation_id: id, number, own }) => id === talk.id && take(number, own));
}
