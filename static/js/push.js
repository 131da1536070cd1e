// The card "这个浏览器的提醒": asks the browser for leave, subscribes it at its push service, and tells the server.

/** @typedef {"unknown" | "unable" | "refused" | "unreached" | "failed" | "off" | "on"} State */

/** @param {string} text */
function toBytes(text) {
  const plain = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(plain, (sign) => sign.charCodeAt(0));
}

/**
 * @param {string} url
 * @param {Record<string, string>} [fields]
 * @returns {Promise<boolean>}
 */
async function post(url, fields = {}) {
  const token = document.querySelector('meta[name="csrf-token"]')?.getAttribute("content") ?? "";
  const body = new URLSearchParams({ csrf_token: token, ...fields });
  const answer = await fetch(url, { method: "POST", body, credentials: "same-origin" });
  return answer.status === 204;
}

/** @param {PushSubscription} subscription */
function toFields(subscription) {
  const { endpoint, keys } = subscription.toJSON();
  return { endpoint: endpoint ?? "", p256dh: keys?.["p256dh"] ?? "", auth: keys?.["auth"] ?? "" };
}

/** Whether this browser could take notices at all. */
function isAble() {
  return window.isSecureContext && "serviceWorker" in navigator && "PushManager" in window && "Notification" in window;
}

/**
 * @param {HTMLElement} root
 * @param {State} state
 */
function show(root, state) {
  for (const words of root.querySelectorAll("[data-push-state]")) {
    if (words instanceof HTMLElement) words.hidden = words.dataset.pushState !== state;
  }
  root.dataset.push = state;
  /** @type {[string, boolean][]} */
  const buttons = [
    ["[data-push-on]", ["off", "refused", "unreached", "failed"].includes(state)],
    ["[data-push-off]", state === "on"],
    ["[data-push-try]", state === "on"],
  ];
  for (const [selector, isShown] of buttons) {
    const button = root.querySelector(selector);
    if (button instanceof HTMLElement) button.hidden = !isShown;
  }
}

/**
 * @param {HTMLElement} root
 * @returns {Promise<State>}
 */
async function find(root) {
  const registration = await navigator.serviceWorker.getRegistration("/");
  const subscription = await registration?.pushManager.getSubscription();
  if (Notification.permission === "denied") return "refused";
  // Somebody else's subscription may be left in this browser: only one that the server knows as ours counts.
  return subscription && root.dataset.pushKnown === "true" ? "on" : "off";
}

/**
 * @param {HTMLElement} root
 * @returns {Promise<State>}
 */
async function turnOn(root) {
  if ((await Notification.requestPermission()) !== "granted") return "refused";
  await navigator.serviceWorker.register(root.dataset.pushWorker ?? "", { scope: "/" });
  const registration = await navigator.serviceWorker.ready;
  // An old one may be tied to another key of the house, or to another person.
  await (await registration.pushManager.getSubscription())?.unsubscribe();
  const key = toBytes(root.dataset.pushKey ?? "");
  let subscription;
  try {
    subscription = await registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key });
  } catch {
    return "unreached";
  }
  if (await post(root.dataset.pushSubscribe ?? "", toFields(subscription))) return "on";
  await subscription.unsubscribe();
  return "failed";
}

/**
 * @param {HTMLElement} root
 * @returns {Promise<State>}
 */
async function turnOff(root) {
  if (!(await post(root.dataset.pushEnd ?? ""))) return "failed";
  const registration = await navigator.serviceWorker.getRegistration("/");
  await (await registration?.pushManager.getSubscription())?.unsubscribe();
  return "off";
}

/**
 * @param {HTMLElement} root
 * @returns {() => void}
 */
export function start(root) {
  /** @param {(root: HTMLElement) => Promise<State>} act */
  async function run(act) {
    /** @type {State} */
    let state = "failed";
    try {
      state = await act(root);
    } catch {
      // The line is down, or the browser would not register the worker: the words say to try again.
    }
    show(root, state);
  }

  /** @param {Event} event */
  function clicked(event) {
    const target = /** @type {Element} */ (event.target);
    if (target.closest("[data-push-on]")) run(turnOn);
    else if (target.closest("[data-push-off]")) run(turnOff);
  }

  root.addEventListener("click", clicked);
  if (isAble()) run(find);
  else show(root, "unable");
  return () => root.removeEventListener("click", clicked);
}
