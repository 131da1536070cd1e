// The picker of emoji: all of them by groups, found by Chinese words or first letters of their pinyin, by mouse, touch and
// keyboard. Loaded when it is first opened; docs/decisions/0025 says why it is our own.

/** @typedef {[emoji: string, name: string, words: string, initials: string]} Row */
/** @typedef {{ group: number, emoji: Row[] }[]} Groups */
/** @typedef {{ anchor: HTMLElement, accountId: string, words: (count: number) => string }} Wish */

const columns = 8;
const mostRecent = 2 * columns;
const mostFound = 10 * columns;
/** @type {Promise<Groups> | undefined} */
let loading;

/**
 * Lets somebody choose an emoji.
 * @param {HTMLDialogElement} dialog
 * @param {Wish} wish
 * @returns {Promise<string | null>} null where none was chosen
 */
export async function pick(dialog, wish) {
  loading ??= load(dialog.dataset.rows ?? "");
  const groups = await loading.catch((error) => {
    loading = undefined;
    throw error;
  });
  return new Picker(dialog, wish, groups).open();
}

/**
 * @param {string} url
 * @returns {Promise<Groups>}
 */
async function load(url) {
  const answer = await fetch(url);
  if (!answer.ok) throw new Error(`emoji: ${answer.status}`);
  return answer.json();
}

class Picker {
  /**
   * @param {HTMLDialogElement} dialog
   * @param {Wish} wish
   * @param {Groups} groups
   */
  constructor(dialog, wish, groups) {
    this.dialog = dialog;
    this.wish = wish;
    this.rows = groups.flatMap((group) => group.emoji);
    this.kept = `emoji-${wish.accountId}`;
    this.all = this.part("[data-emoji-all]");
    this.search = /** @type {HTMLInputElement} */ (this.part("[data-emoji-words]"));
    for (const { group, emoji } of groups) {
      // The page may have become another one meanwhile, and the grids are empty again.
      if (!this.grid(group).firstElementChild) this.fill(group, emoji);
    }
    const byEmoji = new Map(this.rows.map((row) => [row[0], row]));
    const recent = this.recent().map((emoji) => byEmoji.get(emoji));
    this.fill("recent", recent.filter((row) => row !== undefined));
    this.show("");
  }

  /** @returns {Promise<string | null>} */
  open() {
    const stop = new AbortController();
    const { signal } = stop;
    this.search.value = "";
    return new Promise((resolve) => {
      /** @type {string | null} */
      let chosen = null;
      const take = (/** @type {Element | null | undefined} */ cell) => {
        chosen = cell?.getAttribute("data-emoji") ?? null;
        if (chosen) this.keep(chosen);
        this.dialog.close();
      };
      this.search.addEventListener("input", () => this.show(this.search.value), { signal });
      this.dialog.addEventListener("keydown", (event) => this.press(event, take), { signal });
      this.dialog.addEventListener("focusin", (event) => this.name(event.target), { signal });
      this.dialog.addEventListener("pointerover", (event) => this.name(event.target), { signal });
      this.dialog.addEventListener(
        "click",
        (event) => {
          const target = /** @type {Element} */ (event.target);
          const group = target.closest("[data-emoji-go]")?.getAttribute("data-emoji-go");
          if (target.closest("[data-emoji]")) take(target.closest("[data-emoji]"));
          else if (group) this.go(group);
          // A click beside it lands on the dialog's own backdrop.
          else if (target === this.dialog || target.closest("[data-emoji-close]")) this.dialog.close();
        },
        { signal },
      );
      this.dialog.addEventListener(
        "close",
        () => {
          stop.abort();
          resolve(chosen);
        },
        { signal },
      );
      this.dialog.showModal();
      this.place();
      this.all.scrollTop = 0;
      // Under a finger the search would bring up the keyboard over what one came to choose from.
      (matchMedia("(pointer: coarse)").matches ? this.lines()[0]?.[0] : this.search)?.focus();
    });
  }

