// Going from page to page without a reload, and what htmx needs to behave: token, refusals, an ended session.
import htmx from "htmx.org";

import { morph } from "./calm.js";
import { startFeatures, stopFeatures } from "./features.js";
import { showMoments } from "./moments.js";
import { tell } from "./notices.js";

/** @typedef {import("../types").Shell} Shell */

/** Leaves for the sign-in page and comes back here afterwards; what was written stays in this browser. */
export function goSignIn() {
  const here = location.pathname + location.search;
  location.assign(`${document.body.dataset.signIn}?next=${encodeURIComponent(here)}`);
}

let shown = location.pathname;

/**
 * Closes dialogs and lets go of what was typed: it is kept as drafts and must not stand in another page's fields.
 * @param {Element} main
 */
function clearFields(main) {
  main.querySelectorAll("dialog[open]").forEach((dialog) => /** @type {HTMLDialogElement} */ (dialog).close());
  main.querySelectorAll("[data-touched]").forEach((field) => field.removeAttribute("data-touched"));
}

/**
 * Makes this page become another one: head line, frame and content, with history and focus as after a load.
 * @param {Document} page
 * @param {string} url
 * @param {Shell} shell
 */
function become(page, url, shell) {
  const main = /** @type {HTMLElement} */ (document.getElementById("main"));
  const fresh = page.getElementById("main");
  if (!fresh || page.body.dataset.accountId !== document.body.dataset.accountId) {
    location.assign(url);
    return;
  }
  stopFeatures(main);
  const { pathname } = new URL(url, location.href);
  if (pathname !== shown) clearFields(main);
  shown = pathname;
  document.title = page.title;
  document.body.className = page.body.className;
  main.className = fresh.className;
  for (const selector of [".bar", ".side", ".tabs"]) {
    const [old, next] = [document.querySelector(selector), page.querySelector(selector)];
    if (old && next) morph(old, [...next.childNodes]);
  }
  morph(main, [...fresh.childNodes]);
  document.getElementById("flash")?.append(...(page.getElementById("flash")?.children ?? []));
  afterSwap(main, shell);
}

/**
 * Wakes up what has just come into the page.
 * @param {Element} element
 * @param {Shell} shell
 */
function afterSwap(element, shell) {
  htmx.process(element);
  showMoments(element);
  startFeatures(element, shell);
  takeFocus(element);
}

/**
 * Puts the focus on a summary of faults.
 * @param {ParentNode} root
 */
export function takeFocus(root) {
  const summary = root.querySelector("[data-take-focus]");
  if (summary instanceof HTMLElement) summary.focus();
}

let visits = 0;

/**
 * Goes to a page of this house without a reload; of two visits under way the later one counts.
 * @param {string} url
 * @param {Shell} shell
 */
export async function visit(url, shell) {
  visits += 1;
  const mine = visits;
  try {
    const answer = await fetch(url, { headers: { Accept: "text/html" }, credentials: "same-origin" });
    const content = await answer.text();
    if (mine !== visits) return;
    const isPage = answer.headers.get("content-type")?.startsWith("text/html") ?? false;
    if (!answer.ok || !isPage) {
      location.assign(url);
      return;
    }
    const page = new DOMParser().parseFromString(content, "text/html");
    history.pushState({ soft: true }, "", answer.url);
    become(page, answer.url, shell);
    scrollTo(0, 0);
  } catch {
    tell("not-sent", "overdue");
  }
}

/**
 * Handles what came back as a whole page although a fragment was asked for: a form shown again with its faults.
 * @param {CustomEvent} event
 * @param {Shell} shell
 */
function takeWholePage(event, shell) {
  const { xhr, requestConfig } = event.detail;
  if (!/^\s*<!doctype html/i.test(xhr.responseText ?? "")) return;
  const came = new URL(xhr.responseURL || location.href, location.href);
  const isElsewhere = came.pathname !== new URL(requestConfig.path, location.href).pathname;
  if (requestConfig.verb === "get") {
    if (isElsewhere) event.detail.shouldSwap = false;
    if (came.pathname === document.body.dataset.signIn) goSignIn();
    return;
  }
  event.detail.shouldSwap = false;
  if (isElsewhere) history.pushState({ soft: true }, "", came);
  become(new DOMParser().parseFromString(xhr.responseText, "text/html"), came.href, shell);
}

