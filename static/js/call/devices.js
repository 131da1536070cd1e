// The lists of microphones, cameras and speakers in the window of a call; they follow what is plugged in and pulled out.
import { listDevices } from "./media.js";
import { words } from "./words.js";

/** @typedef {import("./media.js").Media} Media */
/** @typedef {import("./media.js").Sort} Sort */

const canChooseSpeaker = "setSinkId" in HTMLMediaElement.prototype;

export class Devices {
  /**
   * @param {HTMLElement} element the window of the call
   * @param {Media} media
   * @param {(fault: string) => void} tell
   */
  constructor(element, media, tell) {
    this.element = element;
    this.media = media;
    this.tell = tell;
    /** @type {string | undefined} the speaker in use; none is the one of the machine */
    this.speaker = media.wanted.speaker;
    element.addEventListener("change", (event) => this.choose(/** @type {Element} */ (event.target)));
    element.querySelector("[data-call-devices]")?.addEventListener("toggle", () => this.list());
    media.plugged = () => this.plugged();
    this.plugged();
  }

  /** Fills the lists; names are known once one of the devices may be used. */
  async list() {
    if (!navigator.mediaDevices) return;
    for (const select of this.element.querySelectorAll("select[data-device]")) {
      if (select instanceof HTMLSelectElement) await this.fill(select, /** @type {Sort} */ (select.dataset.device));
    }
  }

  /**
   * @param {HTMLSelectElement} select
   * @param {Sort} sort
   */
  async fill(select, sort) {
    const found = await listDevices(sort);
    const options = found.map(
      (device, place) => new Option(device.label || words("device", { number: place + 1 }), device.deviceId),
    );
    const before = [...select.options].map((option) => option.value + option.text).join();
    // A list that is open under somebody's finger is left alone unless it is another.
    if (before !== options.map((option) => option.value + option.text).join()) select.replaceChildren(...options);
    select.value = this.inUse(sort) ?? found[0]?.deviceId ?? "";
    const row = /** @type {HTMLElement} */ (select.closest("label"));
    row.hidden = !found.length || (sort === "speaker" && !canChooseSpeaker);
  }

  /**
   * @param {Sort} sort
   * @returns {string | undefined}
   */
  inUse(sort) {
    if (sort === "speaker") return this.speaker || undefined;
    const track = sort === "video" && this.media.isScreen ? null : this.media[sort];
    return track?.getSettings().deviceId ?? this.media.wanted[sort];
  }

  /** @param {Element} select */
  async choose(select) {
    if (!(select instanceof HTMLSelectElement) || !select.dataset.device) return;
    const sort = /** @type {Sort} */ (select.dataset.device);
    await this.media.choose(sort, select.value);
    if (sort === "speaker") {
      this.speaker = select.value;
      await this.speakThroughAll();
    }
    await this.list();
  }

  /** A speaker that was pulled out: the one of the machine goes on, and it is said so. */
  async plugged() {
    await this.list().catch(() => {});
    const { speaker } = this.media.wanted;
    if (!canChooseSpeaker || !speaker) return;
    const isThere = (await listDevices("speaker").catch(() => [])).some((device) => device.deviceId === speaker);
    if (isThere === Boolean(this.speaker)) return;
    this.speaker = isThere ? speaker : "";
    await this.speakThroughAll();
    this.tell(words(isThere ? "speaker-back" : "speaker-gone"));
  }

  async speakThroughAll() {
    await Promise.all([...this.element.querySelectorAll("video")].map((video) => this.speakThrough(video)));
  }

  /** @param {HTMLVideoElement} video */
  async speakThrough(video) {
    if (canChooseSpeaker && !video.muted && this.speaker !== undefined) await video.setSinkId(this.speaker).catch(() => {});
  }
}
