// The window of a call: a card over the page, which can be made small; on a phone it fills the screen until then.
import { copyTemplate, icon } from "../shell/texts.js";
import { Devices } from "./devices.js";
import { clockWords, initialsOf, nameWords, words } from "./words.js";

/** @typedef {import("./types").Call} Call */
/** @typedef {import("./peer.js").Peer} Peer */
/** @typedef {import("./media.js").Media} Media */

/** @typedef {"mute" | "camera" | "screen" | "hang-up"} Act */
/** @typedef {{ act: (act: Act) => void, retry: (accountId: string) => void, speaks: (accountId: string) => boolean }} House */

const tickEvery = 250;
const faultStays = 15_000;

export class CallWindow {
  /**
   * @param {HTMLElement} root
   * @param {Media} media
   * @param {House} house
   */
  constructor(root, media, house) {
    this.media = media;
    this.house = house;
    this.element = copyTemplate(root, "[data-call-template]");
    this.tileTemplate = root;
    this.tiles = this.part("[data-call-tiles]");
    this.status = this.part("[data-call-status]");
    this.began = 0;
    this.line = "";
    this.timer = window.setInterval(() => this.tick(), tickEvery);
    this.element.addEventListener("click", (event) => {
      const button = /** @type {Element} */ (event.target).closest("[data-call-act]");
      const wish = button?.getAttribute("data-call-act");
      if (wish === "size") this.resize(this.element.dataset.size !== "small");
      else if (wish === "retry") house.retry(this.tileOf(button)?.dataset.tile ?? "");
      else if (wish) house.act(/** @type {Act} */ (wish));
    });
    this.element.addEventListener("keydown", (event) => {
      if (event.key === "Escape") this.resize(true);
    });
    this.devices = new Devices(this.element, media, (fault) => this.tell(fault));
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

  /**
   * @param {Element | null | undefined} inside
   * @returns {HTMLElement | null}
   */
  tileOf(inside) {
    return inside?.closest("[data-tile]") ?? null;
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
    this.showAway(others.filter((one) => one.state !== "joined" && one.state !== "ringing"));
    this.showMe(myId, call.people.find((one) => one.account_id === myId)?.name ?? "");
    this.tiles.dataset.count = String(shown.size);
    this.tick();
  }

  /**
   * Says who was called and is not here, and why.
   * @param {import("./types").Caller[]} away
   */
  showAway(away) {
    const line = this.part("[data-call-away]");
    const told = away.map((one) => words(`away-${one.state}`, { name: one.name })).join(" · ");
    if (line.textContent !== told) line.textContent = told;
    line.hidden = !told;
  }

  /**
   * @param {Call} call
   * @param {boolean} isRinging
   * @param {Peer[]} peers
   */
  lineOf(call, isRinging, peers) {
    if (call.state === "ringing") return words("calling");
    const states = peers.map((peer) => peer.state);
    if (states.includes("lost")) return words("reconnecting");
    if (states.includes("given-up")) return words("cut-off");
    if (peers.length && !states.includes("connected")) return words("connecting");
    return isRinging ? words("calling-more") : "";
  }

  tick() {
    const clock = this.began ? clockWords((Date.now() - this.began) / 1000) : "";
    const line = [this.line, clock].filter(Boolean).join(" · ");
    if (this.status.textContent !== line) this.status.textContent = line;
    for (const tile of this.tiles.querySelectorAll("[data-tile]:not([data-mine])")) {
      if (!(tile instanceof HTMLElement)) continue;
      const speaks = String(this.house.speaks(tile.dataset.tile ?? ""));
      if (tile.dataset.speaks !== speaks) tile.dataset.speaks = speaks;
    }
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
      this.devices.speakThrough(video);
    }
    if (peer && video.paused) video.play().catch(() => {});
    tile.dataset.seen = String(Boolean(peer?.isSeen));
    tile.dataset.screen = String(Boolean(peer?.status.screen));
    tile.dataset.connected = String(Boolean(peer?.isConnected));
    this.showWay(tile, one.name, peer?.state ?? "joining");
    name(tile, one.name, peer ? !peer.status.audio : false);
  }

  /**
   * Says on somebody's picture that it is on its way, lost for a moment, or lost.
   * @param {HTMLElement} tile
   * @param {string} who
   * @param {import("./peer.js").State} state
   */
  showWay(tile, who, state) {
    if (tile.dataset.way === state) return;
    tile.dataset.way = state;
    const line = /** @type {HTMLElement} */ (tile.querySelector("[data-tile-way]"));
    line.textContent = state === "connected" ? "" : words(`way-${state}`, { name: who });
    const again = /** @type {HTMLElement} */ (tile.querySelector("[data-call-act='retry']"));
    again.hidden = state !== "given-up";
    again.setAttribute("aria-label", words("retry", { name: who }));
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
    const { audio, isMuted, isScreen, video } = this.media;
    const isFilmed = Boolean(video) && !isScreen;
    const isSilent = isMuted || !audio;
    const next = audio ? "unmute" : "microphone-on";
    this.press("mute", isSilent, isSilent ? "microphone-off" : "microphone", isSilent ? next : "mute");
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

  /** @param {string} fault */
  tell(fault) {
    const line = this.part("[data-call-fault]");
    line.textContent = fault;
    line.hidden = false;
    clearTimeout(this.faultTimer);
    this.faultTimer = window.setTimeout(() => {
      line.hidden = true;
    }, faultStays);
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
