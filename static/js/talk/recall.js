// A message posted in the wrong place: its sender or an administrator recalls it, everybody else reports it.
import { findNumbers } from "../shell/personal-numbers.js";
import { tellText } from "../shell/notices.js";
import { text } from "../shell/texts.js";
import { isGone } from "./acts.js";

/** @typedef {import("../types").Recalled} Recalled */
/** @typedef {import("../types").Reply} Answer */

/**
 * @param {ParentNode} root
 * @param {string} selector
 * @returns {HTMLElement}
 */
function find(root, selector) {
  return /** @type {HTMLElement} */ (root.querySelector(selector));
}

class Recall {
  /** @param {{ root: HTMLElement, acts: import("./acts.js").Acts, signal: AbortSignal }} talk */
  constructor({ root, acts, signal }) {
    this.root = root;
    this.house = acts.house;
    this.dialog = /** @type {HTMLDialogElement} */ (find(root, "[data-recall-dialog]"));
    this.reporting = /** @type {HTMLDialogElement} */ (find(root, "[data-report-dialog]"));
    this.number = 0;
    const isMine = (/** @type {HTMLElement} */ item) => item.dataset.mine === "true";
    const stands = (/** @type {HTMLElement} */ item) => Boolean(Number(item.dataset.number)) && !isGone(item);
    const mayRecall = root.dataset.mayRecall === "true";
    acts.add("recall", {
      offers: (item) => stands(item) && (isMine(item) || mayRecall),
      act: (item) => this.ask(item),
    });
    acts.add("report", { offers: (item) => stands(item) && !isMine(item), act: (item) => this.askReport(item) });
    find(this.dialog, "[data-recall-form]").addEventListener("submit", (event) => this.recall(event), { signal });
    find(this.reporting, "[data-report-form]").addEventListener("submit", (event) => this.report(event), { signal });
  }

  /** @param {HTMLElement} item */
  ask(item) {
    this.number = Number(item.dataset.number);
    const form = /** @type {HTMLFormElement} */ (find(this.dialog, "[data-recall-form]"));
    form.reset();
    form.hidden = false;
    find(this.dialog, "[data-recall-done]").hidden = true;
    find(this.dialog, "[data-recall-fault]").hidden = true;
    const said = item.querySelector(".message-body")?.textContent ?? "";
    const isCovered = !find(item, "[data-reveal]").hidden;
    const names = [...item.querySelectorAll(".file-name")].map((one) => one.textContent ?? "");
    const hasNumbers = isCovered || [said, ...names].some((words) => findNumbers(words).length > 0);
    find(this.dialog, "[data-recall-numbers]").hidden = !hasNumbers;
    find(this.dialog, "[data-recall-files]").hidden = find(item, "[data-files]").hidden;
    const yes = /** @type {HTMLInputElement} */ (find(form, 'input[value="yes"]'));
    if (hasNumbers) yes.checked = true;
    this.dialog.showModal();
    find(form, "[data-recall-reason]").focus();
  }

  /** @param {Event} event */
  async recall(event) {
    event.preventDefault();
    const form = /** @type {HTMLFormElement} */ (event.target);
    const reason = /** @type {HTMLInputElement} */ (find(form, "[data-recall-reason]")).value;
    const hasPersonal = /** @type {HTMLInputElement} */ (find(form, 'input[value="yes"]')).checked;
    /** @type {Recalled | null} */
    const answer = await this.say("message:recall", { reason, has_personal: hasPersonal }, "[data-recall-fault]");
    if (!answer?.message) return;
    this.house.changed(answer.message);
    this.showDone(answer);
    form.hidden = true;
  }

  /**
   * Shows whom the message had reached.
   * @param {Recalled} answer
   */
  showDone(answer) {
    const done = find(this.dialog, "[data-recall-done]");
    const reached = answer.reached ?? [];
    find(done, "[data-recall-incident]").hidden = !answer.has_incident;
    find(done, "[data-recall-nobody]").hidden = reached.length > 0;
    find(done, "[data-recall-some]").hidden = reached.length === 0;
    find(done, "[data-recall-reached]").replaceChildren(
      ...reached.map(({ name, unit, ways }) => {
        const line = document.createElement("li");
        const who = document.createElement("strong");
        const how = document.createElement("small");
        who.textContent = name;
        how.textContent = [unit, ...ways].filter(Boolean).join(" · ");
        line.append(who, how);
        return line;
      }),
    );
    /** @type {HTMLAnchorElement} */ (find(done, "[data-recall-link]")).href = answer.url ?? "#";
    done.hidden = false;
    done.focus();
  }

  /** @param {HTMLElement} item */
  askReport(item) {
    this.number = Number(item.dataset.number);
    /** @type {HTMLFormElement} */ (find(this.reporting, "[data-report-form]")).reset();
    find(this.reporting, "[data-report-fault]").hidden = true;
    this.reporting.showModal();
    find(this.reporting, "[data-report-reason]").focus();
  }

  /** @param {Event} event */
  async report(event) {
    event.preventDefault();
    const reason = /** @type {HTMLInputElement} */ (find(this.reporting, "[data-report-reason]")).value;
    /** @type {(Answer & { is_new?: boolean }) | null} */
    const answer = await this.say("message:report", { reason }, "[data-report-fault]");
    if (!answer) return;
    this.reporting.close();
    tellText(this.words(answer.is_new ? "reported" : "known"), "solved");
  }

  /** @param {string} name */
  words(name) {
    const template = /** @type {HTMLTemplateElement} */ (find(this.root, "[data-recall-words]"));
    return template.content.querySelector(`[data-word="${name}"]`)?.textContent ?? "";
  }

  /**
   * Does it, or says in the dialog why not.
   * @template {Answer} T
   * @param {string} name
   * @param {object} payload
   * @param {string} place where a refusal is told
   * @returns {Promise<T | null>}
   */
  async say(name, payload, place) {
    const fault = find(this.root, place);
    fault.hidden = true;
    try {
      /** @type {T} */
      const answer = await this.house.command(name, { number: this.number, ...payload });
      if (answer.ok) return answer;
      fault.textContent = answer.error?.message ?? text("fault");
    } catch {
      fault.textContent = text("act-offline");
    }
    fault.hidden = false;
    return null;
  }
}

/** @param {{ root: HTMLElement, acts: import("./acts.js").Acts, signal: AbortSignal }} talk */
export function watchRecall(talk) {
  return new Recall(talk);
}
