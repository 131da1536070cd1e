// Draws a PDF page by page on canvases. Loaded when somebody opens one and not before: the reader alone weighs more than
// all the other scripts of the house together. What is not near the window is not drawn, so that phones keep up.
import { getDocument, PDFWorker, VerbosityLevel } from "pdfjs-dist/legacy/build/pdf.mjs";

/** @typedef {import("pdfjs-dist/types/src/display/api").PDFDocumentProxy} Pdf */
/** @typedef {{ worker: string, maps: string, jpeg2000: string }} Places addresses of what the reader loads by need */
/** @typedef {{ progress: (share: number) => void, page: (number: number) => void, words: (number: number) => string }} Tell */

const sharpest = 2;
/** Signs in one canvas; Safari draws none that is larger. */
const mostDots = 16_000_000;

/** Maps between codes and signs for Chinese fonts that a PDF names and does not bring along, all in one file. */
class Maps {
  /** @param {{ baseUrl?: string | null }} given */
  constructor({ baseUrl }) {
    this.address = baseUrl ?? "";
    /** @type {Promise<Record<string, string>> | undefined} */
    this.all = undefined;
  }

  /** @param {{ name: string }} wanted */
  async fetch({ name }) {
    this.all ??= fetch(this.address).then((answer) => answer.json());
    const found = (await this.all)[name];
    if (!found) throw new Error(`no map ${name}`);
    return { cMapData: Uint8Array.from(atob(found), (sign) => sign.charCodeAt(0)), isCompressed: true };
  }
}

export class Pages {
  /**
   * @param {HTMLElement} stage
   * @param {Tell} tell
   */
  constructor(stage, tell) {
    this.stage = stage;
    this.tell = tell;
    this.zoom = 1;
    /** @type {Pdf | null} */
    this.pdf = null;
    /** @type {Map<Element, { cancel: () => void }>} */
    this.drawing = new Map();
    this.near = new IntersectionObserver((seen) => seen.forEach((one) => this.meet(one)), {
      root: stage,
      rootMargin: "100% 0px",
    });
    this.hearScroll = () => this.tellPage();
    stage.addEventListener("scroll", this.hearScroll, { passive: true });
  }

  /**
   * Opens a PDF and lays out a place for each page; says how many there are.
   * @param {string} url
   * @param {Places} places
   * @returns {Promise<number>}
   */
  async open(url, places) {
    this.thread = new Worker(places.worker);
    // The types of the package know of no port here; its text does.
    this.reader = new PDFWorker({ port: /** @type {any} */ (this.thread), verbosity: VerbosityLevel.ERRORS });
    // Addresses of single files, where a folder is asked for: what is added behind them falls to the fragment.
    this.task = getDocument({
      url,
      worker: this.reader,
      verbosity: VerbosityLevel.ERRORS,
      isEvalSupported: false,
      useWasm: false,
      useWorkerFetch: false,
      wasmUrl: `${places.jpeg2000}#/`,
      cMapUrl: `${places.maps}#/`,
      CMapReaderFactory: Maps,
    });
    this.task.onProgress = (/** @type {{ loaded: number, total: number }} */ { loaded, total }) => {
      if (total) this.tell.progress(Math.min(1, loaded / total));
    };
    this.pdf = await this.task.promise;
    const first = await this.pdf.getPage(1);
    const { width, height } = first.getViewport({ scale: 1 });
    for (let number = 1; number <= this.pdf.numPages; number += 1) this.lay(number, height / width);
    this.tellPage();
    return this.pdf.numPages;
  }

  /**
   * @param {number} number
   * @param {number} ratio height of a page by its width; the first one stands for those not seen yet
   */
  lay(number, ratio) {
    const place = document.createElement("div");
    place.className = "pdf-page";
    place.dataset.page = String(number);
    place.style.setProperty("--ratio", String(1 / ratio));
    const canvas = document.createElement("canvas");
    canvas.setAttribute("role", "img");
    canvas.setAttribute("aria-label", this.tell.words(number));
    const said = document.createElement("p");
    said.className = "visually-hidden";
    place.append(canvas, said);
    this.stage.append(place);
    this.near.observe(place);
  }

