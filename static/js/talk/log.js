// The list of messages: ordered by number, none twice, what is not stored yet at the end.
import { day, dayKey, showMoments } from "../shell/moments.js";
import { copyTemplate } from "../shell/texts.js";
import { showFiles, showOnTheWay } from "./files.js";
import { markMentions } from "./mention.js";
import { showCovered } from "./numbers.js";
import { showBeside } from "./reactions.js";
import { forgetQuotes, showQuote } from "./reply.js";
import { showState } from "./state.js";

/** @typedef {import("../types").Entry} Entry */
/** @typedef {import("../types").Message} Message */

const together = 5 * 60 * 1000;

export class Log {
  /**
   * @param {HTMLElement} root
   * @param {string} myId
   */
  constructor(root, myId) {
    this.root = root;
    this.myId = myId;
    this.element = /** @type {HTMLElement} */ (root.querySelector("[data-log]"));
    /** @type {Map<number, HTMLElement>} */
    this.numbered = new Map();
    /** @type {Map<string, HTMLElement>} */
    this.pending = new Map();
    for (const item of this.items()) {
      const number = Number(item.dataset.number);
      if (number) this.numbered.set(number, item);
      else item.remove();
    }
    this.arrange();
  }

  /** @returns {HTMLElement[]} */
  items() {
    return /** @type {HTMLElement[]} */ ([...this.element.querySelectorAll("[data-message]")]);
  }

  /** The lowest number on the page, or 0. */
  first() {
    return this.numbered.size ? Math.min(...this.numbered.keys()) : 0;
  }

  /** The highest number up to which nothing is missing. */
  contiguous() {
    let number = this.first();
    while (this.numbered.has(number + 1)) number += 1;
    return number;
  }

  /**
   * Puts a stored message where its number belongs.
   * @param {Message} message
   * @returns {boolean} whether it is new on this page
   */
  add(message) {
    const waiting = message.client_id ? this.pending.get(message.client_id) : undefined;
    if (this.numbered.has(message.number)) {
      if (waiting) this.forget(/** @type {string} */ (message.client_id));
      return false;
    }
    const item = waiting ?? this.make(message);
    if (waiting) this.pending.delete(/** @type {string} */ (message.client_id));
    this.fill(item, message);
    this.numbered.set(message.number, item);
    this.place(item, message.number);
    return true;
  }

  /**
   * Shows what has become of a message that stands here; an older state than the one shown changes nothing.
   * @param {Message} message
   */
  change(message) {
    const item = this.numbered.get(message.number);
    if (message.taken_back_at) forgetQuotes(this.element, message.number);
    if (item && Number(item.dataset.change) < message.change) this.fill(item, message);
    this.root.dispatchEvent(new CustomEvent("desk:changed", { detail: message }));
  }

  /**
   * Shows something written that is not stored yet.
   * @param {Entry} entry
   */
  addPending(entry) {
    if (this.pending.has(entry.client_id)) return;
    const item = this.make({ kind: "text" });
    this.fill(item, {
      kind: "text",
      body: entry.body,
      at: new Date(entry.order).toISOString(),
      sender_id: this.myId,
      sender_name: "",
      initials: "",
      level: "",
      number: 0,
      reply_to: this.quoteOf(entry.carried?.reply),
      mentions: entry.carried?.mentions ?? [],
      mentions_all: entry.carried?.mentions_all ?? false,
    });
    item.dataset.client = entry.client_id;
    showOnTheWay(this.root, item, entry);
    this.pending.set(entry.client_id, item);
    this.element.append(item);
    this.arrange();
  }

  /**
   * What a message that is not stored yet quotes.
   * @param {import("../types").Replied | undefined} replied
   * @returns {import("../types").Quote | null}
   */
  quoteOf(replied) {
    if (!replied) return null;
    const number = Number(replied.number);
    const isGone = this.numbered.get(number)?.hasAttribute("data-gone") ?? false;
    return { number, sender_name: replied.name, body: replied.words, is_gone: isGone, is_covered: false };
  }

