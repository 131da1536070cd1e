// What was typed is never lost: forms with data-draft keep their fields in this browser until the server has taken them.

const prefix = "draft:";
const sentMark = "draft-sent";

/**
 * Names a draft; people who share a computer do not see each other's.
 * @param {string} name
 * @returns {string}
 */
function keyOf(name) {
  return `${prefix}${document.body.dataset.accountId ?? ""}:${name}`;
}

/**
 * Reads a draft.
 * @param {string} name
 * @returns {Record<string, string> | null}
 */
export function readDraft(name) {
  try {
    return JSON.parse(localStorage.getItem(keyOf(name)) ?? "null");
  } catch {
    return null;
  }
}

/**
 * Writes a draft, or removes it when there is nothing in it.
 * @param {string} name
 * @param {Record<string, string> | null} values
 */
export function writeDraft(name, values) {
  try {
    if (values && Object.values(values).some((value) => value.trim())) {
      localStorage.setItem(keyOf(name), JSON.stringify(values));
    } else {
      localStorage.removeItem(keyOf(name));
    }
  } catch {
    // Storage may be full or forbidden; the text still stands in the field.
  }
}

/**
 * Lists the fields of a form that a person writes in.
 * @param {HTMLFormElement} form
 * @returns {(HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement)[]}
 */
function fieldsOf(form) {
  const silent = new Set(["hidden", "password", "checkbox", "submit", "button"]);
  return /** @type {HTMLInputElement[]} */ ([...form.elements]).filter(
    (field) => field.name && (!silent.has(field.type) || field.name === "client_id") && field.name !== "csrf_token",
  );
}

/**
 * Saves a form.
 * @param {HTMLFormElement} form
 */
function save(form) {
  /** @type {Record<string, string>} */
  const values = {};
  for (const field of fieldsOf(form)) {
    if (field instanceof HTMLInputElement && field.type === "radio" && !field.checked) continue;
    values[field.name] = field.value;
  }
  writeDraft(/** @type {string} */ (form.dataset.draft), values);
}

/**
 * Puts a draft back into its form.
 * @param {HTMLFormElement} form
 */
function restore(form) {
  const values = readDraft(/** @type {string} */ (form.dataset.draft));
  if (!values || form.dataset.restored) return;
  form.dataset.restored = "yes";
  for (const field of fieldsOf(form)) {
    const value = values[field.name];
    if (value === undefined) continue;
    if (field instanceof HTMLInputElement && field.type === "radio") field.checked = field.value === value;
    else if (field.value !== value) {
      field.value = value;
      field.dataset.touched = "";
    }
  }
}

/**
 * Restores every draft below an element.
 * @param {ParentNode} [root]
 */
export function restoreDrafts(root = document) {
  for (const form of root.querySelectorAll("form[data-draft]")) restore(/** @type {HTMLFormElement} */ (form));
}

/** A plain form that led to another page has been taken; one that led to the sign-in page has not. */
function settlePlainForm() {
  const name = sessionStorage.getItem(sentMark);
  if (!name || document.body.dataset.signedIn !== "true") return;
  sessionStorage.removeItem(sentMark);
  if (!document.querySelector(`form[data-draft="${CSS.escape(name)}"] [data-take-focus]`)) writeDraft(name, null);
}

/** Keeps drafts while people write, and forgets them when the server has taken the form. */
export function watchDrafts() {
  settlePlainForm();
  restoreDrafts();
  document.addEventListener("input", (event) => {
    const form = /** @type {Element} */ (event.target).closest("form[data-draft]");
    if (form instanceof HTMLFormElement) save(form);
  });
  document.addEventListener("desk:taken", (event) => {
    const form = event.target;
    if (!(form instanceof HTMLFormElement) || !form.dataset.draft) return;
    writeDraft(form.dataset.draft, null);
    form.reset();
    for (const field of fieldsOf(form)) delete field.dataset.touched;
  });
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!(form instanceof HTMLFormElement) || !form.dataset.draft || form.hasAttribute("hx-post")) return;
    sessionStorage.setItem(sentMark, form.dataset.draft);
  });
}
