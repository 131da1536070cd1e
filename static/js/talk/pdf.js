// A PDF of a message looked at in the page. What draws it is fetched when the first one is opened.

/** @typedef {typeof import("../pdf-pages.js")} Module */
/** @typedef {import("../pdf-pages.js").Pages} Pages */

const steps = [1, 1.5, 2, 3];
/** @type {Record<string, number>} */
const keys = { "+": 1, "=": 1, "-": -1 };

class PdfDialog {
  /** @param {HTMLDialogElement} dialog */
  constructor(dialog) {
    this.dialog = dialog;
    this.stage = this.part("[data-pdf-stage]");
    this.zoom = 0;
    this.count = 0;
    /** @type {Pages | null} */
    this.pages = null;
    /** @type {HTMLElement | null} */
    this.link = null;
    this.turn = 0;
  }

  /**
   * @param {string} selector
   * @returns {HTMLElement}
   */
  part(selector) {
    return /** @type {HTMLElement} */ (this.dialog.querySelector(selector));
  }

  /**
   * @param {string} name
   * @param {Record<string, string | number>} [values]
   */
  words(name, values = {}) {
    const found = this.part(`[data-pdf-word="${name}"]`).textContent ?? "";
    return found.replace(/\{(\w+)\}/g, (whole, key) => String(values[key] ?? whole));
  }

  /** @param {MouseEvent} event */
  async open(event) {
    const target = /** @type {Element} */ (event.target);
    const link = target.closest('[data-file][data-kind="pdf"] [data-open]:not([hidden])');
    if (!(link instanceof HTMLAnchorElement) || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    this.link = link;
    const address = link.getAttribute("href") ?? "";
    this.part("[data-pdf-name]").textContent = link.textContent;
    for (const save of this.dialog.querySelectorAll("[data-pdf-save]")) save.setAttribute("href", `${address}?save=1`);
    this.say(this.words("loading", { share: "" }), false);
    this.part("[data-pdf-place]").textContent = "";
    this.dialog.showModal();
    await this.show(address);
  }

  /** @param {string} address */
  async show(address) {
    this.turn += 1;
    const { turn } = this;
    const { pages: code = "", worker = "", maps = "", jpeg2000 = "" } = this.dialog.dataset;
    /** @type {Module | null} */
    let module = null;
    try {
      module = /** @type {Module} */ (await import(code));
      if (turn !== this.turn) return;
      this.pages = new module.Pages(this.stage, {
        progress: (share) => turn === this.turn && this.say(this.words("loading", { share: `${Math.floor(share * 100)}%` }), false),
        page: (number) => this.tellPage(number),
        words: (number) => this.words("page", { number }),
      });
      this.count = await this.pages.open(address, { worker, maps, jpeg2000 });
      if (turn !== this.turn) return;
      this.say("", false);
      this.stage.focus();
      this.tellPage(1);
    } catch (error) {
      if (turn === this.turn) this.say(this.words(module ? module.faultOf(error) : "away"), true);
    }
  }

  /**
   * Says how it stands in place of the pages; a fault comes with the way out, to save the file.
   * @param {string} line
   * @param {boolean} isFault
   */
  say(line, isFault) {
    const told = this.part("[data-pdf-told]");
    told.hidden = !line;
    const words = this.part("[data-pdf-told-words]");
    if (words.textContent !== line) words.textContent = line;
    this.part("[data-pdf-told] [data-pdf-save]").hidden = !isFault;
  }

  /** @param {number} number */
  tellPage(number) {
    const line = this.count ? this.words("place", { number, count: this.count }) : "";
    const place = this.part("[data-pdf-place]");
    if (place.textContent !== line) place.textContent = line;
  }

  /** @param {number} wanted */
  scale(wanted) {
    const zoom = Math.min(Math.max(wanted, 0), steps.length - 1);
    if (zoom !== this.zoom) this.pages?.scale(steps[zoom] ?? 1);
    this.zoom = zoom;
  }

  /** @param {KeyboardEvent} event */
  press(event) {
    const step = keys[event.key];
    if (!step || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    event.stopPropagation();
    this.scale(this.zoom + step);
  }

  /** @param {Event} event */
  act(event) {
    const wish = /** @type {Element} */ (event.target).closest("[data-pdf-act]")?.getAttribute("data-pdf-act");
    if (wish) this.scale(this.zoom + (wish === "larger" ? 1 : -1));
  }

  /** Goes back to where one was. */
  close() {
    this.turn += 1;
    this.pages?.close();
    [this.pages, this.count, this.zoom] = [null, 0, 0];
    this.link?.focus();
  }
}

/**
 * @param {HTMLElement} root
 * @param {AbortSignal} signal
 */
export function watchPdf(root, signal) {
  const element = root.querySelector("[data-pdf]");
  if (!(element instanceof HTMLDialogElement)) return;
  const dialog = new PdfDialog(element);
  root.addEventListener("click", (event) => dialog.open(event), { signal });
  element.addEventListener("click", (event) => dialog.act(event), { signal });
  element.addEventListener("keydown", (event) => dialog.press(event), { signal });
  element.addEventListener("close", () => dialog.close(), { signal });
  signal.addEventListener("abort", () => dialog.close());
}
