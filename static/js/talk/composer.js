// The box under a conversation: Enter sends, drafts stay, the others see that one is typing.
import { readDraft, writeDraft } from "../shell/drafts.js";
import { isSendKey } from "../shell/menus.js";
import { Attached } from "./attach.js";
import { coverNames, warn } from "./numbers.js";

const typingEvery = 2000;

export class Composer {
  /**
   * @param {HTMLElement} root
   * @param {AbortSignal} signal
   * @param {{ send: (body: string, files: File[]) => void, typing: (isTyping: boolean) => void }} acts
   */
  constructor(root, signal, acts) {
    this.acts = acts;
    this.root = root;
    this.attached = new Attached(root, signal);
    this.draft = `talk-${root.dataset.conversationId}`;
    this.form = /** @type {HTMLFormElement} */ (root.querySelector("[data-composer]"));
    this.field = /** @type {HTMLTextAreaElement} */ (root.querySelector("[data-write]"));
    this.field.value = this.startingText();
    this.toldAt = 0;
    this.fit();
    this.form.addEventListener("submit", (event) => this.submit(event), { signal });
    this.field.addEventListener("keydown", (event) => this.press(event), { signal });
    this.field.addEventListener("input", () => this.changed(), { signal });
    this.field.addEventListener("blur", () => this.rest(), { signal });
    this.form.dataset.ready = "";
    if (this.field.dataset.sendsAtOnce !== undefined) setTimeout(() => this.form.requestSubmit());
    delete this.field.dataset.sendsAtOnce;
  }

  /** The draft, and after it what was typed into this box before the scripts of the page were there. */
  startingText() {
    const draft = readDraft(this.draft)?.body ?? "";
    const typed = this.field.hasAttribute("data-touched") ? this.field.value : "";
    return typed.startsWith(draft) ? typed : draft + typed;
  }

  /** @param {Event} event */
  submit(event) {
    event.preventDefault();
    const body = this.field.value.trim();
    if (!body && !this.attached.files.length) {
      this.field.focus();
      return;
    }
    const names = this.attached.files.map((file) => file.name);
    warn(this.root, body, (text, coversNames) => this.go(text, coversNames), names);
  }

  /**
   * @param {string} body
   * @param {boolean} coversNames
   */
  go(body, coversNames) {
    this.set("");
    this.rest();
    const files = this.attached.take();
    this.acts.send(body, coversNames ? coverNames(files) : files);
  }

  /** @param {KeyboardEvent} event */
  press(event) {
    if (event.key === "Escape") this.field.blur();
    if (isSendKey(event)) this.submit(event);
  }

  changed() {
    writeDraft(this.draft, { body: this.field.value });
    this.fit();
    const now = Date.now();
    if (!this.field.value.trim()) this.rest();
    else if (now - this.toldAt > typingEvery) {
      this.toldAt = now;
      this.acts.typing(true);
    }
  }

  /** Takes the typing sign back. */
  rest() {
    if (!this.toldAt) return;
    this.toldAt = 0;
    this.acts.typing(false);
  }

  /**
   * Puts a text into the box.
   * @param {string} body
   */
  set(body) {
    this.field.value = body;
    writeDraft(this.draft, { body });
    this.fit();
    this.field.dispatchEvent(new CustomEvent("desk:draft"));
  }

  /** Lets the box grow with its text where the browser does not do so by itself. */
  fit() {
    if (CSS.supports("field-sizing", "content")) return;
    this.field.style.height = "auto";
    this.field.style.height = `${this.field.scrollHeight}px`;
  }
}
