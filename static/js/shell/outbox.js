// What was written and is not stored by the server yet. It lives in IndexedDB, so it survives a reload and a lost line;
// it goes out in order; the client's own id makes sending twice harmless. A message with files goes out once they are
// stored, and what was written after it in the same conversation waits for it.
import { GivenUp, Refused, Transfer } from "../upload/transfer.js";
import { pauseBefore } from "./pauses.js";

/** @typedef {import("../types").Carried} Carried */
/** @typedef {import("../types").Entry} Entry */
/** @typedef {import("../types").Line} Line */
/** @typedef {import("../types").Message} Message */
/** @typedef {import("../types").Sent} Sent */

const database = "xueji-desk";
const store = "outbox";
const uploads = "/files/uploads";
const use = "chat.message";

/**
 * Makes an id; plain http on a local network lacks randomUUID.
 * @returns {string}
 */
export function newId() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

/**
 * What goes with a text to the server; nothing where it carries nothing.
 * @param {Carried | undefined} carried
 */
function sentWith(carried) {
  const { reply, mentions, mentions_all } = carried ?? {};
  return {
    ...(reply ? { reply_to: Number(reply.number), quote: reply.quote || null } : {}),
    ...(mentions?.length ? { mentions: mentions.map((one) => one.account_id) } : {}),
    ...(mentions_all ? { mentions_all } : {}),
  };
}

/**
 * Opens the browser's store, or gives null where it is forbidden.
 * @returns {Promise<IDBDatabase | null>}
 */
function openStore() {
  return new Promise((resolve) => {
    try {
      const request = indexedDB.open(database, 1);
      request.onupgradeneeded = () => request.result.createObjectStore(store, { keyPath: "client_id" });
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => resolve(null);
    } catch {
      resolve(null);
    }
  });
}

export class Outbox extends EventTarget {
  /**
   * @param {string} accountId
   * @param {Line} line
   */
  constructor(accountId, line) {
    super();
    this.accountId = accountId;
    this.line = line;
    /** @type {Map<string, Entry>} */
    this.entries = new Map();
    this.isFlushing = false;
    /** @type {Map<string, Transfer | null>} */
    this.carried = new Map();
    this.ready = this.load();
    line.socket.on("connect", () => this.flush());
  }

  /** Reads what an earlier page left. */
  async load() {
    this.base = await openStore();
    if (!this.base) return;
    const request = this.base.transaction(store).objectStore(store).getAll();
    await new Promise((resolve) => {
      request.onsuccess = request.onerror = resolve;
    });
    for (const entry of request.result ?? []) {
      if (entry.account_id === this.accountId) this.entries.set(entry.client_id, entry);
    }
  }

  /**
   * Lists what one conversation still has to send, oldest first.
   * @param {string} conversationId
   * @returns {Entry[]}
   */
  of(conversationId) {
    return this.sorted().filter((entry) => entry.conversation_id === conversationId);
  }

  /** @returns {Entry[]} */
  sorted() {
    return [...this.entries.values()].sort((a, b) => a.order - b.order);
  }

  /**
   * Takes a text to send. It is stored in the browser before the first attempt.
   * @param {string} conversationId
   * @param {string} body
   * @param {File[]} [files]
   * @param {Carried} [carried] what it replies to and whom it calls
   * @returns {Entry}
   */
  add(conversationId, body, files = [], carried = {}) {
    const last = Math.max(0, ...[...this.entries.values()].map((entry) => entry.order));
    /** @type {Entry} */
    const entry = {
      client_id: newId(),
      account_id: this.accountId,
      conversation_id: conversationId,
      body,
      order: Math.max(Date.now(), last + 1),
      state: "waiting",
      reason: "",
      files: files.map((file) => ({ file, id: "" })),
      carried,
    };
    this.entries.set(entry.client_id, entry);
    this.keep(entry).then(() => this.flush());
    return entry;
  }

  /**
   * Sends a refused text once more, under a new id: the server may remember the old one.
   * @param {Entry} entry
   * @returns {Promise<Entry>}
   */
  async again(entry) {
    await this.drop(entry.client_id);
    return this.add(entry.conversation_id, entry.body, (entry.files ?? []).map(({ file }) => file), entry.carried);
  }

