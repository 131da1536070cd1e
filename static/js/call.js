// Calls on every page: what rings, the one that this page is in, and the way back into it after a reload.
import { choosePeople } from "./call/choice.js";
import { Ring } from "./call/ring.js";
import { words } from "./call/words.js";
import { tellText } from "./shell/notices.js";
import { newId } from "./shell/outbox.js";
import { copyTemplate } from "./shell/texts.js";

/** @typedef {import("./call/types").Call} Call */
/** @typedef {import("./call/types").Calls} Mine */
/** @typedef {import("./call/types").Joined} Joined */
/** @typedef {import("./call/talk.js").Talk} Talk */
/** @typedef {import("./types").Shell} Shell */

const kept = "call-in";

class Calls {
  /**
   * @param {HTMLElement} root
   * @param {Shell} shell
   * @param {AbortSignal} signal
   */
  constructor(root, shell, signal) {
    this.root = root;
    this.shell = shell;
    this.signal = signal;
    this.device = newId();
    /** @type {Talk | null} */
    this.talk = null;
    this.isChoosing = false;
    this.isOpening = false;
    /** @type {HTMLElement | null} */
    this.back = null;
    this.ring = new Ring(root, {
      accept: (call, withVideo) => this.accept(call, withVideo),
      decline: (call) => this.send("call:decline", { call_id: call.call_id }),
    });
  }

  start() {
    this.hear("connect", () => this.look());
    this.hear("call:ringing", (call) => this.rings(call));
    this.hear("call:changed", (call) => this.changed(call));
    this.hear("call:signal", (packet) => {
      if (this.talk && (!this.talk.call || this.talk.call.call_id === packet.call_id)) this.talk.hear(packet);
    });
    document.addEventListener("click", (event) => this.press(event), { signal: this.signal, capture: true });
    if (this.shell.line.isUp()) this.look();
  }

  /**
   * @param {string} name
   * @param {(payload: any) => void} handle
   */
  hear(name, handle) {
    const { socket } = this.shell.line;
    socket.on(name, handle);
    this.signal.addEventListener("abort", () => socket.off(name, handle));
  }

  /**
   * Sends a command; a refusal is told, unless it is one that the caller can do something about.
   * @template {import("./types").Reply} T
   * @param {string} name
   * @param {object} payload
   * @param {string} [expected] the code of that refusal, which comes back
   * @returns {Promise<T | null>}
   */
  async send(name, payload, expected) {
    try {
      /** @type {T} */
      const reply = await this.shell.line.command(name, payload);
      if (reply.ok || (expected && reply.error?.code === expected)) return reply;
      tellText(reply.error?.message ?? words("not-called"), "overdue");
    } catch {
      tellText(words("not-called"), "overdue");
    }
    return null;
  }

  /** After each connect: what rings, and whether this page or the one before its reload is in a call. */
  async look() {
    const inside = this.talk?.call;
    if (inside) await this.resume(inside);
    /** @type {Mine} */
    let reply;
    try {
      reply = await this.shell.line.command("call:mine", {});
    } catch {
      return; // The line went; the next connect looks again.
    }
    if (!reply.ok) return;
    const open = new Set(reply.calls.map((call) => call.call_id));
    for (const callId of [...this.ring.cards.keys()]) if (!open.has(callId)) this.ring.hide(callId);
    for (const call of reply.calls) {
      this.rings(call);
      if (this.wasHere(call)) this.offerBack(call);
    }
  }

  /**
   * Says whether this page was in a call before it was loaded anew.
   * @param {Call} call
   */
  wasHere(call) {
    const mine = this.mine(call);
    const isMine = mine?.state === "joined" && mine.device === sessionStorage.getItem(kept);
    return isMine && !this.talk;
  }

  /** @param {Call} call */
  async resume(call) {
    try {
      /** @type {Joined} */
      const reply = await this.shell.line.command("call:accept", { call_id: call.call_id, device: this.device });
      if (reply.ok) this.talk?.resume(reply.call, reply.ice_servers);
      else this.end(reply.error?.message ?? "");
    } catch {
      // The line went again; the next connect tries again, and sound and pictures go on meanwhile.
    }
  }

  /** @param {Call} call */
  mine(call) {
    return call.people.find((one) => one.account_id === this.shell.accountId);
  }

  /** @param {Call} call */
  rings(call) {
    if (this.mine(call)?.state === "ringing" && this.talk?.call?.call_id !== call.call_id) this.ring.show(call);
  }

  /** @param {Call} call */
  changed(call) {
    const isOver = call.state === "ended";
    if (isOver || this.mine(call)?.state !== "ringing") this.ring.hide(call.call_id);
    if (isOver && this.back?.dataset.back === call.call_id) this.hideBack();
    if (this.talk?.call?.call_id !== call.call_id) return;
    const reason = this.reasonToEnd(call);
    if (reason) this.end(words(reason));
    else this.talk.take(call);
  }

  /**
   * Says why this page is no longer in a call.
   * @param {Call} call
   */
  reasonToEnd(call) {
    const mine = this.mine(call);
    if (call.state === "ended") return `end-${call.outcome}`;
    if (mine?.state !== "joined") return "end-removed";
    return mine.device === this.device ? "" : "end-elsewhere";
  }

