// The window of a call: a card over the page, which can be made small; on a phone it fills the screen until then.
import { copyTemplate, icon } from "../shell/texts.js";
import { clockWords, initialsOf, nameWords, words } from "./words.js";

/** @typedef {import("./types").Call} Call */
/** @typedef {import("./peer.js").Peer} Peer */
/** @typedef {import("./media.js").Media} Media */

/** @typedef {"mute" | "camera" | "screen" | "hang-up"} Act */

export class CallWindow {
  /**
   * @param {HTMLElement} root
   * @param {Media} media
   * @param {(act: Act) => void} act
   */
  constructor(root, media, act) {
    this.media = media;
    this.element = copyTemplate(root, "[data-call-template]");
    this.tileTemplate = root;
    this.tiles = this.part("[data-call-tiles]");
    this.status = this.part("[data-call-status]");
    this.began = 0;
    this.line = "";
    this.timer = window.setInterval(() => this.tick(), 500);
    this.element.addEventListener("click", (event) => {
      const button = /** @type {Element} */ (event.target).closest("[data-call-act]");
      const wish = button?.getAttribute("data-call-act");
      if (wish === "size") this.resize(this.element.dataset.size !== "small");
      else if (wish) act(/** @type {Act} */ (wish));
    });
    this.element.addEventListener("keydown", (event) => {
      if (event.key === "Escape") this.resize(true);
    });
    this.element.addEventListener("change", (event) => this.choose(/** @type {Element} */ (event.target)));
    this.part("[data-call-devices]").addEventListener("toggle", () => this.listDevices());
    this.part("[data-call-act='screen']").hidden = !navigator.mediaDevices || !("getDisplayMedia" in navigator.mediaDevices);
    root.append(this.element);
    this.part("[data-call-act='hang-up']").focus({ preventScroll: true });
  }

  /**
   * @param {string} selector
   * @returns {HTMLElement}
   */
  part(selector) {
    return /** @type {HTMLElement} */ (this.element.querySelector(selector));
  }

  /** @param {boolean} isSmall */
  resize(isSmall) {
    this.element.dataset.size = isSmall ? "small" : "large";
    const button = this.part("[data-call-act='size']");
    const label = words(isSmall ? "larger" : "smaller");
    button.replaceChildren(icon(isSmall ? "maximize" : "minimize"));
    button.setAttribute("aria-label", label);
    button.title = label;
  }

  /**
   * Shows how the call stands.
   * @param {Call} call
   * @param {string} myId
   * @param {Map<string, Peer>} peers
   */
  show(call, myId, peers) {
    const others = call.people.filter((one) => one.account_id !== myId);
    const inside = others.filter((one) => one.state === "joined");
    this.part("[data-call-title]").textContent = nameWords((inside.length ? inside : others).map((one) => one.name));
    this.began = call.state === "running" ? Date.now() - call.seconds * 1000 : 0;
    const waits = others.filter((one) => one.state === "ringing");
    this.line = this.lineOf(call, waits.length > 0, [...peers.values()]);
    const shown = new Set([myId, ...inside.map((one) => one.account_id)]);
    for (const tile of [...this.tiles.children]) {
      if (tile instanceof HTMLElement && !shown.has(tile.dataset.tile ?? "")) tile.remove();
    }
    for (const one of inside) this.showOther(one, peers.get(one.account_id));
    this.showMe(myId, call.people.find((one) => one.account_id === myId)?.name ?? "");
    this.tiles.dataset.count = String(shown.size);
    this.tick();
  }

  /**
   * @param {Call} call
   * @param {boolean} isRinging
   * @param {Peer[]} peers
   */
  lineOf(call, isRinging, peers) {
    if (call.state === "ringing") return words("calling");
    if (peers.some((peer) => ["disconnected", "failed"].includes(peer.connection.connectionState))) {
      return words("reconnecting");
    }
    if (peers.length && !peers.some((peer) => peer.isConnected)) return words("connecting");
    return isRinging ? words("calling-more") : "";
  }

  tick() {
    const clock = this.began ? clockWords((Date.now() - this.began) / 1000) : "";
    const line = [this.line, clock].filter(Boolean).join(" · ");
    if (this.status.textContent !== line) this.status.textContent = line;
  }

  /**
   * @param {string} id
   * @param {string} name
   * @returns {HTMLElement}
   */
  tile(id, name) {
    const known = this.tiles.querySelector(`[data-tile="${id}"]`);
    if (known instanceof HTMLElement) return known;
    const tile = copyTemplate(this.tileTemplate, "[data-tile-template]");
    tile.dataset.tile = id;
    /** @type {HTMLElement} */ (tile.querySelector("[data-tile-initials]")).textContent = initialsOf(name);
    this.tiles.append(tile);
    return tile;
  }

