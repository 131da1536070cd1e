// The live line to the server: WebSocket first, long polling as the fall-back. What the server says becomes
// an event of the page; a lost line shows a thin bar and nothing else stops working.
import { io } from "socket.io-client";

import { tell } from "./notices.js";
import { goSignIn, refresh, refreshAll } from "./pages.js";
import { pauseBefore } from "./pauses.js";

/** @typedef {import("../types").Line} Line */

const patience = 1500;
const ackTimeout = 8000;
const longestAckTimeout = 64000;
const pollWhileLost = 10000;

/**
 * Opens the line.
 * @returns {Line}
 */
export function openLine() {
  const socket = io({
    transports: ["websocket", "polling"],
    tryAllTransports: true,
    reconnectionDelay: 400,
    reconnectionDelayMax: 4000,
    timeout: 8000,
  });
  // Twice as long after each wait in vain: a server that is only slow would else do nothing but let pages in again.
  let wait = ackTimeout;
  /** @type {Line["command"]} */
  const command = async (name, payload) => {
    if (!socket.connected) throw new Error("offline");
    const began = performance.now();
    try {
      const reply = await socket.timeout(wait).emitWithAck(name, payload);
      if (performance.now() - began < ackTimeout / 4) wait = ackTimeout;
      return reply;
    } catch (error) {
      wait = Math.min(2 * wait, longestAckTimeout);
      // No answer means a dead line that still looks alive: cut it, so that a new one is made.
      socket.io.engine?.close();
      throw error;
    }
  };
  /** @type {Line["command"]} */
  const ask = async (name, payload) => {
    for (;;) {
      const reply = /** @type {any} */ (await command(name, payload));
      const pause = pauseBefore(reply);
      if (!pause) return reply;
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
  };
  return { socket, isUp: () => socket.connected, command, ask };
}

/**
 * Shows and hides the bar of a lost line, and asks for what was missed when it is back.
 * @param {Line} line
 */
export function watchLine(line) {
  const { socket } = line;
  const bar = /** @type {HTMLElement} */ (document.getElementById("lost-line"));
  /** @param {boolean} isLost */
  const show = (isLost) => {
    bar.hidden = !isLost;
    document.documentElement.classList.toggle("is-offline", isLost);
  };
  let isFirst = true;
  let timer = 0;
  const lost = () => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      if (!socket.connected) show(true);
    }, patience);
  };
  socket.on("connect", () => {
    clearTimeout(timer);
    show(false);
    if (!isFirst) refreshAll();
    isFirst = false;
  });
  socket.on("disconnect", (reason) => {
    lost();
    if (reason === "io server disconnect") setTimeout(() => socket.connect(), 1000);
  });
  socket.on("connect_error", (error) => refused(line, error, lost));
  addEventListener("offline", () => {
    show(true);
    socket.io.engine?.close();
  });
  addEventListener("online", () => socket.connect());
  addEventListener("pageshow", (event) => {
    if (event.persisted) {
      socket.connect();
      refreshAll();
    }
  });
  setInterval(() => {
    if (!socket.connected && document.visibilityState === "visible") refreshAll();
  }, pollWhileLost);
}

/**
 * A refused line: an ended session leads to the sign-in page, anything else is tried again.
 * @param {Line} line
 * @param {Error & { data?: { code?: string } }} error
 * @param {() => void} lost
 */
function refused(line, error, lost) {
  if (error.data?.code === "signed_out") {
    goSignIn();
    return;
  }
  lost();
  if (!line.socket.active) setTimeout(() => line.socket.connect(), 3000);
}

/**
 * Turns what the server says into fresh parts of the page.
 * @param {Line} line
 */
export function watchNews({ socket }) {
  /** @param {string[]} names */
  const refreshNamed = (...names) => {
    for (const name of names) document.querySelectorAll(`[data-live="${name}"]`).forEach(refresh);
  };
  socket.on("ticket:changed", ({ ticket_id: ticketId }) => {
    document.querySelectorAll(`[data-live][data-ticket="${ticketId}"]`).forEach(refresh);
    document.dispatchEvent(new CustomEvent("desk:ticket", { detail: { ticketId } }));
    refreshNamed("questions", "workbench");
  });
  socket.on("queue:changed", () => refreshNamed("queue", "workbench"));
  socket.on("offers:changed", () => refreshNamed("offers", "workbench"));
  document.addEventListener("desk:read", () => {
    if (document.querySelector('[data-queue-row][aria-current="true"] .unread')) refreshNamed("queue");
  });
  socket.on("notices:changed", countNotices);
  socket.on("presence:ping", () => socket.emit("presence:beat", {}));
  socket.on("rights:changed", takeRights);
  socket.on("signed:out", goSignIn);
}

/** Shows what the person may do now; with something half written the reload is left to them. */
function takeRights() {
  if (document.querySelector("[data-touched]")) tell("rights-changed", "waiting");
  else location.reload();
}

/** Fetches how many notices are unread: the number stands on every page. */
async function countNotices() {
  const answer = await fetch("/notices", { headers: { Accept: "text/html" } });
  if (!answer.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const fresh = page.querySelector("[data-notices-count] > .count");
  if (!fresh) return;
  for (const place of document.querySelectorAll("[data-notices-count]")) place.replaceChildren(fresh.cloneNode(true));
}
