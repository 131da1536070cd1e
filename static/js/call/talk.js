// One call as this page takes part in it: its media, its connections to the others, its window.
import { Media } from "./media.js";
import { Peer } from "./peer.js";
import { Tone } from "./ring.js";
import { CallWindow } from "./window.js";

/** @typedef {import("./types").Call} Call */
/** @typedef {import("./types").Caller} Caller */
/** @typedef {import("./types").Signal} Signal */
/** @typedef {import("./types").SignalPacket} SignalPacket */

const mostEarly = 300;

export class Talk {
  /**
   * @param {HTMLElement} root
   * @param {{ accountId: string, send: (to: string, signal: Signal) => void, hangUp: () => void }} house
   */
  constructor(root, house) {
    this.house = house;
    this.root = root;
    this.media = new Media((fault) => this.tell(fault));
    /** @type {Call | null} */
    this.call = null;
    /** @type {RTCIceServer[]} */
    this.servers = [];
    /** @type {Map<string, Peer>} */
    this.peers = new Map();
    /** @type {SignalPacket[]} */
    this.early = [];
    /** @type {string[]} */
    this.faults = [];
    this.tone = new Tone();
    /** @type {CallWindow | null} */
    this.window = null;
    this.isClosed = false;
    this.stopping = new AbortController();
    const { signal } = this.stopping;
    // Another network, also where the old way still seems to be there.
    window.addEventListener("online", () => this.lookAnew(), { signal });
    /** @type {EventTarget | undefined} */
    const network = /** @type {any} */ (navigator).connection;
    network?.addEventListener("change", () => this.lookAnew(), { signal });
  }

  lookAnew() {
    for (const peer of this.peers.values()) peer.restart();
  }

  /**
   * Comes in: shows the window and begins to speak with who is there.
   * @param {Call} call
   * @param {RTCIceServer[]} servers
   */
  begin(call, servers) {
    this.servers = servers;
    this.window = new CallWindow(this.root, this.media, {
      act: (act) => this.act(act),
      retry: (accountId) => this.peers.get(accountId)?.retry(),
      speaks: (accountId) => this.peers.get(accountId)?.isSpeaking ?? false,
    });
    for (const fault of this.faults) this.window.tell(fault);
    this.media.changed = (kind) => this.give(kind);
    this.take(call);
  }

  /**
   * The line is back: signals may have been lost.
   * @param {Call} call
   * @param {RTCIceServer[]} servers
   */
  resume(call, servers) {
    this.servers = servers;
    this.take(call);
    for (const peer of this.peers.values()) peer.renew(servers);
    this.sendStatus();
  }

  /**
   * Takes in who is in the call now.
   * @param {Call} call
   */
  take(call) {
    this.call = call;
    const inside = call.people.filter((one) => one.state === "joined" && one.account_id !== this.house.accountId);
    for (const [accountId, peer] of this.peers) {
      if (!inside.some((one) => one.account_id === accountId && one.device === peer.device)) this.drop(accountId);
    }
    for (const one of inside) if (!this.peers.has(one.account_id)) this.meet(one);
    for (const peer of this.peers.values()) peer.measure(this.peers.size);
    if (call.state === "ringing") this.tone.start(0.04);
    else this.tone.stop();
    const early = this.early.splice(0);
    for (const packet of early) this.hear(packet);
    this.show();
  }

  /** @param {Caller} one */
  meet(one) {
    const { accountId } = this.house;
    const peer = new Peer(
      { accountId: one.account_id, device: one.device ?? "", isPolite: accountId < one.account_id, servers: this.servers },
      { send: (signal) => this.house.send(one.account_id, signal), changed: () => this.show() },
    );
    this.peers.set(one.account_id, peer);
    peer.tell.send({ status: this.status() });
    for (const kind of /** @type {import("./media.js").Kind[]} */ (["audio", "video"])) {
      peer.give(kind, this.media[kind]).catch(() => {});
    }
  }

  /** @param {string} accountId */
  drop(accountId) {
    this.peers.get(accountId)?.close();
    this.peers.delete(accountId);
  }

  /**
   * Hears from another page; one of which the house has not told yet is kept until it has.
   * @param {SignalPacket} packet
   */
  hear(packet) {
    const peer = this.peers.get(packet.from);
    if (peer?.device === packet.device) peer.take(JSON.parse(packet.data));
    else if (this.early.length < mostEarly) this.early.push(packet);
  }

  /** @param {import("./window.js").Act} act */
  act(act) {
    if (act === "hang-up") this.house.hangUp();
    else if (act === "mute") this.media.toggleMicrophone();
    else if (act === "camera") this.media.toggleCamera();
    else this.media.toggleScreen();
  }

  /** @param {"audio" | "video"} kind */
  give(kind) {
    for (const peer of this.peers.values()) peer.give(kind, this.media[kind]).catch(() => {});
    this.sendStatus();
    this.show();
  }

  /** @returns {import("./types").Status} */
  status() {
    const { media } = this;
    return { audio: Boolean(media.audio) && !media.isMuted, video: Boolean(media.video), screen: media.isScreen };
  }

  sendStatus() {
    for (const accountId of this.peers.keys()) this.house.send(accountId, { status: this.status() });
  }

  show() {
    if (this.call && this.window && !this.isClosed) this.window.show(this.call, this.house.accountId, this.peers);
  }

  /** @param {string} fault */
  tell(fault) {
    if (this.window) this.window.tell(fault);
    else this.faults.push(fault);
  }

  close() {
    this.isClosed = true;
    this.stopping.abort();
    this.tone.stop();
    for (const accountId of [...this.peers.keys()]) this.drop(accountId);
    this.media.close();
    this.window?.close();
  }
}
