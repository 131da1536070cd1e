// Replying to a message: the strip above the box, what is quoted in a bubble, and the way back to what is quoted.
import { readDraft, writeDraft } from "../shell/drafts.js";
import { tellText } from "../shell/notices.js";
import { isGone } from "./acts.js";
import { seek } from "./behind.js";

/** @typedef {import("../types").Quote} Quote */
/** @typedef {import("../types").Replied} Replied */
/** @typedef {import("./acts.js").Acts} Acts */
/** @typedef {import("./log.js").Log} Log */

const longestQuote = 500;
const excerpt = 120;

/**
 * @param {ParentNode} root
 * @param {string} selector
 */
function find(root, selector) {
  return /** @type {HTMLElement} */ (root.querySelector(selector));
}

/**
 * Shows what a message quotes; always as text.
 * @param {HTMLElement} item
 * @param {Quote | null | undefined} quote
 */
export function showQuote(item, quote) {
  const place = /** @type {HTMLElement | null} */ (item.querySelector("[data-quote]"));
  if (!place) return;
  place.hidden = !quote;
  place.dataset.to = quote ? String(quote.number) : "";
  find(place, "[data-quote-name]").textContent = quote?.sender_name ?? "";
  find(place, "[data-quote-words]").textContent = (quote?.is_gone ? place.dataset.goneWords : quote?.body) ?? "";
}

/**
 * Takes the words of a message that was taken back out of every quote on the page.
 * @param {HTMLElement} log
 * @param {number} number
 */
export function forgetQuotes(log, number) {
  for (const place of log.querySelectorAll(`[data-quote][data-to="${number}"]`)) {
    find(place, "[data-quote-words]").textContent = /** @type {HTMLElement} */ (place).dataset.goneWords ?? "";
  }
  log.dispatchEvent(new CustomEvent("desk:gone", { detail: number }));
}

/**
 * Says what of a message's text is selected, as it stands there.
 * @param {Element} item
 */
function selectedIn(item) {
  const selection = getSelection();
  if (!selection?.rangeCount || selection.isCollapsed) return "";
  const range = selection.getRangeAt(0);
  const body = item.querySelector(".message-body");
  return body?.contains(range.commonAncestorContainer) ? range.toString().trim() : "";
}

export class Reply {
  /**
   * @param {HTMLElement} root
   * @param {Log} log
   * @param {Acts} acts
   * @param {(url: string) => void} visit
   * @param {AbortSignal} signal
   */
  constructor(root, log, acts, visit, signal) {
    this.root = root;
    this.log = log;
    this.field = acts.composer.field;
    this.visit = visit;
    this.key = `reply-${root.dataset.conversationId}`;
    this.strip = find(root, "[data-reply]");
    /** @type {Replied | null} */
    this.replied = null;
    /** @type {{ item: Element, quote: string } | null} */
    this.picked = null;
    acts.add("reply", { offers: (item) => this.offers(item), act: (item) => this.begin(item) });
    root.addEventListener("pointerdown", (event) => this.pick(event), { signal, capture: true });
    root.addEventListener("click", (event) => this.click(event), { signal });
    this.field.addEventListener("keydown", (event) => this.leave(event), { signal, capture: true });
    document.addEventListener("desk:reply", () => this.beginByKey(), { signal });
    log.element.addEventListener("desk:gone", (event) => this.lose(/** @type {CustomEvent} */ (event).detail), { signal });
    this.set(/** @type {Replied | null} */ (readDraft(this.key)));
  }

  /** @param {HTMLElement} item */
  offers(item) {
    return Boolean(Number(item.dataset.number)) && !isGone(item) && this.root.dataset.mayWrite === "true";
  }

  /**
   * Remembers what is selected before a press on the menu's button takes the selection away.
   * @param {Event} event
   */
  pick(event) {
    const target = /** @type {Element} */ (event.target);
    const item = target.closest("[data-more]")?.closest("[data-message]");
    if (item) this.picked = { item, quote: selectedIn(item) };
    else if (!target.closest("[data-act-menu]")) this.picked = null;
  }

  /** @param {Event} event */
  click(event) {
    const target = /** @type {Element} */ (event.target);
    const quote = /** @type {HTMLElement | null} */ (target.closest("[data-quote]"));
    if (quote) this.jump(Number(quote.dataset.to));
    if (!target.closest("[data-reply-cancel]")) return;
    this.set(null);
    this.field.focus();
  }

  /**
   * Goes to a message, on this page or on one around it.
   * @param {number} number
   */
  jump(number) {
    if (!seek(this.log, number)) this.visit(`${location.pathname}?at=${number}`);
  }

  /** Replies to the message with the focus or the selection, else to the last one of others. */
  beginByKey() {
    const items = this.log.items().filter((item) => item.querySelector("[data-more]") && this.offers(item));
    const item =
      items.find((one) => selectedIn(one)) ??
      items.find((one) => one.contains(document.activeElement)) ??
      items.filter((one) => one.dataset.mine !== "true").at(-1);
    if (item) this.begin(item);
  }

  /** @param {HTMLElement} item */
  begin(item) {
    const selected = selectedIn(item) || (this.picked?.item === item ? this.picked.quote : "");
    const signs = [...selected];
    if (signs.length > longestQuote) tellText(this.words("[data-quote-cut]"), "waiting");
    const quote = signs.slice(0, longestQuote).join("").trim();
    const body = item.querySelector(".message-body")?.textContent ?? "";
    this.picked = null;
    this.set({
      number: item.dataset.number ?? "",
      name: this.nameOf(item),
      words: quote || [...body].slice(0, excerpt).join(""),
      quote,
    });
    this.field.focus();
  }

  /** @param {HTMLElement} item */
  nameOf(item) {
    return item.querySelector(".message-head strong")?.textContent ?? "";
  }

  /** @param {string} selector */
  words(selector) {
    return this.root.querySelector(selector)?.textContent ?? "";
  }

  /**
   * Shows what is replied to above the box, and keeps it with the draft; nothing is replied to with null.
   * @param {Replied | null | undefined} replied
   */
  set(replied) {
    const original = this.log.numbered.get(Number(replied?.number));
    // Kept from before, or come back with a refused message: meanwhile it may have been taken back.
    this.replied = replied && !(original && isGone(original)) ? replied : null;
    writeDraft(this.key, this.replied && { ...this.replied });
    this.field.dispatchEvent(new CustomEvent("desk:draft"));
    this.strip.hidden = !this.replied;
    find(this.strip, "[data-reply-name]").textContent = this.replied?.name ?? "";
    find(this.strip, "[data-reply-words]").textContent = this.replied?.words ?? "";
  }

  /**
   * Hands over what the next message replies to.
   * @returns {{ reply?: Replied }}
   */
  take() {
    const { replied } = this;
    this.set(null);
    return replied ? { reply: replied } : {};
  }

  /**
   * What is replied to was taken back.
   * @param {number} number
   */
  lose(number) {
    if (Number(this.replied?.number) !== number) return;
    this.set(null);
    tellText(this.words("[data-reply-gone]"), "waiting");
  }

  /** @param {KeyboardEvent} event */
  leave(event) {
    if (event.key !== "Escape" || !this.replied || event.isComposing) return;
    event.stopImmediatePropagation();
    this.set(null);
  }
}
