// Menus, dialogs, light and dark, desktop notices, and the people of the demonstration on the sign-in page.
import { tell } from "./notices.js";

/**
 * Finds what was meant by a click.
 * @param {Event} event
 * @param {string} selector
 * @returns {HTMLElement | null}
 */
function hit(event, selector) {
  const found = event.target instanceof Element ? event.target.closest(selector) : null;
  return found instanceof HTMLElement ? found : null;
}

/**
 * Opens a dialog and puts the cursor into its text.
 * @param {string} id
 * @returns {boolean}
 */
export function openDialog(id) {
  const dialog = document.getElementById(id);
  if (!(dialog instanceof HTMLDialogElement)) return false;
  if (!dialog.open) dialog.showModal();
  dialog.querySelector("textarea")?.focus();
  return true;
}

/** Closes menus by a click elsewhere and by Escape; opens and closes dialogs. */
export function watchMenus() {
  document.addEventListener("click", (event) => {
    for (const menu of document.querySelectorAll("details[data-menu][open]")) {
      if (!menu.contains(/** @type {Node} */ (event.target))) menu.removeAttribute("open");
    }
    const opener = hit(event, "[data-opens]");
    if (opener) openDialog(/** @type {string} */ (opener.dataset.opens));
    hit(event, "[data-close-dialog]")?.closest("dialog")?.close();
    if (event.target instanceof HTMLDialogElement) event.target.close();
    if (hit(event, "[data-open-more]")) {
      event.preventDefault();
      setTimeout(() => document.getElementById("more")?.setAttribute("open", ""));
    }
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    const menu = document.querySelector("details[data-menu][open]");
    menu?.removeAttribute("open");
    menu?.querySelector("summary")?.focus();
  });
}

/** Light, dark or as the system says; the choice stays on this device. */
export function watchTheme() {
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const show = () => {
    const choice = localStorage.getItem("theme") ?? "auto";
    const isDark = choice === "dark" || (choice === "auto" && dark.matches);
    document.documentElement.setAttribute("data-bs-theme", isDark ? "dark" : "light");
    for (const button of document.querySelectorAll("[data-theme-choice]")) {
      button.setAttribute("aria-pressed", String(button.getAttribute("data-theme-choice") === choice));
    }
  };
  show();
  document.addEventListener("click", (event) => {
    const button = hit(event, "[data-theme-choice]");
    if (!button) return;
    localStorage.setItem("theme", button.dataset.themeChoice ?? "auto");
    show();
  });
}

/** Offers desktop notices where the browser has not been asked yet. */
export function watchNotifyButton() {
  const canAsk = "Notification" in window && Notification.permission === "default";
  for (const button of document.querySelectorAll("[data-ask-notify]")) {
    if (button instanceof HTMLElement) button.hidden = !canAsk;
  }
  document.addEventListener("click", async (event) => {
    const button = hit(event, "[data-ask-notify]");
    if (!button) return;
    const answer = await Notification.requestPermission();
    button.hidden = true;
    tell(answer === "granted" ? "notify-on" : "notify-off", answer === "granted" ? "solved" : "waiting");
  });
}

/**
 * Puts a fresh token into a form that stood open for long, or that another tab's visit has made stale.
 * @param {HTMLFormElement} form
 */
async function freshenToken(form) {
  try {
    const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const [old, fresh] = [form, page].map((place) => place.querySelector('input[name="csrf_token"]'));
    if (old instanceof HTMLInputElement && fresh instanceof HTMLInputElement) old.value = fresh.value;
  } catch {
    // Without a line the browser says so itself when the form is sent.
  }
}

/** Signs in: by name and password, or as one of the demonstration's people by one click. */
export function watchSignIn() {
  const form = document.querySelector("form[data-sign-in-form]");
  if (!(form instanceof HTMLFormElement)) return;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    freshenToken(form).then(() => form.submit());
  });
  document.addEventListener("click", (event) => {
    const person = hit(event, "[data-user-name]");
    if (!person) return;
    /** @param {string} name @param {string} value */
    const fill = (name, value) => {
      const field = form.elements.namedItem(name);
      if (field instanceof HTMLInputElement) field.value = value;
    };
    fill("user_name", person.dataset.userName ?? "");
    fill("password", person.dataset.password ?? "");
    form.requestSubmit();
  });
}

/** Prints the page by a button. */
export function watchPrint() {
  document.addEventListener("click", (event) => {
    if (hit(event, "[data-print]")) window.print();
  });
}

/** Enter sends and Shift+Enter makes a new line, but never while an input method is composing. */
export function watchEnter() {
  document.addEventListener("keydown", (event) => {
    // The script of a conversation comes after the page: what is sent before it is there waits for it.
    const early = hit(event, "[data-composer]:not([data-ready]) [data-write]");
    if (early && isSendKey(event)) {
      event.preventDefault();
      early.dataset.sendsAtOnce = "";
    }
    const field = hit(event, "[data-send-on-enter]");
    if (!field || !isSendKey(event)) return;
    event.preventDefault();
    const { form } = /** @type {HTMLTextAreaElement} */ (field);
    if (/** @type {HTMLTextAreaElement} */ (field).value.trim()) form?.requestSubmit();
  });
}

/**
 * Says whether a key means "send". On a phone Enter makes a new line, as everywhere on phones.
 * @param {KeyboardEvent} event
 * @returns {boolean}
 */
export function isSendKey(event) {
  const isComposing = event.isComposing || event.keyCode === 229;
  if (event.key !== "Enter" || isComposing || event.altKey) return false;
  if (event.ctrlKey || event.metaKey) return true;
  return !event.shiftKey && !matchMedia("(pointer: coarse)").matches;
}
