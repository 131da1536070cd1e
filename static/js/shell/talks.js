// The count of conversations with something unread, in the menu of every page. The server's cursor says what is new
// since the last look of this browser; a push says when to look.

import { refresh } from "./pages.js";

/** @typedef {import("../types").Inbox} Inbox */
/** @typedef {import("../types").Line} Line */
/** @typedef {import("../types").Shell} Shell */

const pause = 1500;
const beingRead = 600;

/**
 * Keeps the count, and tells the page that conversations have news.
 * @param {Shell} shell
 */
export function watchTalks({ accountId, line, outbox }) {
  const key = `talks-cursor:${accountId}`;
  let cursor = sessionStorage.getItem(key) ?? "";
  let timer = 0;
  let lookedAt = 0;
  let isFresh = true;

  const look = async () => {
    timer = 0;
    lookedAt = Date.now();
    /** @type {Inbox} */
    let inbox;
    try {
      inbox = await line.ask("conversations:sync", { cursor });
    } catch {
      return; // The line went; the next connect looks again.
    }
    if (!inbox.ok) return;
    cursor = inbox.cursor;
    sessionStorage.setItem(key, cursor);
    showCount(inbox.with_unread);
    if (inbox.reload || inbox.conversations.length) refreshNamed("talks");
    // Between the page's making and its line somebody may have come or gone.
    if (isFresh && inbox.conversations.some(({ conversation_id: id }) => isOpen(id))) refreshNamed("talk-panel");
    isFresh = false;
  };
  // At once after a pause, else at the pause's end: in a lively group one look serves many messages.
  const plan = (least = 0) => {
    timer ||= window.setTimeout(look, Math.max(least, lookedAt + pause - Date.now()) + Math.random() * 100);
  };
  line.socket.on("connect", () => {
    lookedAt = 0;
    isFresh = true;
    plan();
  });
  /** @param {string} id */
  const hear = (id) => {
    // What is being looked at is read in a moment; until then it is no news.
    plan(isOpen(id) && document.visibilityState === "visible" ? beingRead : 0);
  };
  line.socket.on("conversations:changed", ({ conversation_id: id }) => hear(id));
  // Of what this page has open it gets the messages themselves, and no word of them besides.
  line.socket.on("message:new", ({ conversation_id: id }) => isQuestion(id) || hear(id));
  outbox.addEventListener("sent", (event) => {
    const { conversation_id: id } = /** @type {CustomEvent} */ (event).detail.message;
    if (!isQuestion(id)) hear(id);
  });
  watchMembers(line);
  if (line.isUp()) plan();
}

/**
 * Shows anew who belongs to the conversation that stands open, once that has changed.
 * @param {Line} line
 */
function watchMembers(line) {
  /** @type {Set<string>} those that changed while they were not open: perhaps after their page was made */
  const stale = new Set();
  line.socket.on("conversations:changed", ({ conversation_id: id, what }) => {
    if (what !== "members") return;
    if (isOpen(id)) refreshNamed("talk-panel");
    else stale.add(id);
  });
  document.addEventListener("desk:talk", (event) => {
    if (stale.delete(/** @type {CustomEvent} */ (event).detail)) refreshNamed("talk-panel");
  });
}

/**
 * Says whether a conversation stands open on this page.
 * @param {string} id
 */
function isOpen(id) {
  return document.querySelector("[data-open]")?.getAttribute("data-open") === id;
}

/**
 * Says whether a conversation open here is that of a question: those stand at the desk and not in the list.
 * @param {string} id
 */
function isQuestion(id) {
  return !isOpen(id) && document.querySelector(`[data-conversation-id="${id}"]`) !== null;
}

/** @param {string} name */
function refreshNamed(name) {
  document.querySelectorAll(`[data-live="${name}"]`).forEach(refresh);
}

/**
 * @param {number} count
 */
function showCount(count) {
  for (const place of document.querySelectorAll("[data-talks-count] > .count")) {
    place.textContent = count < 100 ? String(count) : "99+";
    place.toggleAttribute("hidden", count === 0);
  }
}