/**
 * Decides before a swap what becomes of an answer.
 * @param {CustomEvent} event
 * @param {Shell} shell
 */
function beforeSwap(event, shell) {
  const { detail } = event;
  const { xhr } = detail;
  const isRefused = xhr.status >= 400;
  if (xhr.status === 401) {
    detail.shouldSwap = false;
    goSignIn();
    return;
  }
  if (isRefused && detail.requestConfig.verb === "get") {
    // A live part that could not be read keeps what it shows; it is asked for again soon.
    detail.shouldSwap = false;
    return;
  }
  if (isRefused && xhr.getResponseHeader("HX-Retarget")) {
    detail.target = document.querySelector("dialog[open] .dialog-flash") ?? detail.target;
    detail.target.replaceChildren();
    return;
  }
  takeWholePage(event, shell);
  if (isRefused && detail.shouldSwap) {
    detail.shouldSwap = false;
    tell("fault", "overdue");
  }
}

/** Lets everything inside the page that is live ask for its newest state. */
export function refreshAll() {
  for (const element of document.querySelectorAll("[data-live]")) refresh(element);
}

/** @type {WeakMap<Element, number>} */
const planned = new WeakMap();

/**
 * Asks for the newest state of one live part; several wishes within a moment become one request.
 * @param {Element} element
 */
export function refresh(element) {
  if (planned.has(element)) return;
  const timer = setTimeout(() => {
    planned.delete(element);
    if (element.isConnected) htmx.trigger(element, "refresh", {});
  }, 60);
  planned.set(element, timer);
}

/**
 * After a form has been taken: close its dialog, forget its draft, and let the live parts move.
 * @param {CustomEvent} event
 */
function afterRequest(event) {
  const { elt, requestConfig, successful, failed } = event.detail;
  if (requestConfig?.verb === "get" || !(elt instanceof HTMLElement)) return;
  if (failed || !successful) return;
  document.querySelectorAll('#flash [data-tone="overdue"]').forEach((notice) => notice.remove());
  const form = elt.closest("form");
  if (form) {
    form.dispatchEvent(new CustomEvent("desk:taken", { bubbles: true }));
    form.closest("dialog")?.close();
  }
  refreshAll();
}

/**
 * Follows a redirect that htmx got, without a reload.
 * @param {CustomEvent} event
 * @param {Shell} shell
 */
function followRedirect(event, shell) {
  const url = event.detail.xhr.getResponseHeader("HX-Redirect");
  if (!url || event.detail.xhr.status >= 400) return;
  event.preventDefault();
  const form = event.detail.elt.closest?.("form");
  form?.dispatchEvent(new CustomEvent("desk:taken", { bubbles: true }));
  form?.closest("dialog")?.close();
  shell.visit(url).then(() => {
    refreshAll();
    // What was pressed is gone. The page itself takes the focus and not a box: the next key may be a command.
    document.getElementById("main")?.focus({ preventScroll: true });
  });
}

/**
 * Lays down how pages behave.
 * @param {Shell} shell
 */
export function installPages(shell) {
  const token = document.querySelector('meta[name="csrf-token"]')?.getAttribute("content") ?? "";
  /** @param {string} name @param {(event: CustomEvent) => void} handle */
  const on = (name, handle) => document.body.addEventListener(name, (event) => handle(/** @type {CustomEvent} */ (event)));
  on("htmx:configRequest", (event) => {
    event.detail.headers["X-CSRFToken"] = token;
  });
  on("htmx:beforeSwap", (event) => beforeSwap(event, shell));
  on("htmx:beforeOnLoad", (event) => followRedirect(event, shell));
  on("htmx:afterRequest", afterRequest);
  on("htmx:afterSettle", (event) => showMoments(event.detail.elt));
  on("htmx:sendError", (event) => {
    if (event.detail.requestConfig.verb !== "get") tell("not-sent", "overdue");
  });
  addEventListener("popstate", () => location.reload());
}
