// What has become of my messages: 发送中, 已存, 已送达, 已读; and what I have received and seen myself.
import { copyTemplate, icon, text } from "../shell/texts.js";

/** @typedef {import("../types").Entry} Entry */
/** @typedef {import("./log.js").Log} Log */

/** @typedef {"sending" | "waiting" | "stored" | "delivered" | "read" | "refused"} Mark */

/** @type {Record<Mark, string>} */
const icons = {
  sending: "clock",
  waiting: "wifi-off",
  stored: "check",
  delivered: "checks",
  read: "checks",
  refused: "alert-triangle",
};

/** @type {Record<Mark, string>} */
const words = {
  sending: "sending",
  waiting: "queued",
  stored: "stored",
  delivered: "delivered",
  read: "read",
  refused: "refused",
};

/**
 * Shows the state of one of my messages.
 * @param {HTMLElement} item
 * @param {Mark} mark
 * @param {string} [reason]
 */
export function showMark(item, mark, reason = "") {
  const place = item.querySelector(".message-mark");
  if (!(place instanceof HTMLElement) || (place.dataset.mark === mark && !reason)) return;
  place.hidden = false;
  place.dataset.mark = mark;
  item.dataset.mark = mark;
  const label = document.createElement("span");
  label.textContent = text(words[mark], { reason });
  place.replaceChildren(icon(icons[mark]), label);
}

/**
 * Shows a refused message with its reason and what can be done; it stays until the writer decides.
 * @param {HTMLElement} root
 * @param {HTMLElement} item
 * @param {Entry} entry
 */
export function showRefused(root, item, entry) {
  showMark(item, "refused", entry.reason);
  if (!item.querySelector(".message-acts")) {
    item.querySelector(".message-foot")?.append(copyTemplate(root, "[data-refused-template]"));
  }
}

/**
 * Says how many have read one of my messages in a group.
 * @param {HTMLElement} item
 * @param {number} count
 */
function countReaders(item, count) {
  const label = item.querySelector(".message-mark > span");
  if (label) label.textContent = text("read-by", { count });
}

export class Marks {
  /**
   * @param {Log} log
   * @param {string} myId
   * @param {boolean} [isGroup]
   */
  constructor(log, myId, isGroup = false) {
    this.log = log;
    this.myId = myId;
    this.isGroup = isGroup;
    /** @type {Map<string, [number, number]>} */
    this.others = new Map();
  }

  /**
   * Takes in how far somebody has got; marks only ever move forward.
   * @param {string} accountId
   * @param {number} delivered
   * @param {number} read
   */
  set(accountId, delivered, read) {
    if (accountId === this.myId) return;
    const [oldDelivered, oldRead] = this.others.get(accountId) ?? [0, 0];
    this.others.set(accountId, [Math.max(delivered, oldDelivered), Math.max(read, oldRead)]);
  }

  /**
   * Writes the states of my messages; only the last one says its state in words. In a group the words count readers.
   */
  show() {
    const others = [...this.others.values()];
    const delivered = Math.max(0, ...others.map(([number]) => number));
    const read = Math.max(0, ...others.map(([, number]) => number));
    /** @type {HTMLElement | undefined} */
    let last;
    for (const item of this.log.items()) {
      if (item.dataset.mine !== "true") continue;
      item.classList.remove("says-mark");
      last = item;
      const number = Number(item.dataset.number);
      if (!number) continue;
      showMark(item, number <= read ? "read" : number <= delivered ? "delivered" : "stored");
      if (this.isGroup && number <= read) countReaders(item, others.filter(([, seen]) => seen >= number).length);
    }
    last?.classList.add("says-mark");
  }
}

/** Watches which messages have really been on the screen. */
export class Reading {
  /**
   * @param {Log} log
   * @param {(delivered: number, read: number) => void} tell
   */
  constructor(log, tell) {
    this.log = log;
    this.tell = tell;
    this.seen = 0;
    this.told = [0, 0];
    /** @type {Set<Element>} */
    this.inSight = new Set();
    this.watched = new WeakSet();
    this.timer = 0;
    this.observer = new IntersectionObserver((changes) => this.look(changes), { threshold: 0.4 });
  }

  /** Watches messages that have come in. */
  watch() {
    for (const item of this.log.items()) {
      if (this.watched.has(item)) continue;
      this.watched.add(item);
      this.observer.observe(item);
    }
    this.plan();
  }

  /** @param {IntersectionObserverEntry[]} changes */
  look(changes) {
    for (const { target, isIntersecting } of changes) {
      if (isIntersecting) this.inSight.add(target);
      else this.inSight.delete(target);
    }
    this.plan();
  }

  /** Tells the server what has arrived and what has been read, at most a few times a second. */
  plan() {
    this.timer ||= window.setTimeout(() => {
      this.timer = 0;
      if (document.visibilityState === "visible") {
        const numbers = [...this.inSight].map((item) => Number(/** @type {HTMLElement} */ (item).dataset.number) || 0);
        this.seen = Math.max(this.seen, ...numbers);
      }
      const delivered = this.log.contiguous();
      const read = Math.min(this.seen, delivered);
      if (delivered <= this.told[0] && read <= this.told[1]) return;
      this.told = [delivered, read];
      this.tell(delivered, read);
    }, 200);
  }

  /** After a lost line everything is told again. */
  forget() {
    this.told = [0, 0];
    this.plan();
  }

  stop() {
    clearTimeout(this.timer);
    this.observer.disconnect();
  }
}
