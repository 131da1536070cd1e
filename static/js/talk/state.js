// What a message says now: its text, that it was edited, that it was taken back.
import { text } from "../shell/texts.js";
import { writeLinked } from "./links.js";

/** @typedef {import("../types").Message} Message */
/** @typedef {"id" | "conversation_id" | "client_id" | "change" | "edited_at" | "taken_back_at"} Told */
/** @typedef {Omit<Message, Told> & Partial<Pick<Message, "change" | "edited_at" | "taken_back_at">>} Shown */

/**
 * Writes what a message says into its element; always as text, never as markup.
 * @param {HTMLElement} item
 * @param {Shown} message
 */
export function showState(item, message) {
  const isGone = Boolean(message.taken_back_at);
  item.dataset.change = String(message.change ?? 0);
  item.toggleAttribute("data-gone", isGone);
  const body = item.querySelector(".message-body");
  if (body) writeLinked(body, isGone ? text(message.recalled_at ? "recalled" : "taken-back") : message.body);
  const edited = item.querySelector("[data-earlier]");
  if (edited instanceof HTMLElement) edited.hidden = isGone || !message.edited_at;
}