  /**
   * @param {import("./types").Caller} one
   * @param {Peer | undefined} peer
   */
  showOther(one, peer) {
    const tile = this.tile(one.account_id, one.name);
    const video = /** @type {HTMLVideoElement} */ (tile.querySelector("video"));
    if (peer && video.srcObject !== peer.stream) {
      video.srcObject = peer.stream;
      this.speakThrough(video);
    }
    if (peer && video.paused) video.play().catch(() => {});
    const isSeen = Boolean(peer?.status.video && peer.stream.getVideoTracks().length);
    tile.dataset.seen = String(isSeen);
    tile.dataset.screen = String(Boolean(peer?.status.screen));
    tile.dataset.connected = String(Boolean(peer?.isConnected));
    name(tile, one.name, peer ? !peer.status.audio : false);
  }

  /**
   * @param {string} myId
   * @param {string} myName
   */
  showMe(myId, myName) {
    const tile = this.tile(myId, myName);
    const video = /** @type {HTMLVideoElement} */ (tile.querySelector("video"));
    const { media } = this;
    tile.dataset.mine = "true";
    video.muted = true;
    const shown = /** @type {MediaStream | null} */ (video.srcObject)?.getTracks()[0] ?? null;
    if (shown !== media.video) video.srcObject = media.video ? new MediaStream([media.video]) : null;
    if (media.video && video.paused) video.play().catch(() => {});
    tile.dataset.seen = String(Boolean(media.video));
    tile.dataset.screen = String(media.isScreen);
    name(tile, words("me"), media.isMuted || !media.audio);
    // Moving a picture that plays would stop it.
    if (this.tiles.lastElementChild !== tile) this.tiles.append(tile);
    this.showActs();
  }

  /** Lets each button say what it does next. */
  showActs() {
    const { isMuted, isScreen, video } = this.media;
    const isFilmed = Boolean(video) && !isScreen;
    this.press("mute", isMuted, isMuted ? "microphone-off" : "microphone", isMuted ? "unmute" : "mute");
    this.press("camera", isFilmed, isFilmed ? "video" : "video-off", isFilmed ? "camera-off" : "camera-on");
    this.press("screen", isScreen, isScreen ? "screen-share-off" : "screen-share", isScreen ? "screen-off" : "screen-on");
  }

  /**
   * Shows what a button does next, and whether what it stands for is on.
   * @param {Act} act
   * @param {boolean} isOn
   * @param {string} picture
   * @param {string} label
   */
  press(act, isOn, picture, label) {
    const button = this.part(`[data-call-act='${act}']`);
    if (button.dataset.label === label) return;
    button.dataset.label = label;
    button.dataset.on = String(isOn);
    const line = document.createElement("span");
    line.textContent = words(label);
    button.replaceChildren(icon(picture), line);
  }

  /** Fills the lists of devices; their names are known once one of them may be used. */
  async listDevices() {
    if (!navigator.mediaDevices) return;
    const devices = await navigator.mediaDevices.enumerateDevices();
    for (const select of this.element.querySelectorAll("[data-device]")) {
      if (!(select instanceof HTMLSelectElement)) continue;
      const kind = { audio: "audioinput", video: "videoinput", speaker: "audiooutput" }[select.dataset.device ?? ""];
      const found = devices.filter((device) => device.kind === kind && device.deviceId);
      select.replaceChildren(
        ...found.map((device, place) => new Option(device.label || words("device", { number: place + 1 }), device.deviceId)),
      );
      select.value = this.inUse(select.dataset.device ?? "") ?? found[0]?.deviceId ?? "";
      const row = /** @type {HTMLElement} */ (select.closest("label"));
      row.hidden = !found.length || (kind === "audiooutput" && !("setSinkId" in HTMLMediaElement.prototype));
    }
  }

  /** @param {string} kind */
  inUse(kind) {
    const track = kind === "audio" ? this.media.audio : kind === "video" ? this.media.video : null;
    return track?.getSettings().deviceId ?? this.media.wanted[/** @type {"speaker"} */ (kind)];
  }

  /** @param {Element} select */
  choose(select) {
    if (!(select instanceof HTMLSelectElement)) return;
    this.media.choose(/** @type {"audio" | "video" | "speaker"} */ (select.dataset.device), select.value);
    if (select.dataset.device === "speaker") this.tiles.querySelectorAll("video").forEach((video) => this.speakThrough(video));
  }

  /** @param {HTMLVideoElement} video */
  speakThrough(video) {
    const { speaker } = this.media.wanted;
    if (speaker && "setSinkId" in video) video.setSinkId(speaker).catch(() => {});
  }

  /** @param {string} fault */
  tell(fault) {
    const line = this.part("[data-call-fault]");
    line.textContent = fault;
    line.hidden = false;
    clearTimeout(this.faultTimer);
    this.faultTimer = window.setTimeout(() => {
      line.hidden = true;
    }, 9000);
  }

  close() {
    clearInterval(this.timer);
    clearTimeout(this.faultTimer);
    for (const video of this.tiles.querySelectorAll("video")) video.srcObject = null;
    this.element.remove();
  }
}

/**
 * @param {HTMLElement} tile
 * @param {string} who
 * @param {boolean} isMuted
 */
function name(tile, who, isMuted) {
  const caption = /** @type {HTMLElement} */ (tile.querySelector("figcaption"));
  const line = isMuted ? words("is-muted", { name: who }) : who;
  if (caption.textContent !== line) caption.textContent = line;
  tile.dataset.muted = String(isMuted);
}