  /**
   * @param {string} selector
   * @returns {HTMLElement}
   */
  part(selector) {
    return /** @type {HTMLElement} */ (this.dialog.querySelector(selector));
  }

  /**
   * @param {string | number} key
   * @returns {HTMLElement}
   */
  section(key) {
    return this.part(`[data-emoji-section="${key}"]`);
  }

  /**
   * @param {string | number} key
   * @returns {HTMLElement}
   */
  grid(key) {
    return /** @type {HTMLElement} */ (this.section(key).querySelector("[data-emoji-grid]"));
  }

  /**
   * Draws a grid of emoji.
   * @param {string | number} key
   * @param {Row[]} emoji
   */
  fill(key, emoji) {
    const lines = [];
    for (let start = 0; start < emoji.length; start += columns) {
      const line = document.createElement("div");
      line.setAttribute("role", "row");
      line.className = "emoji-row";
      line.append(...emoji.slice(start, start + columns).map(cell));
      lines.push(line);
    }
    this.grid(key).replaceChildren(...lines);
  }

  /**
   * Shows all, or what has the words.
   * @param {string} typed
   */
  show(typed) {
    const sought = typed.trim().toLowerCase();
    const found = sought ? find(this.rows, sought) : [];
    this.fill("found", found);
    for (const section of /** @type {NodeListOf<HTMLElement>} */ (this.all.querySelectorAll("[data-emoji-section]"))) {
      const isFound = section.dataset.emojiSection === "found";
      section.hidden = isFound !== Boolean(sought) || !section.querySelector("[data-emoji]");
    }
    this.part("[data-emoji-none]").hidden = !sought || found.length > 0;
    this.part("[data-emoji-status]").textContent = sought ? this.wish.words(found.length) : "";
    this.all.scrollTop = 0;
    this.settle(this.lines()[0]?.[0]);
  }

  /**
   * Lists the cells that can be seen, line by line.
   * @returns {HTMLElement[][]}
   */
  lines() {
    const lines = [...this.all.querySelectorAll("section:not([hidden]) .emoji-row")];
    return lines.map((line) => /** @type {HTMLElement[]} */ ([...line.children]));
  }

  /**
   * Makes one cell the one that the Tab key comes to.
   * @param {HTMLElement | undefined} cell
   */
  settle(cell) {
    this.all.querySelector('[data-emoji][tabindex="0"]')?.setAttribute("tabindex", "-1");
    cell?.setAttribute("tabindex", "0");
  }

  /**
   * @param {KeyboardEvent} event
   * @param {(cell: Element | null | undefined) => void} take
   */
  press(event, take) {
    if (event.isComposing) return;
    // In a search field the key would only take the words away.
    if (event.key === "Escape") {
      event.preventDefault();
      this.dialog.close();
      return;
    }
    const cell = /** @type {Element} */ (event.target).closest("[data-emoji]");
    const isSearch = event.target === this.search;
    const first = this.lines()[0]?.[0];
    if (isSearch && event.key === "Enter") {
      event.preventDefault();
      if (this.search.value.trim()) take(first);
      return;
    }
    const next = cell ? this.from(cell, event.key) : isSearch && event.key === "ArrowDown" && first;
    if (!next) return;
    event.preventDefault();
    this.settle(next === this.search ? first : next);
    next.focus();
    next.scrollIntoView({ block: "nearest" });
  }