  /** @param {IntersectionObserverEntry} seen */
  meet({ target, isIntersecting }) {
    if (isIntersecting) this.draw(/** @type {HTMLElement} */ (target)).catch(() => {});
    else this.letGo(target);
  }

  /** @param {HTMLElement} place */
  async draw(place) {
    if (!this.pdf || this.drawing.has(place)) return;
    let isWanted = true;
    const task = {
      cancel: () => {
        isWanted = false;
      },
    };
    this.drawing.set(place, task);
    const page = await this.pdf.getPage(Number(place.dataset.page));
    const plain = page.getViewport({ scale: 1 });
    place.style.setProperty("--ratio", String(plain.width / plain.height));
    const sharpness = Math.min(window.devicePixelRatio || 1, sharpest);
    const most = Math.sqrt(mostDots / (plain.width * plain.height));
    const viewport = page.getViewport({ scale: Math.min((place.clientWidth / plain.width) * sharpness, most) });
    const canvas = /** @type {HTMLCanvasElement} */ (place.querySelector("canvas"));
    if (!isWanted) return;
    Object.assign(canvas, { width: Math.floor(viewport.width), height: Math.floor(viewport.height) });
    const work = page.render({ canvas, viewport });
    task.cancel = () => work.cancel();
    await work.promise;
    place.dataset.drawn = "true";
    await this.say(place, page);
  }

  /**
   * Writes what stands on a page for who has it read out.
   * @param {HTMLElement} place
   * @param {import("pdfjs-dist/types/src/display/api").PDFPageProxy} page
   */
  async say(place, page) {
    const said = /** @type {HTMLElement} */ (place.querySelector("p"));
    if (said.textContent) return;
    const { items } = await page.getTextContent();
    said.textContent = items.map((item) => ("str" in item ? item.str + (item.hasEOL ? "\n" : "") : "")).join("");
  }

  /** @param {Element} place */
  letGo(place) {
    this.drawing.get(place)?.cancel();
    this.drawing.delete(place);
    if (place instanceof HTMLElement) delete place.dataset.drawn;
    const canvas = place.querySelector("canvas");
    if (canvas) Object.assign(canvas, { width: 0, height: 0 });
  }

  /** Says which page is in the middle of the window. */
  tellPage() {
    const { top, height } = this.stage.getBoundingClientRect();
    const middle = top + height / 2;
    const places = [...this.stage.querySelectorAll("[data-page]")];
    this.tell.page(Math.max(1, places.filter((place) => place.getBoundingClientRect().top <= middle).length));
  }

  /**
   * Draws everything anew at another size.
   * @param {number} zoom
   */
  scale(zoom) {
    this.zoom = zoom;
    const { scrollTop, scrollHeight } = this.stage;
    this.stage.style.setProperty("--zoom", String(zoom));
    for (const place of this.stage.querySelectorAll("[data-page]")) {
      this.letGo(place);
      this.near.unobserve(place);
      this.near.observe(place);
    }
    this.stage.scrollTop = (scrollTop / scrollHeight) * this.stage.scrollHeight;
  }

  /** Lets go of everything. */
  close() {
    this.near.disconnect();
    this.stage.removeEventListener("scroll", this.hearScroll);
    for (const place of [...this.drawing.keys()]) this.letGo(place);
    this.stage.replaceChildren();
    this.stage.style.removeProperty("--zoom");
    this.task?.destroy().catch(() => {});
    this.reader?.destroy();
    this.thread?.terminate();
  }
}

/**
 * Says why a PDF was not shown.
 * @param {unknown} error
 * @returns {"locked" | "broken" | "gone" | "away"}
 */
export function faultOf(error) {
  const name = error instanceof Error ? error.name : "";
  if (name === "PasswordException") return "locked";
  if (name === "ResponseException") return (/** @type {any} */ (error).status ?? 0) >= 400 ? "gone" : "away";
  if (name === "InvalidPDFException" || name === "FormatError") return "broken";
  return navigator.onLine && name !== "UnknownErrorException" ? "broken" : "away";
}
