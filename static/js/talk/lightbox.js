// Pictures of a conversation looked at large: arrows go on and back, plus and minus zoom, Escape closes.

const steps = [1, 1.5, 2, 3, 4];

/** @type {Record<string, string>} */
const keys = { ArrowLeft: "back", ArrowRight: "on", "+": "larger", "=": "larger", "-": "smaller" };

class Lightbox {
  /** @param {HTMLElement} root */
  constructor(root) {
    this.root = root;
    this.dialog = /** @type {HTMLDialogElement} */ (root.querySelector("[data-lightbox]"));
    this.picture = /** @type {HTMLImageElement} */ (this.part("[data-lightbox-picture]"));
    this.place = 0;
    this.zoom = 0;
  }

  /**
   * @param {string} selector
   * @returns {HTMLElement}
   */
  part(selector) {
    return /** @type {HTMLElement} */ (this.dialog.querySelector(selector));
  }

  /** @returns {HTMLAnchorElement[]} */
  links() {
    const found = this.root.querySelectorAll('[data-log] [data-is-picture="true"] [data-look]:not([hidden])');
    return /** @type {HTMLAnchorElement[]} */ ([...found]);
  }

  /** @param {number} wanted */
  scale(wanted) {
    this.zoom = Math.min(Math.max(wanted, 0), steps.length - 1);
    this.picture.style.setProperty("--zoom", String(steps[this.zoom]));
    this.picture.toggleAttribute("data-zoomed", this.zoom > 0);
  }

  /** @param {number} wanted */
  show(wanted) {
    const all = this.links();
    this.place = (wanted + all.length) % all.length;
    const link = all[this.place];
    if (!link) return;
    const name = link.querySelector("img")?.alt ?? "";
    Object.assign(this.picture, { src: link.href, alt: name });
    this.part("[data-lightbox-name]").textContent = name;
    this.part("[data-lightbox-place]").textContent = `${this.place + 1} / ${all.length}`;
    this.part("[data-lightbox-save]").setAttribute("href", `${link.getAttribute("href")}?save=1`);
    for (const act of ["back", "on"]) this.part(`[data-lightbox-act="${act}"]`).hidden = all.length < 2;
    this.scale(0);
  }

  /** @param {string} act */
  act(act) {
    if (act === "back") this.show(this.place - 1);
    if (act === "on") this.show(this.place + 1);
    if (act === "larger") this.scale(this.zoom + 1);
    if (act === "smaller") this.scale(this.zoom - 1);
  }

  /** @param {MouseEvent} event */
  open(event) {
    const link = /** @type {Element} */ (event.target).closest("[data-log] [data-look]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    this.show(this.links().indexOf(/** @type {HTMLAnchorElement} */ (link)));
    this.dialog.showModal();
    this.part("[data-lightbox-stage]").focus();
  }

  /** @param {KeyboardEvent} event */
  press(event) {
    const act = keys[event.key];
    // Where a large picture is scrolled sideways the arrows scroll.
    if (!act || (this.zoom > 0 && event.key.startsWith("Arrow"))) return;
    event.preventDefault();
    event.stopPropagation();
    this.act(act);
  }

  /** Goes back to where one was. */
  close() {
    this.picture.removeAttribute("src");
    this.links()[this.place]?.focus();
  }
}

/**
 * @param {HTMLElement} root
 * @param {AbortSignal} signal
 */
export function watchLightbox(root, signal) {
  const box = new Lightbox(root);
  root.addEventListener("click", (event) => box.open(event), { signal });
  box.dialog.addEventListener("click", (event) => {
    const button = /** @type {Element} */ (event.target).closest("[data-lightbox-act]");
    if (button) box.act(button.getAttribute("data-lightbox-act") ?? "");
  }, { signal });
  box.dialog.addEventListener("keydown", (event) => box.press(event), { signal });
  box.dialog.addEventListener("close", () => box.close(), { signal });
}
