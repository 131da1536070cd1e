// One connection to one other page. Both kinds of media have their place from the first moment and change by replacing
// what is sent, so that nothing is ever negotiated anew but the way itself. Only one side offers, the first time and
// each time that a way is looked for: an offer that is taken back leaves Chromium looking for ever. The other asks for it.

/** @typedef {import("./types").Signal} Signal */
/** @typedef {import("./types").Status} Status */
/** @typedef {"audio" | "video"} Kind */
/** @typedef {"joining" | "connected" | "lost" | "given-up"} State */

const patience = 2500;
const nudgeEvery = 4000;
const restartEvery = 3;
const listenEvery = 400;
/** So long a way is looked for before the page says that there is none. */
const lostAfter = 20_000;
const speaksFor = 1000;
const loudEnough = 0.015;
/** What one picture may take of the way out, by how many others there are: each gets a copy of its own. */
const measures = [
  { scale: 1, bits: 1_500_000, rate: 30 },
  { scale: 1, bits: 1_500_000, rate: 30 },
  { scale: 1.5, bits: 700_000, rate: 20 },
  { scale: 2, bits: 400_000, rate: 15 },
];
const kinds = /** @type {Kind[]} */ (["audio", "video"]);

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
    /** @type {Record<Kind, MediaStreamTrack | null>} */
    this.given = { audio: null, video: null };
    this.lostSince = performance.now();
    this.wasConnected = false;
    this.isGivenUp = false;
    this.spokeAt = -speaksFor;
    /** @type {[number, number]} energy and seconds heard so far */
    this.sound = [0, 0];
    this.others = 1;
    this.timer = 0;
    this.nudged = 0;
    this.work = Promise.resolve();
    this.connection = new RTCPeerConnection({ iceServers: other.servers });
    this.nudges = window.setInterval(() => this.nudge(), nudgeEvery);
    this.ears = window.setInterval(() => this.listenIn().catch(() => {}), listenEvery);
    this.listen();
    // Where the other side offers, the places for both kinds come with its offer.
    if (!this.isPolite) for (const kind of kinds) this.connection.addTransceiver(kind, { direction: "sendrecv" });
  }

  listen() {
    const { connection } = this;
    connection.onnegotiationneeded = () => {
      if (!this.isPolite) this.offer();
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

  /** Whether sound and pictures arrive. */
  get isConnected() {
    return this.connection.connectionState === "connected";
  }

  /** @returns {State} */
  get state() {
    if (this.isConnected) return "connected";
    if (this.isGivenUp) return "given-up";
    return this.wasConnected ? "lost" : "joining";
  }

  /** Whether there is a picture to show; one that stands still while a way is looked for is better than none. */
  get isSeen() {
    const isThere = this.status.video && this.stream.getVideoTracks().length > 0;
    return isThere && (this.state === "connected" || this.state === "lost");
  }

  /** A connection that stays away for a moment looks for another way; one that failed does so at once. */
  heal() {
    clearTimeout(this.timer);
    const state = this.connection.connectionState;
    if (state === "connected") {
      [this.lostSince, this.wasConnected, this.isGivenUp, this.nudged] = [0, true, false, 0];
      this.measure(this.others);
    } else if (!this.lostSince) this.lostSince = performance.now();
    if (state === "failed") this.again();
    if (state === "disconnected") this.timer = window.setTimeout(() => this.again(), patience);
  }

  /** Looks for a way anew unless there is one. */
  again() {
    if (!this.isConnected) this.restart();
  }

  /** Looks for a way anew also where there still seems to be one: the network of this machine is another. */
  restart() {
    if (this.connection.signalingState === "closed") return;
    if (this.isPolite) this.tell.send({ restart: true });
    else this.connection.restartIce();
  }

  /** Tries once more because somebody wants it. */
  retry() {
    [this.lostSince, this.isGivenUp, this.nudged] = [performance.now(), false, 0];
    this.nudge();
    this.again();
    this.tell.changed();
  }

  /**
   * Signals go to nobody while a line is lost: an offer that was not answered is sent again, and a way that is not found
   * is looked for anew. After a while the page says so, and goes on looking.
   */
  nudge() {
    const { connection } = this;
    if (this.isConnected || connection.signalingState === "closed") return;
    if (!this.isGivenUp && performance.now() - this.lostSince >= lostAfter) {
      this.isGivenUp = true;
      this.tell.changed();
    }
    if (connection.signalingState === "have-local-offer") {
      this.tell.send({ description: connection.localDescription });
      return;
    }
    // Not each time: on a slow machine the way is still being looked for.
    this.nudged += 1;
    if (this.nudged % restartEvery === 0 || !connection.remoteDescription) this.again();
  }

  async offer() {
    try {
      await this.connection.setLocalDescription();
      this.tell.send({ description: this.connection.localDescription });
    } catch {
      // Closed meanwhile.
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
    const { connection } = this;
    if (connection.signalingState === "closed") return;
    if (signal.status) {
      this.status = signal.status;
      this.tell.changed();
    }
    if (signal.restart && !this.isPolite) this.beAsked();
    if (signal.description) await this.describe(signal.description);
    if (signal.candidate !== undefined) await connection.addIceCandidate(signal.candidate ?? undefined);
  }

  /** The other side has lost its way, or never heard of an offer. */
  beAsked() {
    if (this.connection.signalingState === "have-local-offer") this.nudge();
    else this.connection.restartIce();
  }

  /** @param {RTCSessionDescriptionInit} description */
  async describe(description) {
    const { connection } = this;
    if ((description.type === "offer") !== this.isPolite) return;
    await connection.setRemoteDescription(description);
    if (!this.isPolite) return;
    for (const transceiver of connection.getTransceivers()) transceiver.direction = "sendrecv";
    await Promise.all(kinds.map((kind) => this.send(kind)));
    await connection.setLocalDescription();
    this.tell.send({ description: connection.localDescription });
  }

  /**
   * Sends another track of a kind, or none for a while.
   * @param {Kind} kind
   * @param {MediaStreamTrack | null} track
   */
  async give(kind, track) {
    this.given[kind] = track;
    await this.send(kind);
  }

  /**
   * Lets what is given out, once there is a place for it.
   * @param {Kind} kind
   */
  async send(kind) {
    const place = this.connection.getTransceivers().find((one) => one.receiver.track.kind === kind);
    if (place && place.sender.track !== this.given[kind]) await place.sender.replaceTrack(this.given[kind]);
  }

  /**
   * Sends smaller pictures where more people get one.
   * @param {number} others
   */
  measure(others) {
    this.others = others;
    const sender = this.connection.getTransceivers().find((one) => one.receiver.track.kind === "video")?.sender;
    const { scale, bits, rate } = measures[Math.min(others, measures.length - 1)];
    const wish = sender?.getParameters();
    const [encoding] = wish?.encodings ?? [];
    if (!sender || !wish || !encoding || encoding.maxBitrate === bits) return;
    Object.assign(encoding, { scaleResolutionDownBy: scale, maxBitrate: bits, maxFramerate: rate });
    // A browser that measures by itself.
    sender.setParameters(wish).catch(() => {});
  }

  /** Whether the other side has been heard to speak just now. */
  get isSpeaking() {
    return this.isConnected && this.status.audio && performance.now() - this.spokeAt < speaksFor;
  }

  /** Listens how loud it was since the last time; asked several times a second. */
  async listenIn() {
    const place = this.connection.getTransceivers().find((one) => one.receiver.track.kind === "audio");
    if (!place || !this.isConnected) return;
    const stats = [...(await place.receiver.getStats()).values()].find((one) => one.type === "inbound-rtp");
    const { totalAudioEnergy: energy = 0, totalSamplesDuration: length = 0 } = stats ?? {};
    const [before, began] = this.sound;
    this.sound = [energy, length];
    // Energy by time is the square of loudness (webrtc-stats, 7.3).
    if (length > began && Math.sqrt((energy - before) / (length - began)) > loudEnough) this.spokeAt = performance.now();
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
    clearInterval(this.ears);
    this.connection.close();
  }
}
