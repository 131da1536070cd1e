// A live conversation. The server's numbers are the truth: after every (re)connect the page asks what came after the
// last one it has, and what was written here meanwhile goes out from the outbox.
import { tellText } from "./shell/notices.js";
import { Acts } from "./talk/acts.js";
import { call, watchAttention } from "./talk/attention.js";
import { Behind, pastEverything } from "./talk/behind.js";
import { Composer } from "./talk/composer.js";
import { asWritten, showOnTheWay, watchFiles } from "./talk/files.js";
import { Log } from "./talk/log.js";
import { DraftKeeper } from "./talk/draft.js";
import { isForMe, Mention } from "./talk/mention.js";
import { watchFirstLook } from "./talk/looks.js";
import { Marks, Reading, showMark, showRefused } from "./talk/marks.js";
import { watchCovered } from "./talk/numbers.js";
import { watchPins } from "./talk/pins.js";
import { watchReactions } from "./talk/reactions.js";
import { actOnRefused } from "./talk/refused.js";
import { watchRecall } from "./talk/recall.js";
import { Reply } from "./talk/reply.js";
import { Scroll } from "./talk/scroll.js";
import { watchStars } from "./talk/stars.js";
import { Since } from "./talk/since.js";
import { Typing } from "./talk/typing.js";

/** @typedef {import("./types").Entry} Entry */
/** @typedef {import("./types").Message} Message */
/** @typedef {import("./types").Page} Page */
/** @typedef {import("./types").Shell} Shell */

class Conversation {
  /**
   * @param {HTMLElement} root
   * @param {Shell} shell
   * @param {AbortSignal} signal
   */
  constructor(root, shell, signal) {
    this.root = root;
    this.shell = shell;
    this.signal = signal;
    this.id = root.dataset.conversationId ?? "";
    const myId = root.dataset.myId ?? "";
    this.log = new Log(root, myId);
    this.marks = new Marks(this.log, myId, root.dataset.kind === "group");
    this.typing = new Typing(root);
    this.scroll = new Scroll(root, this.log.element, signal);
    this.reading = new Reading(this.log, (delivered, read) => this.tellMarks(delivered, read));
    this.composer = new Composer(root, signal, {
      send: (body, files) => (!files?.length && this.acts.takes(body)) || this.send(body, files),
      typing: (isTyping) => this.emit("conversation:typing", { typing: isTyping }),
    });
    /** @param {string} words */
    const ask = (words) => shell.line.command("conversation:people", { conversation_id: this.id, words });
    this.mention = new Mention(root, this.composer.field, ask, signal);
    this.behind = new Behind(root, this.log);
    this.since = new Since(root, this.log, shell.visit, signal);
    this.changes = Number(root.dataset.lastChange);
    this.acts = new Acts(root, this.composer, signal, {
      command: (name, payload) => shell.line.command(name, { conversation_id: this.id, ...payload }),
      changed: (message) => this.takeChange(message),
    });
    this.reply = new Reply(root, this.log, this.acts, shell.visit, signal);
    this.draft = new DraftKeeper(this);
    this.older = /** @type {HTMLElement} */ (root.querySelector("[data-older]"));
    this.older.hidden = this.log.first() <= 1;
  }

  start() {
    this.listen();
    document.dispatchEvent(new CustomEvent("desk:talk", { detail: this.id }));
    const hasNew = this.since.open();
    if (this.behind.showSought() || hasNew) this.scroll.moved();
    else if (this.scroll.scrollsItself || this.root.dataset.startsAt === "end") this.scroll.toEnd();
    this.showPending();
    this.marks.show();
    this.reading.watch();
    if (this.shell.line.isUp()) this.catchUp();
  }

  listen() {
    const { signal } = this;
    this.hear("connect", () => this.catchUp());
    this.hear("message:new", (message) => this.take(message));
    this.hear("message:changed", (message) => this.takeChange(message));
    this.hear("conversation:marks", (mark) => this.takeMark(mark));
    // Who may read or write has changed, and the room with it: join again.
    this.hear("conversations:changed", ({ conversation_id: id, what }) => {
      if (id === this.id && what === "members") this.catchUp();
    });
    // A call that is over has left a line.
    this.hear("call:changed", (call) => {
      if (call.conversation_id === this.id && call.state === "ended") this.catchUp();
    });
    this.hear("conversation:typing", (sign) => {
      if (sign.conversation_id === this.id) this.typing.set(sign.account_id, sign.name, sign.typing);
    });
    this.shell.outbox.addEventListener("sent", (event) => this.sent(/** @type {CustomEvent} */ (event).detail), { signal });
    this.shell.outbox.addEventListener("refused", () => this.refused(), { signal });
    this.root.addEventListener("click", (event) => actOnRefused(event, this), { signal });
    this.root.querySelector("[data-newer]")?.addEventListener("click", () => this.showNewer(), { signal });
    for (const button of this.root.querySelectorAll("[data-newest], [data-news]")) {
      button.addEventListener("click", () => this.behind.holds() && this.toNewest(), { signal });
    }
    this.older.addEventListener("click", () => this.showOlder(), { signal });
    document.addEventListener("visibilitychange", () => this.reading.plan(), { signal });
    watchAttention(signal);
    watchFiles(this.root, this.shell, this.id, signal);
    watchFirstLook(this.root, signal);
    watchCovered(this.root, this.id, signal);
    for (const watch of [watchReactions, watchPins, watchStars, watchRecall]) watch(this);
    this.shell.outbox.addEventListener("progress", (event) => this.progress(/** @type {CustomEvent} */ (event).detail), { signal });
    document.addEventListener("desk:ticket", () => this.catchUp(), { signal });
    this.shell.line.socket.on("disconnect", this.lost);
    signal.addEventListener("abort", () => this.shell.line.socket.off("disconnect", this.lost));
  }

