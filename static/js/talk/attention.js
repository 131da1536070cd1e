// Somebody waits for an answer in another tab: the title counts what has come, and a desktop notice says so if permitted.

let waiting = 0;
let title = "";

/** Takes the count back as soon as the page is looked at. */
function calm() {
  if (document.visibilityState !== "visible" || !waiting) return;
  waiting = 0;
  document.title = title;
}

/**
 * Calls for attention for a message that came while nobody looked.
 * @param {string} name who wrote; what was written stays out of the desktop notice
 */
export function call(name) {
  if (document.visibilityState === "visible") return;
  if (!waiting) title = document.title;
  waiting += 1;
  document.title = `(${waiting}) ${title}`;
  if (!("Notification" in window) || Notification.permission !== "granted") return;
  const notice = new Notification(name, { body: title, tag: location.pathname });
  notice.onclick = () => {
    window.focus();
    notice.close();
  };
}

/**
 * Watches whether the page is looked at.
 * @param {AbortSignal} signal
 */
export function watchAttention(signal) {
  document.addEventListener("visibilitychange", calm, { signal });
}
