// Scrolling of a conversation: who stands at the end stays there; who reads above is not moved, only told.
import { text } from "../shell/texts.js";

const near = 90;
const wantsCalm = matchMedia("(prefers-reduced-motion: reduce)");

export class Scroll {
  /**
   * @param {HTMLElement} root
   * @param {HTMLElement} log
   * @param {AbortSignal} signal
   */
  constructor(root, log, signal) {
    this.log = log;
    this.button = /** @type {HTMLElement} */ (root.querySelector("[data-news]"));
    this.scrollsItself = getComputedStyle(log).overflowY === "auto";
    this.count = 0;
    const source = this.scrollsItself ? log : window;
    source.addEventListener("scroll", () => this.moved(), { passive: true, signal });
    this.button.addEventListener("click", () => this.toEnd(true), { signal });
    const composer = root.querySelector("[data-writing]");
    const sizes = new ResizeObserver(() => {
      root.style.setProperty("--composer", `${composer?.clientHeight ?? 0}px`);
    });
    if (composer) sizes.observe(composer);
    this.wasAtEnd = this.isAtEnd();
    // What is pinned above, or a box that grows, takes room from the list: who stood at the end stands there still.
    const room = new ResizeObserver(() => {
      if (this.scrollsItself && this.wasAtEnd) this.toEnd();
    });
    room.observe(log);
    signal.addEventListener("abort", () => [sizes, room].forEach((observer) => observer.disconnect()));
  }

  /** @returns {Element} */
  scroller() {
    return this.scrollsItself ? this.log : /** @type {Element} */ (document.scrollingElement);
  }

  /** Says whether the reader stands at the end. */
  isAtEnd() {
    const { scrollHeight, scrollTop, clientHeight } = this.scroller();
    return scrollHeight - scrollTop - clientHeight < near;
  }

  /**
   * Goes to the newest message.
   * @param {boolean} [isSmooth]
   */
  toEnd(isSmooth = false) {
    const scroller = this.scroller();
    scroller.scrollTo({ top: scroller.scrollHeight, behavior: isSmooth && !wantsCalm.matches ? "smooth" : "auto" });
    this.clear();
  }

  /**
   * Keeps the reader's place while something is added: at the end one stays at the end, above nothing moves.
   * @param {() => number} add gives how many messages of others were added
   * @param {boolean} [isMine]
   */
  around(add, isMine = false) {
    const wasAtEnd = this.isAtEnd();
    const height = this.scroller().scrollHeight;
    const added = add();
    requestAnimationFrame(() => {
      // A page that has just come and has nothing new to show does not move.
      const hasGrown = this.scroller().scrollHeight !== height;
      if (isMine || (wasAtEnd && hasGrown)) this.toEnd();
      else if (added && !wasAtEnd) this.tell(added);
    });
  }

  /** @param {number} added */
  tell(added) {
    this.count += added;
    const words = this.button.querySelector("span");
    if (words) words.textContent = text("news", { count: this.count });
    this.button.hidden = false;
  }

  moved() {
    this.wasAtEnd = this.isAtEnd();
    if (this.wasAtEnd) this.clear();
  }

  clear() {
    this.count = 0;
    this.button.hidden = true;
  }
}