  lost = () => this.showPending();

  /**
   * Listens to the server until this conversation is left.
   * @param {string} name
   * @param {(payload: any) => void} handle
   */
  hear(name, handle) {
    const { socket } = this.shell.line;
    socket.on(name, handle);
    this.signal.addEventListener("abort", () => socket.off(name, handle));
  }

  /**
   * Sends what needs no answer, and only while the line is up: nothing stale goes out later.
   * @param {string} name
   * @param {object} payload
   * @param {() => void} [then]
   */
  emit(name, payload, then = () => {}) {
    if (this.shell.line.isUp()) this.shell.line.socket.emit(name, { conversation_id: this.id, ...payload }, then);
  }

  /** Asks for what came after the last number until nothing is missing. */
  async catchUp() {
    if (this.isCatching) {
      this.wantsMore = true;
      return;
    }
    this.isCatching = true;
    try {
      const after = this.behind.holds() ? pastEverything : this.log.contiguous();
      let page = await this.ask("conversation:join", after);
      while ((page.more || page.more_changes) && !this.signal.aborted) page = await this.ask("message:sync", this.log.contiguous());
      this.reading.forget();
    } catch {
      // The line went; the next connect asks again.
    } finally {
      this.isCatching = false;
    }
    if (this.wantsMore) {
      this.wantsMore = false;
      this.catchUp();
    }
  }

  /**
   * @param {string} name
   * @param {number} after
   * @returns {Promise<Page>}
   */
  async ask(name, after) {
    /** @type {Page} */
    const page = await this.shell.line.ask(name, { conversation_id: this.id, after, changes_after: this.changes });
    if (!page.ok) {
      if (page.error) tellText(page.error.message, "overdue");
      if (page.error?.code === "conversation_not_found") this.allow(false);
      return { ...page, more: false, more_changes: false };
    }
    this.scroll.around(() => page.messages.filter((message) => this.log.add(message) && this.isNews(message)).length);
    this.since.show();
    this.takeChanges(page);
    for (const [account, [delivered, read]] of Object.entries(page.marks ?? {})) this.marks.set(account, delivered, read);
    if (page.may_write !== undefined) this.allow(page.may_write);
    if (page.draft) this.draft.take(page.draft);
    this.marks.show();
    this.reading.watch();
    this.showPending();
    return page;
  }

  /** Shows the end of the conversation. */
  toNewest() {
    return this.shell.visit(location.pathname);
  }

  /** Fetches what was said after the last message on this page, until nothing is missing. */
  async showNewer() {
    try {
      await this.behind.showNewer((after) => this.ask("message:sync", after));
    } catch {
      return;
    }
    if (!this.behind.holds()) this.catchUp();
  }

  /** Fetches what was said before the first message on this page. */
  async showOlder() {
    const first = this.log.first();
    const top = this.log.items()[0];
    const offset = top?.getBoundingClientRect().top ?? 0;
    try {
      let after = Math.max(0, first - 51);
      for (let more = true; more && after < first - 1; ) {
        const page = await this.ask("message:sync", after);
        after = page.messages[page.messages.length - 1]?.number ?? first;
        more = page.more;
      }
    } catch {
      return;
    }
    this.older.hidden = this.log.first() <= 1;
    const moved = (top?.getBoundingClientRect().top ?? 0) - offset;
    this.scroll.scroller().scrollBy(0, moved);
  }

  /**
   * Says whether a message is something that somebody else said.
   * @param {Message} message
   */
  isNews(message) {
    return message.kind === "text" && message.sender_id !== this.root.dataset.myId;
  }

  /**
   * Takes in a message that the server pushed; a gap before it is asked for.
   * @param {Message} message
   */
  take(message) {
    if (message.conversation_id !== this.id) return;
    if (this.behind.holds()) {
      if (this.isNews(message)) this.scroll.tell(1);
      return;
    }
    const isNext = message.number <= this.log.contiguous() + 1;
    this.scroll.around(() => Number(this.log.add(message) && this.isNews(message)));
    if (message.sender_id) this.typing.set(message.sender_id, "", false);
    if (this.isNews(message) && isForMe(this.root, message)) call(message.sender_name);
    if (!isNext) this.catchUp();
    this.askWhole(message);
    this.marks.show();
    this.reading.watch();
  }

