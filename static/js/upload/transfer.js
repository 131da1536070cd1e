// One file on its way to the server: piece by piece, on from where it was after a cut, until it is there or refused.

/**
 * How far an upload has come, as the server says it.
 * @typedef {{id: string, received: number, size: number, piece_bytes: number, is_whole: boolean}} Progress
 * @typedef {{id: string, name: string, kind: string, size: string, state: string, state_label: string, url: string, thumbnail_url: string | null}} Stored
 * @typedef {{progress: (share: number) => void, waiting: () => void, checking: () => void}} Listener
 */

const longestPause = 30_000;
const firstPause = 1000;

/** The server said no; the reason is for the person who chose the file. */
export class Refused extends Error {
  /**
   * @param {string} reason
   * @param {string} code
   */
  constructor(reason, code) {
    super(reason);
    this.code = code;
  }
}

/** The line is cut or the server away: worth another try. */
class Cut extends Error {}

/** Somebody has changed their mind. */
export class GivenUp extends Error {}

/** Carries one file over. */
export class Transfer {
  /**
   * @param {File} file
   * @param {{address: string, use: string, token: string}} place
   * @param {Listener} listener
   */
  constructor(file, place, listener) {
    this.file = file;
    this.place = place;
    this.listener = listener;
    this.controller = new AbortController();
    /** @type {string | null} */
    this.id = null;
  }

  /**
   * Carries the file over, however often the line is cut.
   * @returns {Promise<Stored>}
   */
  async run() {
    for (let pause = firstPause; ; pause = Math.min(pause * 2, longestPause)) {
      try {
        return await this.carry();
      } catch (error) {
        if (this.controller.signal.aborted) throw new GivenUp();
        if (!(error instanceof Cut)) throw error;
        this.listener.waiting();
        await this.rest(pause);
      }
    }
  }

  /** Gives the file up; what has come over is deleted. */
  giveUp() {
    this.controller.abort();
    this.forget();
  }

  /** Tells the server to delete what has come over. */
  forget() {
    if (!this.id) return;
    const address = `${this.place.address}/${this.id}/cancel`;
    fetch(address, { method: "POST", headers: this.headers(), keepalive: true }).catch(() => {});
  }

  /** @returns {Promise<Stored>} */
  async carry() {
    let progress = await this.begin();
    while (progress.received < progress.size) {
      this.listener.progress(progress.received / progress.size);
      progress = await this.put(progress);
    }
    this.listener.checking();
    return /** @type {Promise<Stored>} */ (this.ask(`${this.place.address}/${progress.id}/finish`, { method: "POST" }));
  }

  /**
   * Begins, or learns how far the same upload had come.
   * @returns {Promise<Progress>}
   */
  async begin() {
    const told = new FormData();
    told.set("use", this.place.use);
    told.set("name", this.file.name);
    told.set("size", String(this.file.size));
    const progress = /** @type {Progress} */ (await this.ask(this.place.address, { method: "POST", body: told }));
    this.id = progress.id;
    return progress;
  }

  /**
   * Sends the next piece; one that does not fit makes it ask where to go on.
   * @param {Progress} progress
   * @returns {Promise<Progress>}
   */
  async put(progress) {
    const { id, received, piece_bytes: length } = progress;
    const address = `${this.place.address}/${id}`;
    const piece = this.file.slice(received, received + length);
    try {
      return /** @type {Progress} */ (await this.ask(`${address}/${received}`, { method: "PUT", body: piece }));
    } catch (error) {
      if (!(error instanceof Refused) || error.code !== "piece_out_of_place") throw error;
      const truth = /** @type {Progress} */ (await this.ask(address, {}));
      if (truth.received === received) throw error;
      return truth;
    }
  }

  /** @returns {Record<string, string>} */
  headers() {
    return { Accept: "application/json", "X-CSRFToken": this.place.token };
  }

  /**
   * @param {string} address
   * @param {RequestInit} request
   * @returns {Promise<Progress | Stored>}
   */
  async ask(address, request) {
    const answer = await this.reach(address, request);
    if (answer.ok) return answer.json();
    if (answer.status >= 500) throw new Cut();
    const told = await answer.json().catch(() => ({}));
    throw new Refused(told.error?.message ?? "", told.error?.code ?? "");
  }

  /**
   * @param {string} address
   * @param {RequestInit} request
   */
  async reach(address, request) {
    try {
      const { signal } = this.controller;
      return await fetch(address, { ...request, headers: this.headers(), credentials: "same-origin", signal });
    } catch {
      throw new Cut();
    }
  }

  /**
   * Waits until the line is back, at most so long.
   * @param {number} pause
   */
  rest(pause) {
    return new Promise((resolve) => {
      const wake = () => {
        clearTimeout(timer);
        removeEventListener("online", wake);
        this.controller.signal.removeEventListener("abort", wake);
        resolve(undefined);
      };
      const timer = setTimeout(wake, pause);
      addEventListener("online", wake);
      this.controller.signal.addEventListener("abort", wake);
    });
  }
}
