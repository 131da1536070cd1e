// Whom to call of a group that is larger than a call may be.
import { copyTemplate } from "../shell/texts.js";
import { words } from "./words.js";

/** @typedef {import("./types").Choices} Choices */

/**
 * Lets somebody choose; gives nobody where they change their mind.
 * @param {HTMLElement} root
 * @param {Choices} choices
 * @returns {Promise<string[]>}
 */
export function choosePeople(root, { people, most }) {
  const dialog = /** @type {HTMLDialogElement} */ (root.querySelector("[data-call-choice]"));
  /** @param {string} selector */
  const part = (selector) => /** @type {HTMLElement} */ (dialog.querySelector(selector));
  const list = part("[data-choice-list]");
  const search = /** @type {HTMLInputElement} */ (part("[data-choice-search]"));
  list.replaceChildren(...people.map((one) => line(root, one)));
  const boxes = /** @type {HTMLInputElement[]} */ ([...list.querySelectorAll("input")]);
  const chosen = () => boxes.filter((box) => box.checked).map((box) => box.value);
  const listening = new AbortController();
  const { signal } = listening;
  const count = () => {
    const number = chosen().length;
    for (const box of boxes) box.disabled = !box.checked && number >= most;
    part("[data-choice-count]").textContent = words("chosen", { count: number, most });
    /** @type {HTMLButtonElement} */ (part("[data-choice-call]")).disabled = number === 0;
  };
  search.value = "";
  search.addEventListener("input", () => {
    for (const box of boxes) {
      const row = /** @type {HTMLElement} */ (box.closest("label"));
      row.hidden = !box.checked && !(row.textContent ?? "").includes(search.value.trim());
    }
  }, { signal });
  list.addEventListener("change", count, { signal });
  count();
  dialog.returnValue = "";
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => {
      listening.abort();
      resolve(dialog.returnValue === "call" ? chosen() : []);
    }, { once: true });
  });
}

/**
 * @param {HTMLElement} root
 * @param {Choices["people"][number]} one
 */
function line(root, one) {
  const row = copyTemplate(root, "[data-choice-template]");
  const box = /** @type {HTMLInputElement} */ (row.querySelector("input"));
  box.value = one.account_id;
  const name = /** @type {HTMLElement} */ (row.querySelector("span"));
  name.textContent = one.is_busy ? words("away-busy", { name: one.name }) : one.name;
  return row;
}
