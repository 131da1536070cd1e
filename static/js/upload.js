// The upload element: files that were chosen, dropped or pasted, each with its progress; the form gets their ids.
import { tellText } from "./shell/notices.js";
import { copyTemplate, icon } from "./shell/texts.js";
import { GivenUp, Refused, Transfer } from "./upload/transfer.js";

/** @typedef {import("./upload/transfer.js").Stored} Stored */

// A few at a time: the others wait their turn, so that the first is there soon.
const atOnce = 2;

/** One upload element. */
class Element {
  /** @param {HTMLElement} root */
  constructor(root) {
    this.root = root;
    this.list = /** @type {HTMLElement} */ (root.querySelector("[data-list]"));
    this.input = /** @type {HTMLInputElement} */ (root.querySelector('input[type="file"]'));
    this.place = {
      address: root.dataset.begin ?? "",
      use: root.dataset.use ?? "",
      token: document.querySelector('meta[name="csrf-token"]')?.getAttribute("content") ?? "",
    };
    /** @type {Set<Row>} */
    this.rows = new Set();
    /** @type {Row[]} */
    this.waiting = [];
    /** @type {Set<Row>} */
    this.running = new Set();
    for (const item of this.list.children) this.rows.add(new Row(this, null, /** @type {HTMLElement} */ (item)));
  }

  /**
   * Gives words of the page's language.
   * @param {string} name
   * @param {Record<string, string | number>} [values]
   */
  words(name, values = {}) {
    const template = /** @type {HTMLTemplateElement} */ (this.root.querySelector("[data-words]"));
    const found = template.content.querySelector(`[data-word="${name}"]`)?.textContent ?? "";
    return found.replace(/\{(\w+)\}/g, (whole, key) => String(values[key] ?? whole));
  }

  /**
   * Says something to who cannot see the list.
   * @param {string} sentence
   */
  say(sentence) {
    const aloud = this.root.querySelector("[data-aloud]");
    if (aloud) aloud.textContent = sentence;
  }

  /** @param {Iterable<File>} files */
  take(files) {
    const chosen = [...files].slice(0, this.input.multiple ? undefined : 1);
    if (!this.input.multiple && chosen.length) this.rows.forEach((row) => row.remove());
    for (const file of chosen) this.waiting.push(new Row(this, file));
    this.next();
  }

  /** Lets the next ones go. */
  next() {
    while (this.running.size < atOnce && this.waiting.length) {
      const row = /** @type {Row} */ (this.waiting.shift());
      this.running.add(row);
      row.carry().finally(() => {
        this.running.delete(row);
        this.next();
      });
    }
  }

  /** Says whether something is still on its way. */
  isBusy() {
    return this.running.size + this.waiting.length > 0;
  }

  /** Gives everything up that is on its way. */
  stop() {
    this.waiting = [];
    for (const row of this.running) row.transfer?.controller.abort();
  }
}

/** One file in the list. */
class Row {
  /**
   * @param {Element} element
   * @param {File | null} file none for a row that came with the page: its file is there already
   * @param {HTMLElement} [item]
   */
  constructor(element, file, item) {
    this.element = element;
    this.file = file;
    /** @type {Transfer | null} */
    this.transfer = null;
    this.item = item ?? copyTemplate(element.root, "template[data-row]");
    this.part("[data-remove]").addEventListener("click", () => this.remove());
    if (!file) {
      this.part("[data-again]").hidden = true;
      return;
    }
    this.part("[data-name]").textContent = file.name;
    this.part("[data-remove-label]").textContent = element.words("remove", { name: file.name });
    this.part("[data-again]").addEventListener("click", () => this.again());
    element.list.append(this.item);
    element.rows.add(this);
  }

  /**
   * @param {string} selector
   * @returns {HTMLElement}
   */
  part(selector) {
    return /** @type {HTMLElement} */ (this.item.querySelector(selector));
  }

  /**
   * @param {"sending" | "waiting" | "done" | "refused"} state
   * @param {string} sentence
   */
  show(state, sentence) {
    this.item.dataset.state = state;
    this.part("[data-says]").textContent = sentence;
    this.part("progress").hidden = state === "done" || state === "refused";
    this.part("[data-again]").hidden = state !== "refused";
  }

