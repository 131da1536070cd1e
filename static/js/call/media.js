// Microphone, camera and screen of this machine. Whatever is missing, one can still listen; what is pulled out is
// replaced by another where there is one; and what is wrong is said so that one can do something about it.
import { words } from "./words.js";

const kept = "call-devices";

/** @typedef {"audio" | "video"} Kind */
/** @typedef {Kind | "speaker"} Sort */

/** @type {Record<Sort, MediaDeviceKind>} */
export const deviceKinds = { audio: "audioinput", video: "videoinput", speaker: "audiooutput" };
/** @type {Record<Kind, "microphone" | "camera">} */
const called = { audio: "microphone", video: "camera" };

/**
 * Says why a microphone, a camera or the screen did not come.
 * @param {unknown} error
 * @param {"microphone" | "camera" | "screen"} what
 * @returns {string}
 */
export function faultWords(error, what) {
  const name = error instanceof Error ? error.name : "";
  /** @type {Record<string, string>} */
  const faults = {
    NotAllowedError: "refused",
    SecurityError: "refused",
    NotFoundError: "none",
    OverconstrainedError: "none",
    NotReadableError: "in-use",
    AbortError: "in-use",
  };
  return words(`${what}-${faults[name] ?? "in-use"}`);
}

/**
 * Lists what this machine has of a sort.
 * @param {Sort} sort
 * @returns {Promise<MediaDeviceInfo[]>}
 */
export async function listDevices(sort) {
  const devices = (await navigator.mediaDevices?.enumerateDevices()) ?? [];
  return devices.filter((device) => device.kind === deviceKinds[sort] && device.deviceId);
}

export class Media {
  /** @param {(fault: string) => void} tell */
  constructor(tell) {
    this.tell = tell;
    /** @type {MediaStreamTrack | null} */
    this.audio = null;
    /** @type {MediaStreamTrack | null} */
    this.video = null;
    this.isScreen = false;
    this.isMuted = false;
    this.isClosed = false;
    /** @type {Set<Kind>} what went away by itself, and is taken again when it comes back */
    this.missed = new Set();
    /** @type {(kind: Kind) => void} */
    this.changed = () => {};
    /** Called when devices were plugged in or pulled out. @type {() => void} */
    this.plugged = () => {};
    /** @type {Partial<Record<Sort, string>>} */
    this.wanted = readWanted();
    this.hearPlugs = () => this.look();
    navigator.mediaDevices?.addEventListener?.("devicechange", this.hearPlugs);
  }

  /**
   * Opens microphone and, if wanted, camera; one that is missing is told and left out.
   * @param {boolean} withVideo
   */
  async open(withVideo) {
    if (!navigator.mediaDevices) {
      this.tell(words("no-media"));
      return;
    }
    await this.openOne("audio");
    if (withVideo) await this.openOne("video");
  }

  /**
   * Opens a microphone or a camera, the one that was chosen last if it is there.
   * @param {Kind} kind
   * @returns {Promise<boolean>}
   */
  async openOne(kind) {
    try {
      await this.getWanted(kind);
      return true;
    } catch (error) {
      this.tell(faultWords(error, called[kind]));
      return false;
    }
  }

  /**
   * Takes the one that was chosen last, or any where that one is not there. As a mere wish a browser weighs it against the
   * size of the picture, and may take another.
   * @param {Kind} kind
   */
  async getWanted(kind) {
    try {
      await this.get(kind, this.wanted[kind]);
    } catch (error) {
      const isMissing = error instanceof Error && ["OverconstrainedError", "NotFoundError"].includes(error.name);
      if (!this.wanted[kind] || !isMissing) throw error;
      await this.get(kind);
    }
  }

  /**
   * @param {Kind} kind
   * @param {string} [deviceId]
   */
  async get(kind, deviceId) {
    const limits = kind === "video" ? { width: { ideal: 1280 }, height: { ideal: 720 } } : {};
    const wish = { ...limits, ...(deviceId ? { deviceId: { exact: deviceId } } : {}) };
    const stream = await navigator.mediaDevices.getUserMedia({ [kind]: Object.keys(wish).length ? wish : true });
    const track = stream.getTracks()[0] ?? null;
    if (this.isClosed) track?.stop();
    else this.put(kind, track, false);
  }

  /**
   * @param {Kind} kind
   * @param {MediaStreamTrack | null} track
   * @param {boolean} isScreen
   */
  put(kind, track, isScreen) {
    this[kind]?.stop();
    this[kind] = track;
    this.missed.delete(kind);
    if (kind === "audio" && track) track.enabled = !this.isMuted;
    if (kind === "video") this.isScreen = isScreen;
    // A device that is pulled out, or sharing that is ended by the browser's own button.
    if (track) track.onended = () => this.ended(kind, track);
    this.changed(kind);
  }

