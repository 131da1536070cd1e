// Links in what people write: a message stays plain text, only whole addresses of pages become links, never markup.
// chat/presenters/links.py does the same for what stands there when a page comes.

const address = /https?:\/\/[^\s<>"'`，。；：！？、（）【】《》「」“”‘’…]+/gi;
const endsSentence = /[.,;:!?)\]}]+$/;

/**
 * Says whether an address is one of a page; with a name before the house it would show another house than it opens.
 * @param {string} text
 */
function isPage(text) {
  try {
    const found = new URL(text);
    return Boolean(found.hostname) && !text.split("/")[2].includes("@") && !text.includes("\\");
  } catch {
    return false;
  }
}

/**
 * Writes a text with its links.
 * @param {Element} place
 * @param {string} text
 */
export function writeLinked(place, text) {
  /** @type {(string | HTMLElement)[]} */
  const parts = [];
  let end = 0;
  for (const found of text.matchAll(address)) {
    const words = found[0].replace(endsSentence, "");
    if (!isPage(words)) continue;
    const link = document.createElement("a");
    link.href = words;
    link.target = "_blank";
    link.rel = "noopener noreferrer";
    link.textContent = words;
    parts.push(text.slice(end, found.index), link);
    end = found.index + words.length;
  }
  place.replaceChildren(...parts, text.slice(end));
}
