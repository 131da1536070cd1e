// Times stand relative to now; the exact time shows on hover or tap. Everybody reads China's time.
import { text } from "./texts.js";

const zone = { timeZone: "Asia/Shanghai" };
const steps = /** @type {const} */ ([
  ["minute", 60],
  ["hour", 3600],
  ["day", 86400],
]);

/** @returns {string} */
function language() {
  return document.documentElement.lang || "zh-Hans";
}

/**
 * Says how long ago an instant was; from a week on it gives the date.
 * @param {Date} at
 * @param {Date} [now]
 * @returns {string}
 */
export function relative(at, now = new Date()) {
  const seconds = (at.getTime() - now.getTime()) / 1000;
  const distance = Math.abs(seconds);
  if (distance < 45) return text("now");
  if (distance >= 6.5 * 86400) return day(at);
  const [unit, length] = [...steps].reverse().find(([, size]) => distance >= size * 0.75) ?? steps[0];
  return new Intl.RelativeTimeFormat(language(), { numeric: "auto" }).format(Math.round(seconds / length), unit);
}

/**
 * Gives the exact instant.
 * @param {Date} at
 * @returns {string}
 */
export function exact(at) {
  return new Intl.DateTimeFormat(language(), { ...zone, dateStyle: "long", timeStyle: "short" }).format(at);
}

/**
 * Gives the hour within a day.
 * @param {Date} at
 * @returns {string}
 */
export function hour(at) {
  return new Intl.DateTimeFormat(language(), { ...zone, hour: "2-digit", minute: "2-digit", hour12: false }).format(at);
}

/**
 * Names the day, 今天 and 昨天 by word.
 * @param {Date} at
 * @returns {string}
 */
export function day(at) {
  const key = dayKey(at);
  if (key === dayKey(new Date())) return text("today");
  if (key === dayKey(new Date(Date.now() - 86400000))) return text("yesterday");
  return new Intl.DateTimeFormat(language(), { ...zone, dateStyle: "long" }).format(at);
}

/**
 * Tells days apart in China's time.
 * @param {Date} at
 * @returns {string}
 */
export function dayKey(at) {
  return new Intl.DateTimeFormat("sv", zone).format(at);
}

/**
 * Writes one <time>: in a conversation the hour, elsewhere how long ago.
 * @param {HTMLTimeElement} element
 */
export function showMoment(element) {
  const at = new Date(element.dateTime);
  if (Number.isNaN(at.getTime())) return;
  const inTalk = element.closest("[data-message]") !== null;
  const wanted = element.dataset.exact ? exact(at) : inTalk ? hour(at) : relative(at);
  if (element.textContent !== wanted) element.textContent = wanted;
  element.title = exact(at);
}

/**
 * Writes every <time> below an element.
 * @param {ParentNode} [root]
 */
export function showMoments(root = document) {
  for (const element of root.querySelectorAll("time[data-moment]")) {
    showMoment(/** @type {HTMLTimeElement} */ (element));
  }
}

/** Keeps all times true as they grow older, and shows the exact one on tap. */
export function watchMoments() {
  showMoments();
  setInterval(showMoments, 30000);
  document.addEventListener("click", (event) => {
    const element = /** @type {Element} */ (event.target).closest("time[data-moment]");
    if (!(element instanceof HTMLTimeElement) || element.closest("a")) return;
    element.dataset.exact = element.dataset.exact ? "" : "yes";
    showMoment(element);
  });
}
