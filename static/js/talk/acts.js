// What one does with a message that stands there: a menu at each message, by mouse, touch and keyboard.
import { tellText } from "../shell/notices.js";
import { text } from "../shell/texts.js";
import { exact } from "../shell/moments.js";

/** @typedef {import("../types").Message} Message */
/** @typedef {import("../types").Reply} Reply */
/** @typedef {import("../types").Sent} Sent */
/** @typedef {import("./composer.js").Composer} Composer */
/** @typedef {{ offers: (item: HTMLElement) => boolean, act: (item: HTMLElement) => void }} Deed */
/** @typedef {Reply & { body: string, texts: { body: string, until: string }[] }} Earlier */

/**
 * @param {HTMLElement} item
 * @returns {number}
 */
function numberOf(item) {
  return Number(item.dataset.number);
}

/**
 * Says whether a message was taken back.
 * @param {HTMLElement} item
 */
export function isGone(item) {
  return item.hasAttribute("data-gone");
}

export class Acts {
  /**
   * @param {HTMLElement} root
   * @param {Composer} composer
   * @param {AbortSignal} signal
   * @param {{ command: (name: string, payload: object) => Promise<any>, changed: (message: Message) => void }} house
   */
  constructor(root, composer, signal, house) {
    this.root = root;
    this.composer = composer;
    this.house = house;
    /** @type {HTMLElement} */
    this.menu = find(root, "[data-act-menu]");
    this.about = find(root, "[data-about]");
    /** @type {HTMLElement | null} */
    this.item = null;
    /** @type {{ number: number, draft: string } | null} */
    this.editing = null;
    /** @type {Map<string, Deed>} */
    this.deeds = new Map();
    this.addOwn();
    root.addEventListener("click", (event) => this.click(event), { signal });
    this.menu.addEventListener("keydown", (event) => this.press(event), { signal });
    document.addEventListener("pointerdown", (event) => this.away(event), { signal });
    addEventListener("resize", () => this.close(), { signal });
    root.addEventListener("scroll", () => this.close(), { signal, capture: true, passive: true });
    composer.field.addEventListener("keydown", (event) => this.leave(event), { signal, capture: true });
  }

  /** @param {Event} event */
  click(event) {
    const target = /** @type {Element} */ (event.target);
    const item = /** @type {HTMLElement | null} */ (target.closest("[data-message]"));
    if (target.closest("[data-about-cancel]")) this.stopEditing();
    else if (target.closest("[data-earlier]") && item) this.showEarlier(item);
    else if (target.closest("[data-more]") && item) this.open(item);
    const wish = target.closest("[data-do]")?.getAttribute("data-do");
    if (!wish || !this.item) return;
    const chosen = this.item;
    this.close();
    this.deeds.get(wish)?.act(chosen);
  }

  /**
   * Registers what may be done with a message; the server decides, `offers` only leaves out what it would refuse.
   * @param {string} name as the button in the menu says it in data-do
   * @param {Deed} deed
   */
  add(name, deed) {
    this.deeds.set(name, deed);
  }

  addOwn() {
    this.add("edit", {
      offers: (item) => this.isMine(item) && this.age(item) < Number(this.root.dataset.editSeconds),
      act: (item) => this.edit(item),
    });
    this.add("earlier", {
      offers: (item) => !isGone(item) && !find(item, "[data-earlier]").hidden,
      act: (item) => this.showEarlier(item),
    });
    this.add("take-back", {
      offers: (item) => this.isMine(item) && this.age(item) < Number(this.root.dataset.takeBackSeconds),
      act: (item) => this.ask("message:take-back", item),
    });
  }

  /**
   * Says whether a message is mine to change.
   * @param {HTMLElement} item
   */
  isMine(item) {
    return item.dataset.mine === "true" && this.root.dataset.mayWrite === "true" && !isGone(item);
  }

  /**
   * Seconds since a message was sent.
   * @param {HTMLElement} item
   */
  age(item) {
    return (Date.now() - new Date(item.dataset.at ?? "").getTime()) / 1000;
  }

  /** @param {HTMLElement} item */
  open(item) {
    const again = this.item === item;
    this.close();
    if (again || !numberOf(item)) return;
    for (const button of this.items()) button.hidden = !this.deeds.get(button.dataset.do ?? "")?.offers(item);
    find(this.menu, "[data-act-none]").hidden = this.shown().length > 0;
    this.item = item;
    this.menu.hidden = false;
    const more = this.more();
    more?.setAttribute("aria-expanded", "true");
    this.place(more ?? item);
    this.shown()[0]?.focus();
  }

  /** @param {HTMLElement} anchor */
  place(anchor) {
    const at = anchor.getBoundingClientRect();
    const { width, height } = this.menu.getBoundingClientRect();
    const below = at.bottom + height + 8 < innerHeight;
    const top = below ? at.bottom + 4 : Math.max(8, at.top - height - 4);
    const begin = this.item?.dataset.mine === "true" ? at.right - width : at.left;
    const left = Math.min(Math.max(8, begin), innerWidth - width - 8);
    this.menu.style.top = `${top}px`;
    this.menu.style.left = `${left}px`;
  }

