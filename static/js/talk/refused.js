// A message that the server did not take: change it, send it again as it is, or let it go.

/** @typedef {import("../types").Entry} Entry */
/**
 * @typedef {object} Talk
 * @property {string} id
 * @property {{ outbox: import("../shell/outbox.js").Outbox }} shell
 * @property {import("./log.js").Log} log
 * @property {import("./composer.js").Composer} composer
 * @property {import("./reply.js").Reply} reply
 * @property {import("./mention.js").Mention} mention
 * @property {() => Promise<void>} showPending
 */

/**
 * @param {Event} event
 * @param {Talk} talk
 */
export function actOnRefused(event, talk) {
  const { outbox } = talk.shell;
  const button = /** @type {Element} */ (event.target).closest("[data-act]");
  const item = /** @type {HTMLElement | null | undefined} */ (button?.closest("[data-client]"));
  const entry = outbox.of(talk.id).find((one) => one.client_id === item?.dataset.client);
  if (!button || !entry) return;
  talk.log.forget(entry.client_id);
  const wish = button.getAttribute("data-act");
  if (wish === "again") {
    outbox.again(entry).then(() => talk.showPending());
    return;
  }
  outbox.drop(entry.client_id);
  if (wish === "edit") takeBack(entry, talk);
}

/**
 * Takes a message back into the box, with all that it carried.
 * @param {Entry} entry
 * @param {Talk} talk
 */
function takeBack(entry, { composer, reply, mention }) {
  const begun = composer.field.value.trim();
  composer.set(begun ? `${entry.body}\n${begun}` : entry.body);
  composer.attached.add((entry.files ?? []).map(({ file }) => file));
  reply.set(entry.carried?.reply);
  mention.restore(entry.carried);
  composer.field.focus();
}
