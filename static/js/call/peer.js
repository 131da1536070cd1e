// One connection to one other page: the pattern of "perfect negotiation" (WebRTC 1.0, 10.7). Both sides may offer at any
// moment; where two offers meet, the polite side takes its own back.

/** @typedef {import("./types").Signal} Signal */
/** @typedef {import("./types").Status} Status */

const patience = 3000;
const nudgeEvery = 4000;
const restartEvery = 4;

export class Peer {
  /**
   * @param {{ accountId: string, device: string, isPolite: boolean, servers: RTCIceServer[] }} other
   * @param {{ send: (signal: Signal) => void, changed: () => void }} tell
   */
  constructor(other, tell) {
    this.accountId = other.accountId;
    this.device = other.device;
    this.isPolite = other.isPolite;
    this.tell = tell;
    this.stream = new MediaStream();
    /** @type {Status} */
    this.status = { audio: true, video: false, screen: false };
    this.isOffering = false;
    this.isAnswerComing = false;
    this.ignoresOffer = false;
    this.timer = 0;
    this.nudged = 0;
    this.work = Promise.resolve();
    /** @type {Map<"audio" | "video", RTCRtpSender>} */
    this.senders = new Map();
    this.connection = new RTCPeerConnection({ iceServers: other.servers });
    this.nudges = window.setInterval(() => this.nudge(), nudgeEvery);
    this.listen();
  }

  listen() {
    const { connection } = this;
    connection.onnegotiationneeded = () => {
      if (this.mayBegin) this.offer();
    };
    connection.onicecandidate = ({ candidate }) => this.tell.send({ candidate: candidate ? candidate.toJSON() : null });
    connection.ontrack = ({ track }) => {
      for (const old of this.stream.getTracks()) if (old.kind === track.kind) this.stream.removeTrack(old);
      this.stream.addTrack(track);
      track.onunmute = () => this.tell.changed();
      this.tell.changed();
    };
    connection.onconnectionstatechange = () => {
      this.heal();
      this.tell.changed();
    };
  }

  /**
   * Whether this page may offer. The first offer is the impolite side's: an offer that is taken back while its ways are
   * being looked for leaves Chromium looking for ever. What this side sends goes into the answer.
   */
  get mayBegin() {
    return !this.isPolite || this.connection.remoteDescription !== null;
  }

  /** Whether sound and pictures arrive. */
  get isConnected() {
    return this.connection.connectionState === "connected";
  }

  /** A connection that stays away for a moment looks for another way; one that failed does so at once. */
  heal() {
    clearTimeout(this.timer);
    const state = this.connection.connectionState;
    if (state === "failed") this.connection.restartIce();
    if (state === "disconnected") this.timer = window.setTimeout(() => this.again(), patience);
  }

  /** Looks for a way anew unless there is one. */
  again() {
    if (!this.isConnected && this.connection.signalingState !== "closed") this.connection.restartIce();
  }

  /**
   * Signals go to nobody while a line is lost. An offer that was not answered is made again: whoever waits for its answer
   * takes no other offer meanwhile, and both would wait for ever.
   */
  nudge() {
    const { connection } = this;
    if (this.isConnected || connection.signalingState === "closed") return;
    if (connection.signalingState === "have-local-offer") this.tell.send({ description: connection.localDescription });
    else if (!this.mayBegin) this.offer();
    else if (!this.isPolite) {
      // Not each time: on a slow machine the way is still being looked for.
      this.nudged += 1;
      if (this.nudged % restartEvery === 0) this.again();
    }
  }

  async offer() {
    try {
      this.isOffering = true;
      await this.connection.setLocalDescription();
      this.tell.send({ description: this.connection.localDescription });
    } catch {
      // Closed meanwhile.
    } finally {
      this.isOffering = false;
    }
  }

  /**
   * Takes in what the other page says, one after the other.
   * @param {Signal} signal
   */
  take(signal) {
    this.work = this.work.then(() => this.takeOne(signal)).catch(() => {
      // A description that does not fit any more: the next one will.
    });
  }

  /** @param {Signal} signal */
  async takeOne(signal) {
    if (this.connection.signalingState === "closed") return;
    if (signal.status) {
      this.status = signal.status;
      this.tell.changed();
    }
    if (signal.description) await this.describe(signal.description);
    if (signal.candidate !== undefined) await this.reach(signal.candidate);
  }

  /** @param {RTCSessionDescriptionInit} description */
  async describe(description) {
    const { connection } = this;
    const isReady = !this.isOffering && (connection.signalingState === "stable" || this.isAnswerComing);
    const collides = description.type === "offer" && !isReady;
    this.ignoresOffer = !this.isPolite && collides;
    if (this.ignoresOffer) return;
    this.isAnswerComing = description.type === "answer";
    try {
      await connection.setRemoteDescription(description);
    } finally {
      this.isAnswerComing = false;
    }
    if (description.type !== "offer") return;
    await connection.setLocalDescription();
    this.tell.send({ description: connection.localDescription });
  }

  /** @param {RTCIceCandidateInit | null} candidate */
  async reach(candidate) {
    try {
      await this.connection.addIceCandidate(candidate ?? undefined);
    } catch (error) {
      if (!this.ignoresOffer) throw error;
    }
  }

  /**
   * Sends another track of a kind, or none for a while.
   * @param {"audio" | "video"} kind
   * @param {MediaStreamTrack | null} track
   */
  async give(kind, track) {
    const sender = this.senders.get(kind);
    if (sender) await sender.replaceTrack(track);
    else if (track) this.senders.set(kind, this.connection.addTrack(track));
  }

  /** @param {RTCIceServer[]} servers */
  renew(servers) {
    this.connection.setConfiguration({ iceServers: servers });
    this.nudge();
    this.again();
  }

  close() {
    clearTimeout(this.timer);
    clearInterval(this.nudges);
    this.connection.close();
  }
}