  /**
   * Takes another device where one went away by itself, and says so.
   * @param {Kind} kind
   * @param {MediaStreamTrack} track
   */
  async ended(kind, track) {
    if (this[kind] !== track) return;
    const wasScreen = kind === "video" && this.isScreen;
    const gone = track.getSettings().deviceId;
    this.put(kind, null, false);
    if (wasScreen) return;
    const [other] = (await listDevices(kind).catch(() => [])).filter((device) => device.deviceId !== gone);
    try {
      if (!other) throw new Error("none left");
      await this.get(kind, other.deviceId);
      this.tell(words(`${called[kind]}-switched`, { name: this.labelOf(kind) }));
    } catch {
      // From now on, not while another one is being taken: two that look for one at once would take two.
      this.missed.add(kind);
      this.tell(words(`${called[kind]}-gone`));
    }
  }

  /** Looks at what was plugged in or pulled out. */
  async look() {
    for (const kind of [...this.missed]) {
      const found = await listDevices(kind).catch(() => []);
      const next = found.find((device) => device.deviceId === this.wanted[kind]) ?? found[0];
      if (!next || this[kind] || !this.missed.has(kind)) continue;
      const came = await this.get(kind, next.deviceId).then(() => true, () => false);
      if (came && !this.isClosed) this.tell(words(`${called[kind]}-switched`, { name: this.labelOf(kind) }));
    }
    if (!this.isClosed) this.plugged();
  }

  /** @param {Kind} kind */
  labelOf(kind) {
    return this[kind]?.label || words("device", { number: 1 });
  }

  /** @param {boolean} isMuted */
  mute(isMuted) {
    this.isMuted = isMuted;
    if (this.audio) this.audio.enabled = !isMuted;
    this.changed("audio");
  }

  /** Mutes and unmutes; where there is no microphone yet, asks for one. */
  async toggleMicrophone() {
    if (this.audio) this.mute(!this.isMuted);
    else if (await this.openOne("audio")) this.mute(false);
  }

  /** Switches the camera on or off; its light goes out with it. */
  async toggleCamera() {
    if (this.video && !this.isScreen) this.put("video", null, false);
    else await this.openOne("video");
  }

  /** Shows the screen instead of the camera, or ends that. */
  async toggleScreen() {
    if (this.isScreen) {
      this.put("video", null, false);
      return;
    }
    try {
      const stream = await navigator.mediaDevices.getDisplayMedia({ video: true });
      this.put("video", stream.getVideoTracks()[0] ?? null, true);
    } catch (error) {
      // Who closes the browser's own question without choosing has changed their mind; that is no fault.
      if (!(error instanceof Error) || error.name !== "NotAllowedError") this.tell(faultWords(error, "screen"));
    }
  }

  /**
   * Takes another device and keeps the choice for the next call.
   * @param {Sort} sort
   * @param {string} deviceId
   */
  async choose(sort, deviceId) {
    this.wanted[sort] = deviceId;
    keepWanted(this.wanted);
    if (sort === "speaker" || (sort === "video" && (!this.video || this.isScreen))) return;
    try {
      await this.get(sort, deviceId);
    } catch (error) {
      await this.insist(sort, deviceId, error);
    }
  }

  /**
   * Many phones open one camera at a time: the old one is let go of first.
   * @param {Kind} kind
   * @param {string} deviceId
   * @param {unknown} error
   */
  async insist(kind, deviceId, error) {
    const before = this[kind]?.getSettings().deviceId;
    if (kind === "video" && error instanceof Error && error.name === "NotReadableError") {
      this.put(kind, null, false);
      const came = await this.get(kind, deviceId).then(() => true, () => false);
      if (came) return;
      await this.get(kind, before).catch(() => {});
    }
    this.tell(faultWords(error, called[kind]));
  }

  /** Lets go of everything. */
  close() {
    this.isClosed = true;
    this.changed = () => {};
    this.plugged = () => {};
    navigator.mediaDevices?.removeEventListener?.("devicechange", this.hearPlugs);
    for (const kind of /** @type {Kind[]} */ (["audio", "video"])) {
      this[kind]?.stop();
      this[kind] = null;
    }
  }
}

/** @returns {Partial<Record<Sort, string>>} */
function readWanted() {
  try {
    return JSON.parse(localStorage.getItem(kept) ?? "{}");
  } catch {
    return {};
  }
}

/** @param {Partial<Record<Sort, string>>} wanted */
function keepWanted(wanted) {
  try {
    localStorage.setItem(kept, JSON.stringify(wanted));
  } catch {
    // A browser that keeps nothing: the choice holds for this call.
  }
}
