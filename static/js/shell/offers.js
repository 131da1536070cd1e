// Ringing cards: a dial that runs down, the page's title that flashes, and a desktop notice where it is permitted.
import { refresh } from "./pages.js";
import { text } from "./texts.js";

const tick = 250;

/** @type {WeakMap<HTMLElement, number>} */
const ends = new WeakMap();
/** @type {Set<string>} */
const announced = new Set();
let timer = 0;
let askedAt = 0;
let title = "";

/** Keeps the cards of the page running. */
export function watchOffers() {
  const region = document.getElementById("offers");
  if (!region) return;
  new MutationObserver(() => look(region)).observe(region, { childList: true });
  document.addEventListener("visibilitychange", () => showTitle(region));
}

/**
 * Takes in new cards and starts or stops the clock.
 * @param {HTMLElement} region
 */
function look(region) {
  const cards = cardsOf(region);
  for (const card of cards) {
    if (!ends.has(card)) ends.set(card, Date.now() + Number(card.dataset.seconds) * 1000);
    announce(card);
  }
  if (cards.length && !timer) timer = window.setInterval(() => run(region), tick);
  if (!cards.length && timer) {
    clearInterval(timer);
    timer = 0;
  }
  run(region);
}

/**
 * @param {HTMLElement} region
 * @returns {HTMLElement[]}
 */
function cardsOf(region) {
  return /** @type {HTMLElement[]} */ ([...region.querySelectorAll("[data-offer]")]);
}

/**
 * Asks the server, once a second, what has become of a card that has run out.
 * @param {HTMLElement} region
 */
function ask(region) {
  if (Date.now() - askedAt < 1000) return;
  askedAt = Date.now();
  refresh(region);
}

/**
 * Moves every dial; a card that has run out asks the server what is left.
 * @param {HTMLElement} region
 */
function run(region) {
  for (const card of cardsOf(region)) {
    const total = Math.max(Number(card.dataset.total ?? card.dataset.seconds), 1);
    card.dataset.total ??= String(total);
    const left = Math.max(0, ((ends.get(card) ?? Date.now()) - Date.now()) / 1000);
    const dial = card.querySelector("[data-dial]");
    if (dial instanceof SVGElement) dial.style.strokeDashoffset = String(100 - (left / total) * 100);
    const words = String(Math.ceil(left));
    const number = card.querySelector("[data-left]");
    if (number && number.textContent !== words) number.textContent = words;
    if (left === 0) ask(region);
  }
  showTitle(region);
}

/**
 * Lets the title flash while something rings and the page is not looked at.
 * @param {HTMLElement} region
 */
function showTitle(region) {
  const flash = `● ${text("ringing")}`;
  if (document.title !== flash) title = document.title;
  const isHidden = document.visibilityState === "hidden";
  const wantsFlash = isHidden && cardsOf(region).length > 0 && Math.floor(Date.now() / 1000) % 2 === 0;
  const wanted = wantsFlash ? flash : title;
  if (document.title !== wanted) document.title = wanted;
}

/**
 * Shows a desktop notice for a new card while the page is not looked at.
 * @param {HTMLElement} card
 */
function announce(card) {
  if (announced.has(card.id)) return;
  announced.add(card.id);
  const isWanted = document.visibilityState === "hidden" && "Notification" in window;
  if (!isWanted || Notification.permission !== "granted") return;
  const notice = new Notification(text("ringing"), {
    body: card.querySelector(".offer-title")?.textContent ?? "",
    tag: card.id,
  });
  notice.onclick = () => {
    window.focus();
    notice.close();
  };
}
