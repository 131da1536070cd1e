// Pictures and PDF of a conversation looked at large; loaded with the first one that somebody opens.
import { watchLightbox } from "./talk/lightbox.js";
import { watchPdf } from "./talk/pdf.js";

/**
 * @param {HTMLElement} root
 * @param {AbortSignal} signal
 */
export function watchLooks(root, signal) {
  watchLightbox(root, signal);
  watchPdf(root, signal);
}
