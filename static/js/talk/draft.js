// What stands unsent in the box, the same on all of a person's devices. This browser's own store is the first line, so
// that nothing is lost without a network; the server keeps what was written last, on whichever device that was.
import { readDraft, writeDraft } from "../shell/drafts.js";

/** @typedef {import("../types").Draft} Draft */
/** @typedef {import("../types").Page} Page */
/** @typedef {import("../types").Reply} Answer */

const pause = 1500;
const retryAfter = 3000;
const excerpt = 120;

export class DraftKeeper {
  /**
   * @param {{ root: HTMLElement, id: string, shell: import("../types").Shell, signal: AbortSignal,
   *   composer: import("./composer.js").Composer, acts: import("./acts.js").Acts, reply: import("./reply.js").Reply }} talk
   */
  constructor(talk) {
    this.talk = talk;
    this.field = talk.composer.field;
    this.key = `drafted-${talk.id}`;
    this.version = 0;
    this.timer = 0;
    /** When what stands here was written and is not kept by the server yet; 0 where it is. */
    this.writtenAt = this.unsaved();
    this.isShowing = false;
    const { signal, shell } = talk;
    for (const name of ["input", "desk:draft"]) this.field.addEventListener(name, () => this.write(), { signal });
    const take = (/** @type {Draft} */ draft) => this.take(draft);
    const save = () => this.save();
    shell.line.socket.on("draft:changed", take);
    shell.line.socket.on("connect", save);
    addEventListener("pagehide", save, { signal });
    signal.addEventListener("abort", () => {
      shell.line.socket.off("draft:changed", take);
      shell.line.socket.off("connect", save);
      this.save();
    });
    this.begin();
  }

  /** Says when an earlier page of this browser wrote what the server may not have; 0 where it has. */
  unsaved() {
    const known = readDraft(this.key);
    if (this.field.hasAttribute("data-touched")) return Date.now();
    if (known) return known.saved ? 0 : Number(known.at);
    return this.field.value.trim() ? Date.now() : 0;
  }

  /** Shows what was written last: here, or as the server has it. */
  begin() {
    const { root, shell } = this.talk;
    /** @type {Draft | null} */
    const kept = root.dataset.draft ? JSON.parse(root.dataset.draft) : null;
    this.version = kept?.version ?? 0;
    const isOlder = kept && this.writtenAt && Date.now() - this.writtenAt > kept.seconds * 1000;
    // What is replied to stays in this browser where no word is written yet.
    const isSaid = Boolean(kept?.body || this.field.value.trim());
    if (isSaid && (!this.writtenAt || isOlder)) this.show(kept);
    else if (shell.line.isUp()) this.save();
  }

  /** Notes that something was written here, and saves it when the writer pauses. */
  write() {
    if (this.isShowing || this.talk.acts.editing) return;
    this.writtenAt = Date.now();
    writeDraft(this.key, { at: String(this.writtenAt), saved: "" });
    clearTimeout(this.timer);
    this.timer = window.setTimeout(() => this.save(), this.field.value.trim() ? pause : 0);
  }

  /** Says whether something stands here that the server lacks and would take. */
  hasNews() {
    const { shell, acts, root } = this.talk;
    return Boolean(this.writtenAt) && !acts.editing && root.dataset.mayWrite === "true" && shell.line.isUp();
  }

  async save() {
    clearTimeout(this.timer);
    if (!this.hasNews()) return;
    const { id, shell, signal, reply } = this.talk;
    const at = this.writtenAt;
    const sent = {
      conversation_id: id,
      body: this.field.value,
      seconds: Math.max(0, Date.now() - at) / 1000,
      reply_to: reply.replied ? Number(reply.replied.number) : null,
      quote: reply.replied?.quote || null,
    };
    /** @type {Answer & { draft?: Draft }} */
    let answer;
    try {
      answer = await shell.line.command("draft:save", sent);
    } catch {
      return; // The line went; the next connect saves.
    }
    if (answer.error?.code === "too_fast") this.timer = window.setTimeout(() => this.save(), retryAfter);
    if (signal.aborted) refreshList();
    // What was written meanwhile will be saved by itself.
    else if (answer.draft && this.writtenAt === at) this.settle(answer.draft, sent.body.trim());
  }

  /**
   * Notes what the server has now; something newer from another device may have stood there already.
   * @param {Draft} draft
   * @param {string} body
   */
  settle(draft, body) {
    this.version = draft.version;
    this.writtenAt = 0;
    writeDraft(this.key, { at: String(Date.now()), saved: "yes" });
    if (draft.body !== body && !this.isTouched()) this.show(draft);
  }

  /**
   * Follows another device, unless somebody is writing here.
   * @param {Draft} draft
   */
  take(draft) {
    if (draft.conversation_id !== this.talk.id || draft.version <= this.version) return;
    if (this.writtenAt || this.talk.acts.editing || this.isTouched()) return;
    this.version = draft.version;
    // What is replied to without a word yet is no draft, and stays.
    if (draft.body || this.field.value.trim()) this.show(draft);
  }

  isTouched() {
    return document.hasFocus() && document.activeElement === this.field && Boolean(this.field.value.trim());
  }

  /**
   * Puts what the server has into the box.
   * @param {Draft | null} draft
   */
  async show(draft) {
    const { composer, reply } = this.talk;
    this.isShowing = true;
    if (composer.field.value.trim() !== (draft?.body ?? "")) composer.set(draft?.body ?? "");
    if (!draft?.reply_to) reply.set(null);
    this.isShowing = false;
    this.writtenAt = 0;
    if (draft?.reply_to && Number(reply.replied?.number) !== draft.reply_to) await this.showReplied(draft);
  }

  /**
   * Shows what is replied to, from the message itself.
   * @param {Draft} draft
   */
  async showReplied({ reply_to: number, quote, version }) {
    const { id, shell, reply } = this.talk;
    /** @type {Promise<Page>} */
    const asking = shell.line.command("message:sync", { conversation_id: id, after: Number(number) - 1 });
    const page = await asking.catch(() => null);
    const message = page?.ok ? page.messages.find((one) => one.number === number) : undefined;
    if (!message || message.taken_back_at || this.writtenAt || this.version !== version) return;
    this.isShowing = true;
    const words = quote || [...message.body].slice(0, excerpt).join("");
    reply.set({ number: String(number), name: message.sender_name, words, quote: quote ?? "" });
    this.isShowing = false;
  }
}

/** Shows in the list of conversations what is left unsent. */
export function refreshList() {
  // An event and no call: what answers it is of the shell, which a feature does not bring along a second time.
  for (const list of document.querySelectorAll('[data-live="talks"]')) list.dispatchEvent(new Event("refresh"));
}
