// The first picture or PDF that somebody opens brings along what shows it; until then no page carries it.

const looks = '[data-look], [data-file][data-kind="pdf"] [data-open]:not([hidden])';

/**
 * @param {HTMLElement} root
 * @param {AbortSignal} signal
 */
export function watchFirstLook(root, signal) {
  const address = /** @type {HTMLElement | null} */ (root.querySelector("[data-lightbox]"))?.dataset.script ?? "";
  const had = new AbortController();
  signal.addEventListener("abort", () => had.abort());
  root.addEventListener(
    "click",
    async (event) => {
      const link = /** @type {Element} */ (event.target).closest(looks);
      if (!(link instanceof HTMLAnchorElement) || event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      /** @type {typeof import("../look.js") | null} */
      const module = await import(address).catch(() => null);
      if (signal.aborted || had.signal.aborted) return;
      had.abort();
      module?.watchLooks(root, signal);
      // With what shows it in place the same click opens it; without, it opens as any file does.
      link.click();
    },
    { signal: had.signal },
  );
}
