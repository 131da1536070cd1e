// Files chosen for the next message: by the button, the camera, dropped anywhere on the conversation, or pasted.
import { tellText } from "../shell/notices.js";
import { copyTemplate } from "../shell/texts.js";
import { saySize, words } from "./files.js";

const mostFiles = 9;
const side = 48;

export class Attached {
  /**
   * @param {HTMLElement} root
   * @param {AbortSignal} signal
   */
  constructor(root, signal) {
    this.root = root;
    this.list = /** @type {HTMLElement} */ (root.querySelector("[data-attached]"));
    this.field = /** @type {HTMLTextAreaElement} */ (root.querySelector("[data-write]"));
    /** @type {File[]} */
    this.files = [];
    this.list.addEventListener("click", (event) => this.remove(event), { signal });
    for (const input of root.querySelectorAll("[data-attach]")) {
      if (input instanceof HTMLInputElement) input.addEventListener("change", () => this.choose(input), { signal });
    }
    this.field.addEventListener("paste", (event) => this.paste(event), { signal });
    for (const name of ["dragenter", "dragover", "dragleave", "drop"]) {
      root.addEventListener(name, (event) => this.drag(/** @type {DragEvent} */ (event)), { signal });
    }
  }

  /** @param {HTMLInputElement} input */
  choose(input) {
    const name = input.hasAttribute("capture") ? words(this.root, "photo") : "";
    this.add([...(input.files ?? [])].map((file) => (name ? named(file, name) : file)));
    input.value = "";
    this.field.focus();
  }

  /** @param {ClipboardEvent} event */
  paste(event) {
    const files = [...(event.clipboardData?.files ?? [])];
    // Office copies text together with a picture of it: then the text is meant.
    if (!files.length || event.clipboardData?.getData("text/plain")) return;
    event.preventDefault();
    this.add(files.map((file) => named(file, words(this.root, "pasted"))));
  }

  /** @param {DragEvent} event */
  drag(event) {
    if (!event.dataTransfer?.types.includes("Files") || this.root.dataset.mayWrite !== "true") return;
    event.preventDefault();
    this.root.toggleAttribute("data-over", event.type === "dragenter" || event.type === "dragover");
    if (event.type !== "drop") return;
    this.add([...event.dataTransfer.files]);
    this.field.focus();
  }

  /** @param {File[]} files */
  add(files) {
    const free = mostFiles - this.files.length;
    if (files.length > free) tellText(words(this.root, "too-many"), "waiting");
    this.files.push(...files.slice(0, free));
    this.show();
  }

  /** Hands the files over; the next message begins without any. */
  take() {
    const { files } = this;
    this.files = [];
    this.show();
    return files;
  }

  /** @param {Event} event */
  remove(event) {
    const button = /** @type {Element} */ (event.target).closest("[data-unattach]");
    const item = button?.closest("[data-chosen]");
    if (!item) return;
    this.files.splice([...this.list.children].indexOf(item), 1);
    this.show();
    this.field.focus();
  }

  show() {
    this.list.hidden = this.files.length === 0;
    this.list.replaceChildren(...this.files.map((file) => this.line(file)));
  }

  /** @param {File} file */
  line(file) {
    const item = copyTemplate(this.root, "[data-attached-template]");
    /** @param {string} selector */
    const part = (selector) => /** @type {HTMLElement} */ (item.querySelector(selector));
    part("[data-name]").textContent = file.name;
    part("[data-size]").textContent = saySize(file.size);
    part("[data-label]").textContent = (part("[data-label]").textContent ?? "").replace("{name}", file.name);
    if (file.type.startsWith("image/")) draw(file, /** @type {HTMLCanvasElement} */ (part("canvas")));
    return item;
  }
}

/**
 * Draws a picture small. On a canvas: the house's policy lets no page load an address of the browser's own (blob:).
 * @param {File} file
 * @param {HTMLCanvasElement} canvas
 */
async function draw(file, canvas) {
  try {
    const picture = await createImageBitmap(file);
    const scale = Math.max(side / picture.width, side / picture.height);
    const [width, height] = [picture.width * scale, picture.height * scale];
    canvas.getContext("2d")?.drawImage(picture, (side - width) / 2, (side - height) / 2, width, height);
    picture.close();
    canvas.hidden = false;
  } catch {
    // Not a picture that this browser knows; its name stands there.
  }
}

/**
 * Names what was pasted or photographed: it comes without a name of its own.
 * @param {File} file
 * @param {string} name
 */
function named(file, name) {
  if (file.name && !/^image\.\w+$/i.test(file.name)) return file;
  const end = file.type.split("/")[1]?.replace("jpeg", "jpg") ?? "png";
  return new File([file], `${name}.${end}`, { type: file.type });
}
