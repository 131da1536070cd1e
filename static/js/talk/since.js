// Where one left off: a line above the first message that was unread when the conversation was opened.
import { copyTemplate } from "../shell/texts.js";

/** @typedef {import("./log.js").Log} Log */

export class Since {
  /**
   * @param {HTMLElement} root
   * @param {Log} log
   * @param {(url: string) => void} visit
   * @param {AbortSignal} signal
   */
  constructor(root, log, visit, signal) {
    this.root = root;
    this.log = log;
    this.visit = visit;
    this.jumper = /** @type {HTMLElement} */ (root.querySelector("[data-since-jump]"));
    this.key = `since:${root.dataset.conversationId}`;
    // A page that was opened by the jump: by now the end has been read, and the server knows of nothing new.
    const asked = Number(sessionStorage.getItem(this.key));
    sessionStorage.removeItem(this.key);
    this.first = asked || Number(this.jumper.dataset.first);
    this.jumper.querySelector("button")?.addEventListener("click", () => this.jump(), { signal });
    document.addEventListener("desk:first-unread", () => this.jump(), { signal });
  }

  /**
   * Shows the line if its message stands on the page, else the way to it.
   * @returns {HTMLElement | null} the line
   */
  show() {
    const item = this.first ? this.log.numbered.get(this.first) : undefined;
    this.jumper.hidden = !this.first || this.log.first() <= this.first;
    const there = /** @type {HTMLElement | null} */ (this.root.querySelector("[data-since]"));
    if (!item || there) return there;
    const line = copyTemplate(this.root, "[data-since-template]");
    item.before(line);
    this.log.arrange();
    return line;
  }

  /**
   * Opens the page at the line.
   * @returns {boolean} whether there is one
   */
  open() {
    const line = this.show();
    line?.scrollIntoView({ block: "start" });
    return Boolean(line);
  }

  /** Goes to the line, by button or key. */
  jump() {
    const line = this.show();
    if (line) {
      line.scrollIntoView({ block: "start" });
      line.focus({ preventScroll: true });
    } else if (this.first) {
      sessionStorage.setItem(this.key, String(this.first));
      this.visit(`${location.pathname}?at=${this.first}`);
    }
  }
}
