// The service worker: shows the notice that comes while no page is open, and leads to its page. It keeps no files.

/**
 * What the server sends: how many and where, never a text.
 * @typedef {{ title: string, body: string, url: string, count: number, tag: string }} Note
 */

/**
 * The worker's own surroundings, of which the typed library of pages knows nothing.
 * @type {any}
 */
const worker = self;

worker.addEventListener("install", () => worker.skipWaiting());
worker.addEventListener("activate", (/** @type {any} */ event) => event.waitUntil(worker.clients.claim()));

worker.addEventListener("push", (/** @type {any} */ event) => {
  /** @type {Note} */
  const note = event.data.json();
  event.waitUntil(
    worker.registration.showNotification(note.title, { body: note.body, tag: note.tag, data: { url: note.url } }),
  );
});

/**
 * Leads to the page: in a window that is open already, else in a new one.
 * @param {string} url
 */
async function open(url) {
  const address = new URL(url, worker.location.origin);
  // Whatever was sent, a notice leads nowhere but into this house.
  if (address.origin !== worker.location.origin) return;
  const windows = await worker.clients.matchAll({ type: "window" });
  const there = windows.find((/** @type {any} */ one) => new URL(one.url).pathname === address.pathname);
  if (there) await there.focus();
  else await worker.clients.openWindow(address.href);
}

worker.addEventListener("notificationclick", (/** @type {any} */ event) => {
  event.notification.close();
  event.waitUntil(open(event.notification.data.url));
});
