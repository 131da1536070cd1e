// Who is typing; the sign goes by itself when nothing more is heard.
import { text } from "../shell/texts.js";

const goesAfter = 4000;

export class Typing {
  /** @param {HTMLElement} root */
  constructor(root) {
    this.line = /** @type {HTMLElement} */ (root.querySelector("[data-typing]"));
    this.name = /** @type {HTMLElement} */ (root.querySelector("[data-typing-name]"));
    /** @type {Map<string, { name: string, timer: number }>} */
    this.people = new Map();
  }

  /**
   * @param {string} accountId
   * @param {string} name
   * @param {boolean} isTyping
   */
  set(accountId, name, isTyping) {
    clearTimeout(this.people.get(accountId)?.timer);
    if (isTyping) {
      const timer = window.setTimeout(() => this.set(accountId, name, false), goesAfter);
      this.people.set(accountId, { name, timer });
    } else {
      this.people.delete(accountId);
    }
    const names = [...this.people.values()].map((person) => person.name);
    this.line.hidden = names.length === 0;
    const list = new Intl.ListFormat(document.documentElement.lang, { style: "short", type: "conjunction" });
    this.name.textContent = names.length ? text("typing", { name: list.format(names) }) : "";
  }

  stop() {
    for (const { timer } of this.people.values()) clearTimeout(timer);
  }
}