  /**
   * Takes in what has become of messages that were there already.
   * @param {Page} page
   */
  takeChanges({ changes, last_change: last, more_changes: more }) {
    this.scroll.around(() => {
      for (const message of changes) this.log.change(message);
      return 0;
    });
    this.changes = Math.max(this.changes, more ? changes[changes.length - 1].change : last);
  }

  /**
   * Takes in one change; if one before it is missing, what came between is asked for.
   * @param {Message} message
   */
  takeChange(message) {
    if (message.conversation_id !== this.id) return;
    this.scroll.around(() => {
      this.log.change(message);
      return 0;
    });
    if (message.change === this.changes + 1) this.changes += 1;
    else if (message.change > this.changes) this.catchUp();
    this.askWhole(message);
    this.marks.show();
  }

  /** @param {{ conversation_id: string, account_id: string, delivered: number, read: number }} mark */
  takeMark(mark) {
    if (mark.conversation_id !== this.id) return;
    this.marks.set(mark.account_id, mark.delivered, mark.read);
    this.marks.show();
  }

  /**
   * @param {number} delivered
   * @param {number} read
   */
  tellMarks(delivered, read) {
    // The counts in the lists follow once the server knows.
    this.emit("message:mark", { delivered, read }, () => document.dispatchEvent(new CustomEvent("desk:read")));
  }

  /**
   * @param {string} body
   * @param {File[]} files
   */
  send(body, files) {
    this.shell.outbox.add(this.id, body, files, { ...this.reply.take(), ...this.mention.take(body) });
    this.scroll.around(() => {
      this.showPending();
      return 0;
    }, true);
  }

  /** @param {{ entry: Entry, message: Message }} detail */
  sent({ entry, message }) {
    if (entry.conversation_id !== this.id) return;
    // The acknowledgement says what everybody hears; one's own numbers one has written oneself.
    const mine = message.is_covered ? asWritten(message, entry) : message;
    if (mine.reply_to?.is_covered) mine.reply_to.body = entry.carried?.reply?.words ?? mine.reply_to.body;
    this.scroll.around(() => Number(this.log.add(mine) && false));
    this.log.forget(entry.client_id);
    if (message.number > this.log.contiguous()) this.catchUp();
    this.marks.show();
    this.reading.watch();
  }

  /** @param {{ entry: Entry }} detail */
  progress({ entry }) {
    const item = this.log.pending.get(entry.client_id);
    if (item) showOnTheWay(this.root, item, entry);
  }

  /**
   * A push carries no numbers of persons: who may read them asks for the message itself.
   * @param {Message} message
   */
  async askWhole(message) {
    if (!message.is_covered && !message.reply_to?.is_covered) return;
    const asked = { conversation_id: this.id, after: message.number - 1 };
    /** @type {Promise<Page>} */
    const asking = this.shell.line.command("message:sync", asked);
    const page = await asking.catch(() => null);
    const whole = page?.ok ? page.messages.find((one) => one.number === message.number) : undefined;
    const item = this.log.numbered.get(message.number);
    if (item && whole && !(whole.is_covered && message.is_covered)) this.log.fill(item, whole);
  }

  /** Shows a refusal, with what can be done about it in sight. */
  refused() {
    this.scroll.around(() => {
      this.showPending();
      return 0;
    });
  }

  /** Shows what is still to be sent and how it stands. */
  async showPending() {
    await this.shell.outbox.ready;
    for (const entry of this.shell.outbox.of(this.id)) {
      this.log.addPending(entry);
      const item = this.log.pending.get(entry.client_id);
      if (!item) continue;
      if (entry.state === "refused") showRefused(this.root, item, entry);
      else showMark(item, this.shell.line.isUp() ? "sending" : "waiting");
    }
  }

  /**
   * Shows the box or the words that stand in its place.
   * @param {boolean} mayWrite
   */
  allow(mayWrite) {
    const box = /** @type {HTMLElement} */ (this.root.querySelector("[data-writing]"));
    const words = /** @type {HTMLElement} */ (this.root.querySelector("[data-not-writing]"));
    box.hidden = !mayWrite;
    words.hidden = mayWrite;
    this.root.dataset.mayWrite = String(mayWrite);
  }

  stop() {
    this.typing.stop();
    this.reading.stop();
  }
}

/** @type {import("./types").Feature["start"]} */
export function start(root, shell) {
  const controller = new AbortController();
  const conversation = new Conversation(root, shell, controller.signal);
  conversation.start();
  return () => {
    controller.abort();
    conversation.stop();
  };
}
