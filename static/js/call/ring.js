// A call that rings: a card on every page of the person, a tone where the browser lets one sound, and a desktop notice.
import { copyTemplate } from "../shell/texts.js";
import { initialsOf, words } from "./words.js";

/** @typedef {import("./types").Call} Call */

/** A tone that comes and goes; a browser that wants a click first stays silent. */
export class Tone {
  constructor() {
    this.timer = 0;
    /** @type {AudioContext | null} */
    this.context = null;
  }

  /** @param {number} loudness */
  start(loudness) {
    if (this.timer || !("AudioContext" in window)) return;
    this.context = new AudioContext();
    const sound = () => {
      const { context } = this;
      if (context?.state !== "running") return;
      const [tone, volume] = [context.createOscillator(), context.createGain()];
      tone.frequency.value = 440;
      volume.gain.value = loudness;
      tone.connect(volume).connect(context.destination);
      tone.start();
      tone.stop(context.currentTime + 0.9);
    };
    sound();
    this.timer = window.setInterval(sound, 3000);
  }

  stop() {
    clearInterval(this.timer);
    this.timer = 0;
    this.context?.close().catch(() => {});
    this.context = null;
  }
}

export class Ring {
  /**
   * @param {HTMLElement} root
   * @param {{ accept: (call: Call, withVideo: boolean) => void, decline: (call: Call) => void }} acts
   */
  constructor(root, acts) {
    this.root = root;
    this.place = /** @type {HTMLElement} */ (root.querySelector("[data-call-rings]"));
    this.acts = acts;
    this.tone = new Tone();
    /** @type {Map<string, { card: HTMLElement, timer: number }>} */
    this.cards = new Map();
  }

  /** @param {Call} call */
  show(call) {
    if (this.cards.has(call.call_id)) return;
    const card = copyTemplate(this.root, "[data-ring-template]");
    const name = call.people.find((one) => one.account_id === call.started_by)?.name ?? "";
    card.dataset.ring = call.call_id;
    const others = call.people.length - 2;
    write(card, "[data-ring-name]", name);
    write(card, "[data-ring-kind]", words(others > 0 ? `${call.kind}-group` : call.kind, { count: others }));
    write(card, ".avatar", initialsOf(name));
    const onlyVoice = /** @type {HTMLElement} */ (card.querySelector('[data-ring-act="voice"]'));
    onlyVoice.hidden = call.kind === "voice";
    card.addEventListener("click", (event) => this.act(call, event));
    // Longer than the house lets it ring: the word that it is over may have been lost.
    const timer = window.setTimeout(() => this.hide(call.call_id), 60_000 - call.seconds * 1000);
    this.cards.set(call.call_id, { card, timer });
    this.place.append(card);
    this.tone.start(0.12);
    announce(name, words(call.kind), call.call_id);
  }

  /**
   * @param {Call} call
   * @param {Event} event
   */
  act(call, event) {
    const wish = /** @type {Element} */ (event.target).closest("[data-ring-act]")?.getAttribute("data-ring-act");
    if (!wish) return;
    this.hide(call.call_id);
    if (wish === "decline") this.acts.decline(call);
    else this.acts.accept(call, wish === "accept" && call.kind === "video");
  }

  /** @param {string} callId */
  hide(callId) {
    const found = this.cards.get(callId);
    if (!found) return;
    clearTimeout(found.timer);
    found.card.remove();
    this.cards.delete(callId);
    if (!this.cards.size) this.tone.stop();
  }

  hideAll() {
    for (const callId of [...this.cards.keys()]) this.hide(callId);
  }
}

/**
 * @param {HTMLElement} card
 * @param {string} selector
 * @param {string} content
 */
function write(card, selector, content) {
  const part = card.querySelector(selector);
  if (part) part.textContent = content;
}

/**
 * Shows a desktop notice while the page is not looked at.
 * @param {string} name
 * @param {string} kind
 * @param {string} tag
 */
function announce(name, kind, tag) {
  const isWanted = document.visibilityState === "hidden" && "Notification" in window;
  if (!isWanted || Notification.permission !== "granted") return;
  const notice = new Notification(name, { body: kind, tag });
  notice.onclick = () => {
    window.focus();
    notice.close();
  };
}