  /** Carries the file over and shows how it goes. */
  async carry() {
    if (!this.file) return;
    const words = this.element.words.bind(this.element);
    this.transfer = new Transfer(this.file, this.element.place, {
      progress: (share) => {
        const percent = Math.floor(share * 100);
        /** @type {HTMLProgressElement} */ (this.part("progress")).value = percent;
        this.show("sending", words("sending", { share: `${percent}%` }));
      },
      waiting: () => this.show("waiting", words("waiting")),
      checking: () => this.show("sending", words("checking")),
    });
    try {
      this.settle(await this.transfer.run());
    } catch (error) {
      this.fail(error);
    }
  }

  /** @param {Stored} stored */
  settle(stored) {
    const field = document.createElement("input");
    Object.assign(field, { type: "hidden", name: this.element.root.dataset.field, value: stored.id });
    this.item.append(field);
    this.part("[data-name]").textContent = stored.name;
    this.part("[data-size]").textContent = stored.size;
    this.part(".upload-icon").replaceChildren(icon("circle-check"));
    this.show("done", stored.state_label);
    this.element.say(`${stored.name} ${this.element.words("done")}`);
    this.element.root.dispatchEvent(new CustomEvent("desk:uploaded", { bubbles: true, detail: stored }));
  }

  /** @param {unknown} error */
  fail(error) {
    if (error instanceof GivenUp) return;
    const reason = (error instanceof Refused && error.message) || this.element.words("fault");
    const sentence = this.element.words("refused", { reason });
    this.transfer?.forget();
    this.show("refused", sentence);
    this.element.say(`${this.file?.name} ${sentence}`);
  }

  /** Tries a file that was refused once more. */
  again() {
    this.show("sending", "");
    this.element.waiting.push(this);
    this.element.next();
  }

  /** Takes the file out of the list and gives it up; the focus goes to where one chooses files. */
  remove() {
    this.transfer?.giveUp();
    this.element.waiting = this.element.waiting.filter((row) => row !== this);
    this.element.rows.delete(this);
    this.item.remove();
    this.element.input.focus();
  }
}

/**
 * Names what was pasted: pictures of the screen come without a name of their own.
 * @param {File} file
 * @param {string} name
 */
function named(file, name) {
  if (file.name && !/^image\.\w+$/i.test(file.name)) return file;
  const end = file.type.split("/")[1]?.replace("jpeg", "jpg") ?? "png";
  return new File([file], `${name}.${end}`, { type: file.type });
}

/**
 * Starts an upload element.
 * @param {HTMLElement} root
 * @returns {() => void}
 */
export function start(root) {
  const element = new Element(root);
  const place = /** @type {HTMLElement} */ (root.querySelector("[data-place]"));
  const page = root.closest("form") ?? root;
  const listening = new AbortController();
  const { signal } = listening;
  element.input.addEventListener("change", () => {
    element.take(element.input.files ?? []);
    element.input.value = "";
  }, { signal });
  const camera = /** @type {HTMLInputElement | null} */ (root.querySelector("[data-camera]"));
  camera?.addEventListener("change", () => {
    element.take([...(camera.files ?? [])].map((file) => named(file, element.words("photo"))));
    camera.value = "";
  }, { signal });
  for (const name of ["dragenter", "dragover", "dragleave", "drop"]) {
    place.addEventListener(name, (event) => {
      event.preventDefault();
      place.toggleAttribute("data-over", name === "dragenter" || name === "dragover");
    }, { signal });
  }
  place.addEventListener("drop", (event) => element.take(event.dataTransfer?.files ?? []), { signal });
  // Of several elements in a form the one that one is at takes what is pasted; from elsewhere in the form, the first.
  page.addEventListener("paste", (event) => {
    const at = event.target instanceof HTMLElement ? event.target.closest(".upload") : null;
    if ((at ?? page.querySelector(".upload") ?? root) !== root) return;
    const files = [.../** @type {ClipboardEvent} */ (event).clipboardData?.files ?? []];
    if (files.length) event.preventDefault();
    element.take(files.map((file) => named(file, element.words("pasted"))));
  }, { signal });
  document.addEventListener("submit", (event) => {
    if (event.target !== root.closest("form") || !element.isBusy()) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    tellText(element.words("busy"), "waiting");
  }, { signal, capture: true });
  return () => {
    listening.abort();
    element.stop();
  };
}
