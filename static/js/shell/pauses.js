// How long to wait before the same is sent again. By itself, so that no feature brings the line along with it.

/** @typedef {import("../types").Reply} Reply */

const again = new Set(["try_again", "too_fast", "unavailable"]);
const againAfter = 2000;

/**
 * Says how long to wait before the same is sent again, in milliseconds; 0 where it was done, or refused for good.
 * @param {Reply} reply
 * @returns {number}
 */
export function pauseBefore({ ok, error }) {
  if (ok || !again.has(error?.code ?? "")) return 0;
  // Not all at the same moment: the server has told many others the same.
  return (error?.retry_after ? error.retry_after * 1000 : againAfter) * (1 + Math.random() / 4);
}