  /**
   * Finds where a key leads from a cell; upwards from the first line into the search.
   * @param {Element} cell
   * @param {string} key
   * @returns {HTMLElement | undefined}
   */
  from(cell, key) {
    const lines = this.lines();
    const y = lines.findIndex((line) => line.includes(/** @type {HTMLElement} */ (cell)));
    const x = lines[y]?.indexOf(/** @type {HTMLElement} */ (cell)) ?? 0;
    const flat = lines.flat();
    const place = flat.indexOf(/** @type {HTMLElement} */ (cell));
    /** @param {HTMLElement[] | undefined} line */
    const inLine = (line) => line?.[Math.min(x, line.length - 1)];
    /** @type {Record<string, () => HTMLElement | undefined>} */
    const ways = {
      ArrowRight: () => flat[place + 1],
      ArrowLeft: () => flat[place - 1],
      ArrowDown: () => inLine(lines[y + 1]),
      ArrowUp: () => (y === 0 ? this.search : inLine(lines[y - 1])),
      Home: () => lines[y]?.[0],
      End: () => lines[y]?.at(-1),
      PageDown: () => inLine(lines[Math.min(y + 5, lines.length - 1)]),
      PageUp: () => inLine(lines[Math.max(y - 5, 0)]),
    };
    return ways[key]?.();
  }

  /**
   * Goes to a group.
   * @param {string} group
   */
  go(group) {
    this.search.value = "";
    this.show("");
    const first = /** @type {HTMLElement | null} */ (this.section(group).querySelector("[data-emoji]"));
    this.settle(first ?? undefined);
    first?.focus({ preventScroll: true });
    this.section(group).scrollIntoView({ block: "start" });
  }

  /**
   * Says below what the one under the pointer or in focus is called.
   * @param {EventTarget | null} target
   */
  name(target) {
    const emoji = /** @type {Element} */ (target).closest?.("[data-emoji]");
    this.part("[data-emoji-name]").textContent = emoji?.getAttribute("aria-label") ?? "";
  }

  /** Opens above or below what it was opened from; on a phone the style sheet lays it along the bottom. */
  place() {
    const { style } = this.dialog;
    style.top = style.left = "";
    if (matchMedia("(max-width: 639px)").matches) return;
    const at = this.wish.anchor.getBoundingClientRect();
    const { width, height } = this.dialog.getBoundingClientRect();
    const above = at.top - height - 8;
    const top = above >= 8 ? above : Math.min(at.bottom + 8, innerHeight - height - 8);
    style.top = `${Math.max(8, top)}px`;
    style.left = `${Math.min(Math.max(8, at.left), innerWidth - width - 8)}px`;
  }

  /** @returns {string[]} */
  recent() {
    const kept = localStorage.getItem(this.kept);
    return kept ? kept.split(" ") : [];
  }

  /** @param {string} emoji */
  keep(emoji) {
    const latest = [emoji, ...this.recent().filter((other) => other !== emoji)].slice(0, mostRecent);
    localStorage.setItem(this.kept, latest.join(" "));
  }
}

/**
 * @param {Row} row
 * @returns {HTMLElement}
 */
function cell([emoji, name]) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "emoji-cell emoji";
  button.tabIndex = -1;
  button.setAttribute("role", "gridcell");
  button.setAttribute("aria-label", name);
  button.dataset.emoji = emoji;
  button.textContent = emoji;
  return button;
}

/**
 * Finds emoji by part of their Chinese name or of a word for them, or by the beginning of first letters in pinyin; the
 * closer a word comes to what was typed, the earlier it stands.
 * @param {Row[]} rows
 * @param {string} sought
 * @returns {Row[]}
 */
export function find(rows, sought) {
  /** @param {Row} row */
  const rank = ([emoji, name, words, initials]) => {
    if (emoji === sought || name === sought) return 0;
    const all = [name, ...words.split(" ")].map((word) => word.toLowerCase());
    if (all.includes(sought)) return 1;
    if (name.includes(sought)) return 2;
    if (all.some((word) => word.includes(sought))) return 3;
    const letters = initials.split(" ");
    if (letters.includes(sought)) return 4;
    return sought.length > 1 && letters.some((one) => one.startsWith(sought)) ? 5 : 6;
  };
  const ranked = rows.map((row) => ({ row, rank: rank(row) })).filter((one) => one.rank < 6);
  return ranked.sort((one, other) => one.rank - other.rank).slice(0, mostFound).map((one) => one.row);
}
