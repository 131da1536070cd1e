// A conversation opened at an older message: what came after it is fetched as it is wanted, and not all at once.

/** @typedef {import("./log.js").Log} Log */

/** Past every number: whoever asks for what came after it hears only how things stand. */
export const pastEverything = 2147483647;

/**
 * Goes to a message of this page, and marks it as the one that was looked for.
 * @param {Log} log
 * @param {number} number
 * @returns {boolean} whether it stands here
 */
export function seek(log, number) {
  const item = log.numbered.get(number);
  if (!item) return false;
  for (const other of log.items()) other.classList.toggle("is-sought", other === item);
  item.tabIndex = -1;
  item.scrollIntoView({ block: "center" });
  item.focus({ preventScroll: true });
  return true;
}

export class Behind {
  /**
   * @param {HTMLElement} root
   * @param {Log} log
   */
  constructor(root, log) {
    this.root = root;
    this.log = log;
    this.acts = root.querySelector("[data-behind-acts]");
  }

  /** Says whether messages are missing between the last one shown and the newest. */
  holds() {
    return this.root.dataset.behind === "true";
  }

  /** Nothing is missing any more. */
  end() {
    this.root.dataset.behind = "false";
    this.acts?.setAttribute("hidden", "");
  }

  /**
   * Goes to the message that was asked for.
   * @returns {boolean} whether one was
   */
  showSought() {
    return seek(this.log, Number(this.root.dataset.at));
  }

  /**
   * Fetches what comes next; the reader stays at the message read last.
   * @param {(after: number) => Promise<{ more: boolean }>} ask
   */
  async showNewer(ask) {
    const last = this.log.numbered.get(this.log.contiguous());
    const page = await ask(this.log.contiguous());
    requestAnimationFrame(() => last?.scrollIntoView({ block: "center" }));
    if (!page.more) this.end();
  }
}