  /**
   * Writes an entry into the browser's store.
   * @param {Entry} entry
   */
  async keep(entry) {
    await this.ready;
    await this.write((box) => box.put(entry));
  }

  /**
   * Forgets an entry: it is stored by the server, or the writer does not want it any more.
   * @param {string} clientId
   */
  async drop(clientId) {
    this.entries.delete(clientId);
    this.carried.get(clientId)?.giveUp();
    await this.write((box) => box.delete(clientId));
  }

  /**
   * @param {(box: IDBObjectStore) => void} change
   */
  async write(change) {
    if (!this.base) return;
    const transaction = this.base.transaction(store, "readwrite");
    change(transaction.objectStore(store));
    await new Promise((resolve) => {
      transaction.oncomplete = transaction.onerror = transaction.onabort = resolve;
    });
  }

  /** Sends what waits, one after the other, as long as the line is up. */
  async flush() {
    await this.ready;
    if (this.isFlushing) return;
    this.isFlushing = true;
    try {
      for (let entry = this.next(); entry && this.line.isUp(); entry = this.next()) {
        if (!(await this.send(entry))) break;
      }
    } finally {
      this.isFlushing = false;
    }
  }

  /**
   * The next that may go: files are carried over meanwhile, and their conversation waits for them, not the others.
   * @returns {Entry | undefined}
   */
  next() {
    const held = new Set();
    for (const entry of this.sorted()) {
      if (entry.state !== "waiting" || held.has(entry.conversation_id)) continue;
      if ((entry.files ?? []).every(({ id }) => id)) return entry;
      held.add(entry.conversation_id);
      this.carry(entry);
    }
    return undefined;
  }

  /**
   * Carries the files of a message over, one after the other; each that is there is noted in the browser's store.
   * @param {Entry} entry
   */
  async carry(entry) {
    if (this.carried.has(entry.client_id)) return;
    this.carried.set(entry.client_id, null);
    try {
      for (const one of entry.files ?? []) {
        if (!one.id) one.id = await this.bring(entry, one);
        if (!this.entries.has(entry.client_id)) return;
        await this.keep(entry);
      }
    } catch (error) {
      if (error instanceof GivenUp) return;
      entry.state = "refused";
      entry.reason = error instanceof Refused ? error.message : "";
      await this.keep(entry);
      this.say("refused", { entry });
    } finally {
      this.carried.delete(entry.client_id);
      this.flush();
    }
  }

  /**
   * @param {Entry} entry
   * @param {import("../types").Bringing} one
   * @returns {Promise<string>} the id of the stored file
   */
  async bring(entry, one) {
    /** @param {number} share @param {boolean} isCut */
    const tell = (share, isCut) => {
      Object.assign(one, { share, isCut });
      this.say("progress", { entry });
    };
    const token = document.querySelector('meta[name="csrf-token"]')?.getAttribute("content") ?? "";
    const transfer = new Transfer(one.file, { address: uploads, use, token }, {
      progress: (share) => tell(share, false),
      waiting: () => tell(one.share ?? 0, true),
      checking: () => tell(1, false),
    });
    this.carried.set(entry.client_id, transfer);
    return (await transfer.run()).id;
  }

  /**
   * Sends one entry and says whether the next may follow.
   * @param {Entry} entry
   * @returns {Promise<boolean>}
   */
  async send(entry) {
    const { client_id, conversation_id, body } = entry;
    const files = (entry.files ?? []).map(({ id }) => id);
    const said = { client_id, conversation_id, body, ...sentWith(entry.carried) };
    /** @type {Sent} */
    let reply;
    try {
      reply = files.length
        ? await this.line.command("message:send_files", { ...said, files })
        : await this.line.command("message:send", said);
    } catch {
      return false;
    }
    if (reply.ok && reply.message) {
      await this.drop(client_id);
      this.say("sent", { entry, message: reply.message });
      return true;
    }
    const pause = pauseBefore(reply);
    if (pause) {
      setTimeout(() => this.flush(), pause);
      return false;
    }
    entry.state = "refused";
    entry.reason = reply.error?.message ?? "";
    await this.keep(entry);
    this.say("refused", { entry });
    return true;
  }

  /**
   * @param {string} name
   * @param {object} detail
   */
  say(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}
