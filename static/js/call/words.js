// What calls say, from the page's own texts.

/**
 * Gives a text of calls in the page's language with its blanks filled in.
 * @param {string} name
 * @param {Record<string, string | number>} [values]
 * @returns {string}
 */
export function words(name, values = {}) {
  const template = /** @type {HTMLTemplateElement | null} */ (document.getElementById("call-texts"));
  const found = template?.content.querySelector(`[data-text="${name}"]`)?.textContent ?? name;
  return found.replace(/\{(\w+)\}/g, (whole, key) => String(values[key] ?? whole));
}

/**
 * Says a length of time as clocks do: 3:07.
 * @param {number} seconds
 * @returns {string}
 */
export function clockWords(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

/**
 * Names several people.
 * @param {string[]} names
 * @returns {string}
 */
export function nameWords(names) {
  return new Intl.ListFormat(document.documentElement.lang, { style: "short", type: "conjunction" }).format(names);
}

/**
 * Takes what stands on somebody's picture.
 * @param {string} name
 * @returns {string}
 */
export function initialsOf(name) {
  const plain = name.split("（", 1)[0]?.trim() ?? "";
  const parts = plain.split(/\s+/);
  return parts.length > 1 ? `${parts[0]?.[0] ?? ""}${parts[parts.length - 1]?.[0] ?? ""}`.toUpperCase() : plain.slice(-2);
}
