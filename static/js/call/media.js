// Microphone, camera and screen of this machine. Whatever is missing, one can still listen; and what is wrong is said so
// that one can do something about it.
import { words } from "./words.js";

const kept = "call-devices";

/** @typedef {"audio" | "video"} Kind */

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
    /** @type {(kind: Kind) => void} */
    this.changed = () => {};
    /** @type {Partial<Record<Kind | "speaker", string>>} */
    this.wanted = readWanted();
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
    const chosen = this.wanted[kind];
    const limits = kind === "video" ? { width: { ideal: 1280 }, height: { ideal: 720 } } : {};
    try {
      const wish = { ...limits, ...(chosen ? { deviceId: { ideal: chosen } } : {}) };
      const stream = await navigator.mediaDevices.getUserMedia({ [kind]: Object.keys(wish).length ? wish : true });
      this.put(kind, stream.getTracks()[0] ?? null, false);
      return true;
    } catch (error) {
      this.tell(faultWords(error, kind === "audio" ? "microphone" : "camera"));
      return false;
    }
  }

  /**
   * @param {Kind} kind
   * @param {MediaStreamTrack | null} track
   * @param {boolean} isScreen
   */
  put(kind, track, isScreen) {
    this[kind]?.stop();
    this[kind] = track;
    if (kind === "audio" && track) track.enabled = !this.isMuted;
    if (kind === "video") this.isScreen = isScreen;
    // A device that is pulled out, or sharing that is ended by the browser's own button.
    if (track) track.onended = () => this.ended(kind, track);
    this.changed(kind);
  }

  /**
   * @param {Kind} kind
   * @param {MediaStreamTrack} track
   */
  ended(kind, track) {
    if (this[kind] !== track) return;
    if (!this.isScreen || kind === "audio") this.tell(words(kind === "audio" ? "microphone-gone" : "camera-gone"));
    this.put(kind, null, false);
  }

  /** @param {boolean} isMuted */
  mute(isMuted) {
    this.isMuted = isMuted;
    if (this.audio) this.audio.enabled = !isMuted;
    this.changed("audio");
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
   * @param {Kind | "speaker"} kind
   * @param {string} deviceId
   */
  async choose(kind, deviceId) {
    this.wanted[kind] = deviceId;
    localStorage.setItem(kept, JSON.stringify(this.wanted));
    if (kind === "audio" || (kind === "video" && this.video && !this.isScreen)) await this.openOne(kind);
  }

  /** Lets go of everything. */
  close() {
    this.changed = () => {};
    for (const kind of /** @type {Kind[]} */ (["audio", "video"])) {
      this[kind]?.stop();
      this[kind] = null;
    }
  }
}

/** @returns {Partial<Record<Kind | "speaker", string>>} */
function readWanted() {
  try {
    return JSON.parse(localStorage.getItem(kept) ?? "{}");
  } catch {
    return {};
  }
}