  /**
   * The buttons above a conversation; and while one speaks, a link must not take the page away.
   * @param {MouseEvent} event
   */
  press(event) {
    const target = /** @type {Element} */ (event.target);
    const button = target.closest("[data-calls]");
    if (button instanceof HTMLElement) {
      this.call(button.dataset.conversation ?? "", button.dataset.calls === "video" ? "video" : "voice");
      return;
    }
    const link = this.talk ? linkOf(event) : null;
    if (!link) return;
    event.preventDefault();
    event.stopPropagation();
    this.shell.visit(link.href);
  }

  /**
   * @param {string} conversationId
   * @param {"voice" | "video"} kind
   */
  async call(conversationId, kind) {
    const asked = { conversation_id: conversationId, kind };
    if (this.isChoosing) return;
    const refusal = await this.come(kind === "video", "call:start", asked, "too_many_to_call");
    if (!refusal) return;
    this.isChoosing = true;
    /** @type {import("./call/types").Choices | null} */
    const choices = await this.send("call:people", { conversation_id: conversationId });
    const people = choices ? await choosePeople(this.root, choices) : [];
    this.isChoosing = false;
    if (people.length) await this.come(kind === "video", "call:start", { ...asked, people });
  }

  /**
   * @param {Call} call
   * @param {boolean} withVideo
   */
  accept(call, withVideo) {
    this.come(withVideo, "call:accept", { call_id: call.call_id });
  }

  /**
   * Opens microphone and camera, and then comes into a call.
   * @param {boolean} withVideo
   * @param {string} name
   * @param {object} payload
   * @param {string} [expected]
   * @returns {Promise<boolean>} whether it was refused as expected
   */
  async come(withVideo, name, payload, expected) {
    if (this.talk) {
      tellText(words("in-call"), "waiting");
      return false;
    }
    const talk = await this.open();
    if (!talk) return false;
    await talk.media.open(withVideo);
    /** @type {Joined | null} */
    const reply = await this.send(name, { ...payload, device: this.device }, expected);
    if (reply && !reply.ok) {
      this.end("");
      return true;
    }
    if (reply && reply.call.state !== "ended") {
      sessionStorage.setItem(kept, this.device);
      this.hideBack();
      this.ring.hideAll();
      talk.begin(reply.call, reply.ice_servers);
    } else {
      this.end(reply ? words(`end-${reply.call.outcome ?? "answered"}`) : "");
    }
    return false;
  }

  /**
   * Loads what a call needs, which no page does that only waits for one to ring.
   * @returns {Promise<Talk | null>} null where it did not come, or is coming already
   */
  async open() {
    if (this.isOpening) return null;
    this.isOpening = true;
    try {
      /** @type {typeof import("./call/talk.js")} */
      const room = await import(this.root.dataset.room ?? "");
      this.talk = new room.Talk(this.root, {
        accountId: this.shell.accountId,
        send: (to, signal) => this.signalTo(to, signal),
        hangUp: () => this.hangUp(),
      });
    } catch {
      tellText(words("not-called"), "overdue");
    } finally {
      this.isOpening = false;
    }
    return this.talk;
  }

  /**
   * @param {string} to
   * @param {import("./call/types").Signal} signal
   */
  signalTo(to, signal) {
    const callId = this.talk?.call?.call_id;
    if (!callId || !this.shell.line.isUp()) return;
    this.shell.line.socket.emit("call:signal", { call_id: callId, to, data: JSON.stringify(signal) }, () => {});
  }

  hangUp() {
    const call = this.talk?.call;
    this.end("");
    if (call) this.send("call:leave", { call_id: call.call_id, device: this.device });
  }

  /** @param {string} told */
  end(told) {
    this.talk?.close();
    this.talk = null;
    sessionStorage.removeItem(kept);
    if (told) tellText(told);
  }

  /** @param {Call} call */
  offerBack(call) {
    this.hideBack();
    const card = copyTemplate(this.root, "[data-back-template]");
    card.dataset.back = call.call_id;
    card.addEventListener("click", (event) => {
      const wish = /** @type {Element} */ (event.target).closest("[data-back-act]")?.getAttribute("data-back-act");
      if (wish === "back") this.accept(call, call.kind === "video");
      if (wish !== "leave") return;
      this.send("call:leave", { call_id: call.call_id, device: sessionStorage.getItem(kept) ?? this.device });
      this.hideBack();
    });
    this.root.querySelector("[data-call-rings]")?.append(card);
    this.back = card;
  }

  hideBack() {
    this.back?.remove();
    this.back = null;
  }

  stop() {
    this.talk?.close();
    this.ring.hideAll();
  }
}

/**
 * Finds the link of this house that a plain click would follow in this window.
 * @param {MouseEvent} event
 * @returns {HTMLAnchorElement | null}
 */
function linkOf(event) {
  const link = /** @type {Element} */ (event.target).closest("a[href]");
  if (event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return null;
  if (!(link instanceof HTMLAnchorElement) || link.origin !== location.origin) return null;
  if (link.target || link.hasAttribute("download") || link.getAttribute("href")?.startsWith("#")) return null;
  return link;
}

/** @type {import("./types").Feature["start"]} */
export function start(root, shell) {
  const controller = new AbortController();
  const calls = new Calls(root, shell, controller.signal);
  calls.start();
  return () => {
    controller.abort();
    calls.stop();
  };
}