  /**
   * Takes away something that is not to be sent any more.
   * @param {string} clientId
   */
  forget(clientId) {
    this.pending.get(clientId)?.remove();
    this.pending.delete(clientId);
    this.arrange();
  }

  /**
   * @param {{ kind: string }} message
   * @returns {HTMLElement}
   */
  make(message) {
    const name = message.kind === "note" ? "[data-note-template]" : "[data-message-template]";
    const item = copyTemplate(this.root, name);
    item.classList.add("arrives");
    return item;
  }

  /**
   * Writes a message into its element; always as text, never as markup.
   * @param {HTMLElement} item
   * @param {import("./state.js").Shown} message
   */
  fill(item, message) {
    item.dataset.number = message.number ? String(message.number) : "";
    item.dataset.sender = message.sender_id ?? "";
    item.dataset.at = message.at;
    delete item.dataset.client;
    if (message.kind === "note") {
      item.textContent = message.body;
      return;
    }
    item.dataset.mine = String(message.sender_id === this.myId);
    /** @param {string} selector @param {string} words */
    const write = (selector, words) => {
      const part = item.querySelector(selector);
      if (part) part.textContent = words;
    };
    showFiles(this.root, item, message.files ?? [], message.body);
    showCovered(item, message.is_covered ?? false);
    showBeside(this.root, item, message);
    write(".message-head strong", message.sender_name);
    write(".avatar", message.initials);
    item.querySelector(".avatar")?.setAttribute("data-level", message.level);
    const time = item.querySelector("time");
    if (time) time.dateTime = message.at;
    showState(item, message);
    showQuote(item, message.reply_to);
    markMentions(item, message, this.myId, this.root.dataset.everybody);
    showMoments(item);
  }

  /**
   * Moves an element to its place by number.
   * @param {HTMLElement} item
   * @param {number} number
   */
  place(item, number) {
    let before = number - 1;
    const lowest = this.first();
    while (before >= lowest && !this.numbered.has(before)) before -= 1;
    const previous = before >= lowest && before > 0 ? this.numbered.get(before) : undefined;
    if (previous) {
      if (previous.nextElementSibling !== item) previous.after(item);
    } else {
      const next = this.items().find((other) => other !== item);
      if (next) next.before(item);
      else this.element.append(item);
    }
    this.arrange();
  }

  /** Draws together what one person wrote in a row, and says where a new day begins. */
  arrange() {
    cancelAnimationFrame(this.frame ?? 0);
    this.frame = requestAnimationFrame(() => {
      for (const line of this.element.querySelectorAll("[data-day]")) line.remove();
      /** @type {HTMLElement | undefined} */
      let before;
      for (const item of this.items()) {
        const isNewDay = this.startsDay(item, before);
        item.classList.toggle("follows", !isNewDay && belongs(item, before));
        before = item.dataset.at ? item : before;
      }
    });
  }

  /**
   * Puts a line with the day above the first message of a day; a conversation of one day that is today needs none.
   * @param {HTMLElement} item
   * @param {HTMLElement | undefined} before
   * @returns {boolean}
   */
  startsDay(item, before) {
    if (!item.dataset.at) return false;
    const key = dayKey(new Date(item.dataset.at));
    const earlier = before?.dataset.at ? dayKey(new Date(before.dataset.at)) : dayKey(new Date());
    if (key === earlier) return false;
    const line = document.createElement("p");
    line.className = "talk-day";
    line.dataset.day = key;
    line.textContent = day(new Date(item.dataset.at));
    item.before(line);
    return true;
  }
}

/**
 * Says whether a message follows the one before it closely enough to share its head.
 * @param {HTMLElement} item
 * @param {HTMLElement | undefined} before
 * @returns {boolean}
 */
function belongs(item, before) {
  if (!before || !item.dataset.sender || before.nextElementSibling !== item) return false;
  const apart = new Date(item.dataset.at ?? "").getTime() - new Date(before.dataset.at ?? "").getTime();
  return before.dataset.sender === item.dataset.sender && apart < together;
}
