// Calling people by name: the list that opens behind an @, and names in messages drawn as what they are.
import { readDraft, writeDraft } from "../shell/drafts.js";
import { copyTemplate } from "../shell/texts.js";

/** @typedef {import("../types").Carried} Carried */
/** @typedef {import("../types").Named} Named */
/** @typedef {{ account_id: string, name: string, initials: string, level: string }} Offered */

/** Stands for everybody among the accounts that were chosen. */
const everybody = "everybody";
const spelledEverybody = ["suoyouren", "syr", "all", "everybody"];
const before = /(?:^|[^A-Za-z0-9_.@])@([^\s@]{0,20})$/;
const pause = 120;
const most = 20;

/**
 * Draws the names that a message calls; the text stays text.
 * @param {HTMLElement} item
 * @param {{ mentions?: Named[], mentions_all?: boolean, taken_back_at?: string | null }} message
 * @param {string} myId
 * @param {string} [all] what stands after the @ where everybody is called
 */
export function markMentions(item, message, myId, all = "") {
  const body = item.querySelector(".message-body");
  const named = new Map((message.mentions ?? []).map((one) => [one.name, one.account_id === myId ? "me" : "other"]));
  if (message.mentions_all && all) named.set(all, "me");
  if (!body || !named.size || message.taken_back_at) return;
  const names = [...named.keys()].sort((a, b) => b.length - a.length).map((name) => name.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  const pattern = new RegExp(`(@(?:${names.join("|")}))`);
  for (const node of [...body.childNodes]) {
    if (!(node instanceof Text)) continue;
    const parts = node.data.split(pattern).map((words, place) => {
      if (place % 2 === 0) return words;
      const mark = document.createElement("span");
      mark.className = "mention";
      mark.dataset.called = named.get(words.slice(1));
      mark.textContent = words;
      return mark;
    });
    node.replaceWith(...parts);
  }
}

/**
 * Says whether a message calls for its reader's attention: in a muted conversation only where it calls them.
 * @param {HTMLElement} root
 * @param {{ mentions?: Named[], mentions_all?: boolean }} message
 */
export function isForMe(root, message) {
  if (root.dataset.muted !== "true" || message.mentions_all) return true;
  return (message.mentions ?? []).some((one) => one.account_id === root.dataset.myId);
}

export class Mention {
  /**
   * @param {HTMLElement} root
   * @param {HTMLTextAreaElement} field
   * @param {(words: string) => Promise<any>} ask for the people of the conversation
   * @param {AbortSignal} signal
   */
  constructor(root, field, ask, signal) {
    this.root = root;
    this.field = field;
    this.ask = ask;
    this.key = `mention-${root.dataset.conversationId}`;
    this.list = /** @type {HTMLElement} */ (root.querySelector("[data-mention-list]"));
    this.status = /** @type {HTMLElement} */ (root.querySelector("[data-mention-status]"));
    /** @type {Record<string, string>} by name, the accounts that were chosen */
    this.chosen = readDraft(this.key) ?? {};
    this.all = root.dataset.everybody ?? "";
    this.at = 0;
    this.timer = 0;
    this.asked = 0;
    if (root.dataset.kind === "direct") return;
    field.setAttribute("aria-autocomplete", "list");
    field.setAttribute("aria-haspopup", "listbox");
    field.addEventListener("input", () => this.look(), { signal });
    field.addEventListener("click", () => this.look(), { signal });
    field.addEventListener("blur", () => this.close(), { signal });
    field.addEventListener("keydown", (event) => this.press(event), { signal, capture: true });
    // The box keeps the focus; a touch chooses as a click does.
    this.list.addEventListener("pointerdown", (event) => event.preventDefault(), { signal });
    this.list.addEventListener("click", (event) => this.click(event), { signal });
    signal.addEventListener("abort", () => clearTimeout(this.timer));
  }

  /** @returns {string | null} what stands between an @ and the cursor */
  begun() {
    const { selectionStart, selectionEnd, value } = this.field;
    if (selectionStart !== selectionEnd) return null;
    const found = before.exec(value.slice(0, selectionStart));
    return found?.[1] ?? null;
  }

  /** Looks whether a name is being written, and offers those whom it may mean. */
  look() {
    clearTimeout(this.timer);
    const words = this.begun();
    if (words === null) {
      this.close();
      return;
    }
    this.timer = window.setTimeout(() => this.offer(words), this.list.hidden ? 0 : pause);
  }

  /** @param {string} words */
  async offer(words) {
    this.asked += 1;
    const mine = this.asked;
    // Input methods put signs between the syllables while one writes.
    const plain = words.replaceAll("'", "");
    /** @type {{ ok: boolean, people: Offered[], may_call_all: boolean } | null} */
    const answer = await this.ask(plain).catch(() => null);
    if (mine !== this.asked || this.begun() !== words || document.activeElement !== this.field) return;
    const people = answer?.ok ? answer.people : [];
    this.show(answer?.ok && answer.may_call_all && this.meansAll(plain) ? [this.everyone(), ...people] : people);
  }

  /** @param {Offered[]} people */
  show(people) {
    this.list.replaceChildren(...people.map((one, place) => this.option(one, place)));
    this.list.hidden = people.length === 0;
    this.status.textContent = people.length ? (this.status.dataset.words ?? "").replace("{count}", String(people.length)) : "";
    if (this.list.hidden) this.close();
    else this.mark(0);
  }

  /**
   * @param {Offered} one
   * @param {number} place
   */
  option(one, place) {
    const option = copyTemplate(this.root, "[data-mention-template]");
    const avatar = /** @type {HTMLElement} */ (option.querySelector(".avatar"));
    option.id = `${this.list.id}-${place}`;
    option.dataset.account = one.account_id;
    option.dataset.name = one.name;
    avatar.textContent = one.initials;
    avatar.dataset.level = one.level;
    const name = /** @type {HTMLElement} */ (option.querySelector("[data-mention-name]"));
    name.textContent = one.account_id ? one.name : `@${one.name}`;
    return option;
  }

  /** @returns {HTMLElement[]} */
  options() {
    return /** @type {HTMLElement[]} */ ([...this.list.children]);
  }

  /** @param {number} place */
  mark(place) {
    const options = this.options();
    this.at = (place + options.length) % options.length;
    options.forEach((option, number) => option.setAttribute("aria-selected", String(number === this.at)));
    options[this.at]?.scrollIntoView({ block: "nearest" });
    this.field.setAttribute("aria-controls", this.list.id);
    this.field.setAttribute("aria-activedescendant", options[this.at]?.id ?? "");
  }

  close() {
    clearTimeout(this.timer);
    this.asked += 1;
    this.list.hidden = true;
    this.list.replaceChildren();
    this.status.textContent = "";
    this.field.removeAttribute("aria-activedescendant");
    this.field.removeAttribute("aria-controls");
  }

  /** @param {KeyboardEvent} event */
  press(event) {
    if (this.list.hidden || event.isComposing || event.keyCode === 229) return;
    /** @type {Record<string, () => void>} */
    const keys = {
      ArrowDown: () => this.mark(this.at + 1),
      ArrowUp: () => this.mark(this.at - 1),
      Enter: () => this.choose(this.options()[this.at]),
      Tab: () => this.choose(this.options()[this.at]),
      Escape: () => this.close(),
    };
    const act = keys[event.key];
    if (!act || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    act();
  }

  /** @param {Event} event */
  click(event) {
    const option = /** @type {Element} */ (event.target).closest("[role=option]");
    if (option instanceof HTMLElement) this.choose(option);
  }

  /**
   * Writes the name where the @ stands, and remembers whom it means.
   * @param {HTMLElement | undefined} option
   */
  choose(option) {
    const words = this.begun();
    if (!option || words === null) return;
    const end = this.field.selectionStart;
    const name = option.dataset.name ?? "";
    this.chosen[name] = option.dataset.account || everybody;
    writeDraft(this.key, this.chosen);
    this.close();
    this.field.setRangeText(`@${name} `, end - words.length - 1, end, "end");
    this.field.dispatchEvent(new Event("input", { bubbles: true }));
    this.field.focus();
  }

  /**
   * Hands over whom a text calls: those chosen whose name still stands in it.
   * @param {string} body
   * @returns {Pick<Carried, "mentions" | "mentions_all">}
   */
  take(body) {
    const standing = Object.entries(this.chosen).filter(([name]) => body.includes(`@${name}`));
    this.chosen = {};
    writeDraft(this.key, null);
    const mentions = standing.filter(([, id]) => id !== everybody).map(([name, id]) => ({ account_id: id, name }));
    const isForAll = standing.some(([, id]) => id === everybody);
    return {
      ...(mentions.length ? { mentions: mentions.slice(0, most) } : {}),
      ...(isForAll ? { mentions_all: true } : {}),
    };
  }

  /**
   * Takes up again whom a text called that comes back into the box.
   * @param {Carried | undefined} carried
   */
  restore(carried) {
    for (const { account_id: id, name } of carried?.mentions ?? []) this.chosen[name] = id;
    if (carried?.mentions_all) this.chosen[this.all] = everybody;
    writeDraft(this.key, this.chosen);
  }

  /** @returns {Offered} */
  everyone() {
    return { account_id: "", name: this.all, initials: "@", level: "" };
  }

  /** @param {string} words */
  meansAll(words) {
    const plain = words.toLowerCase();
    return this.all.startsWith(plain) || spelledEverybody.some((spelling) => spelling.startsWith(plain));
  }
}
