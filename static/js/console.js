// The console by keyboard, and its columns on smaller screens.
import { openDialog } from "./shell/menus.js";
import { find, talkKeys, watchClicks, watchKeys } from "./talk/columns.js";

/** Accepts what rings, or takes the question that is open. */
function accept() {
  const button = document.querySelector("#offers [data-accept]") ?? document.querySelector('[data-key-act="take"]');
  if (button instanceof HTMLElement) button.click();
}

/** Lets the sign in the bar say what the switch of the queue says. */
function showDuty() {
  const isOn = document.getElementById("duty-switch")?.getAttribute("aria-checked");
  const sign = document.querySelector("[data-duty-sign]");
  if (!isOn || !sign) return;
  document.body.dataset.onDuty = isOn;
  sign.querySelector(".presence")?.setAttribute("data-on", isOn);
  sign.querySelector("[data-duty-on]")?.toggleAttribute("hidden", isOn !== "true");
  sign.querySelector("[data-duty-off]")?.toggleAttribute("hidden", isOn === "true");
}

/** @type {import("./types").Feature["start"]} */
export function start(root, shell) {
  const controller = new AbortController();
  watchKeys(root, shell, controller.signal, {
    a: accept,
    r: () => openDialog("resolve"),
    e: () => openDialog("pass-up"),
    n: () => find(root, "[data-record-call]")?.click(),
    "/": () => find(root, "[data-write]")?.focus(),
    ...talkKeys,
  });
  watchClicks(root, shell, controller.signal);
  document.body.addEventListener("htmx:afterSettle", showDuty, { signal: controller.signal });
  return () => controller.abort();
}