  /** @returns {HTMLElement[]} */
  items() {
    return [.../** @type {NodeListOf<HTMLElement>} */ (this.menu.querySelectorAll("[data-do]"))];
  }

  shown() {
    return this.items().filter((button) => !button.hidden);
  }

  /** @returns {HTMLElement | null | undefined} */
  more() {
    return this.item?.querySelector("[data-more]");
  }

  close() {
    if (this.menu.hidden) return;
    this.menu.hidden = true;
    this.more()?.setAttribute("aria-expanded", "false");
    this.item = null;
  }

  /** @param {KeyboardEvent} event */
  press(event) {
    const buttons = this.shown();
    const now = buttons.indexOf(/** @type {HTMLElement} */ (document.activeElement));
    /** @type {Record<string, number>} */
    const steps = { ArrowDown: now + 1, ArrowRight: now + 1, ArrowUp: now - 1, ArrowLeft: now - 1, Home: 0, End: -1 };
    if (event.key in steps) {
      event.preventDefault();
      buttons.at(steps[event.key] % buttons.length)?.focus();
    }
    if (event.key === "Escape" || event.key === "Tab") {
      event.preventDefault();
      event.stopPropagation();
      const more = this.more();
      this.close();
      more?.focus();
    }
  }

  /** @param {Event} event */
  away(event) {
    const target = /** @type {Element} */ (event.target);
    if (!this.menu.contains(target) && !target.closest?.("[data-more]")) this.close();
  }

  /**
   * Puts a message's text into the box, to be said otherwise.
   * @param {HTMLElement} item
   */
  async edit(item) {
    // From the server: here numbers of persons may stand covered.
    const body = (await this.earlier(item))?.body;
    if (!body) return;
    this.editing = { number: numberOf(item), draft: this.editing?.draft ?? this.composer.field.value };
    this.showAbout(text("editing", { words: body.slice(0, 60) }));
    this.composer.set(body);
    this.composer.field.focus();
  }

  stopEditing() {
    if (!this.editing) return;
    this.composer.set(this.editing.draft);
    this.editing = null;
    this.about.hidden = true;
    this.composer.field.focus();
  }

  /** @param {string} words */
  showAbout(words) {
    find(this.about, "[data-about-words]").textContent = words;
    this.about.hidden = false;
  }

  /** @param {KeyboardEvent} event */
  leave(event) {
    if (event.key !== "Escape" || this.about.hidden) return;
    event.stopImmediatePropagation();
    this.stopEditing();
  }

  /**
   * Takes what was written where it is to change a message.
   * @param {string} body
   * @returns {boolean} whether it was meant so
   */
  takes(body) {
    const { editing } = this;
    if (!editing) return false;
    this.say("message:edit", { number: editing.number, body }).then((isDone) => {
      if (isDone && this.editing === editing) this.stopEditing();
      else if (!isDone) this.composer.set(body);
    });
    return true;
  }

  /**
   * @param {string} name
   * @param {HTMLElement} item
   * @param {object} [more]
   */
  ask(name, item, more = {}) {
    return this.say(name, { number: numberOf(item), ...more });
  }

  /**
   * Does an act; a refusal is told in the server's words.
   * @param {string} name
   * @param {object} payload
   * @returns {Promise<boolean>}
   */
  async say(name, payload) {
    /** @type {Sent} */
    let reply;
    try {
      reply = await this.house.command(name, payload);
    } catch {
      tellText(text("act-offline"), "overdue");
      return false;
    }
    if (reply.message) this.house.changed(reply.message);
    if (!reply.ok) tellText(reply.error?.message ?? text("fault"), "overdue");
    return reply.ok;
  }

  /**
   * Asks what a message says and said before.
   * @param {HTMLElement} item
   * @returns {Promise<Earlier | null>}
   */
  async earlier(item) {
    try {
      /** @type {Earlier} */
      const reply = await this.house.command("message:earlier", { number: numberOf(item) });
      if (reply.ok) return reply;
      tellText(reply.error?.message ?? text("fault"), "overdue");
    } catch {
      tellText(text("act-offline"), "overdue");
    }
    return null;
  }

  /**
   * Shows what a message said before.
   * @param {HTMLElement} item
   */
  async showEarlier(item) {
    const reply = await this.earlier(item);
    if (!reply) return;
    const list = find(this.root, "[data-earlier-texts]");
    list.replaceChildren(
      ...reply.texts.map(({ body, until }) => {
        const line = document.createElement("li");
        const when = document.createElement("small");
        const words = document.createElement("p");
        when.textContent = text("earlier-until", { time: exact(new Date(until)) });
        words.textContent = body;
        line.append(when, words);
        return line;
      }),
    );
    /** @type {HTMLDialogElement} */ (find(this.root, "[data-earlier-dialog]")).showModal();
  }
}

/**
 * @param {ParentNode} root
 * @param {string} selector
 * @returns {HTMLElement}
 */
function find(root, selector) {
  return /** @type {HTMLElement} */ (root.querySelector(selector));
}
