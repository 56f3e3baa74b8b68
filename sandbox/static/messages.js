// The list of messages of a conversation or a thread, updated in place without losing the reader's position.

import { h, icon } from "./dom.js";
import { Fields } from "./fields.js";
import { reconcile } from "./keyed.js";
import { messageNode, momentOf } from "./message.js";
import { dayLabel, dayNumber } from "./times.js";

const NEAR_END = 60; // pixels from the end within which a reader counts as reading the newest
const GROUPED = 300; // seconds in which messages of one author go on without a new head

/** A scrolling list of messages. `options`: {inThread, testid, act, openThread, empty(state)}. */
export class MessageList {
  #options;
  #cache = new Map();
  #fields = new Map();
  #dismissed = new Set();
  #place = null;
  #seen = new Set();
  #newFrom = null;
  #below = 0; // messages that came in below what the reader looks at
  #private = false; // and whether one of them is for the reader alone
  #atEnd = true;

  constructor(options) {
    this.#options = options;
    this.list = h("ol", { class: "messages" });
    this.note = h("div", { class: "list-note" });
    this.scroller = h("div", { class: "scroller", tabindex: "0", role: "region", "data-testid": options.testid }, this.note, this.list);
    this.jump = h("button", { type: "button", class: "jump", hidden: true, "data-testid": `${options.inThread ? "thread-" : ""}jump-to-newest`, onclick: () => this.toEnd(true) });
    this.node = h("div", { class: "scroll-frame" }, this.scroller, this.jump);
    this.scroller.addEventListener("scroll", () => this.#scrolled());
    // Keep the newest in sight when the room above the composer shrinks or grows.
    new ResizeObserver(() => this.#atEnd && this.toEnd()).observe(this.scroller);
  }

  /**
   * Shows messages, oldest first. `place` names the conversation: another place starts at its newest message, the
   * same place keeps what the reader looks at. `unread` (at arrival) puts the "New" line. Returns messages new since.
   */
  show(messages, { place, label, directory, unread = 0, note = null }) {
    this.directory = directory;
    const shown = messages.filter((message) => !this.#dismissed.has(message.ts));
    const arrived = place !== this.#place;
    if (arrived) this.#arrive(place, shown, unread, directory.viewer);
    this.scroller.setAttribute("aria-label", label);
    this.note.replaceChildren(...[note].filter(Boolean));
    const anchor = arrived || this.#atEnd ? null : this.#anchor();
    const fresh = shown.filter((message) => !this.#seen.has(message.ts));
    for (const message of fresh) this.#seen.add(message.ts);
    reconcile(this.list, this.#items(shown, directory), this.#cache);
    if (anchor) this.#restore(anchor);
    else if (arrived || !this.#toAnswer(fresh)) this.toEnd();
    if (anchor) {
      this.#below += fresh.length;
      this.#private ||= fresh.some((message) => message.ephemeral);
    }
    this.#showJump();
    this.last = { messages, options: { place, label, directory, note } };
    return fresh;
  }

  /** Scrolls to the newest message. */
  toEnd(smoothly = false) {
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    this.scroller.scrollTo({ top: this.scroller.scrollHeight, behavior: smoothly && !calm ? "smooth" : "instant" });
    this.#atEnd = true;
    this.#below = 0;
    this.#private = false;
    this.#showJump();
  }

  /** A private answer that is taller than the room is read from its beginning. */
  #toAnswer(fresh) {
    const answer = fresh.find((message) => message.ephemeral);
    const node = answer && this.#cache.get(answer.ts).node;
    if (!node || node.offsetHeight < this.scroller.clientHeight) return false;
    this.scroller.scrollTop += node.getBoundingClientRect().top - this.scroller.getBoundingClientRect().top - 10;
    return true;
  }

  /** Puts the focus on a message. */
  focus(ts) {
    this.list.querySelector(`[data-ts="${CSS.escape(ts)}"]`)?.focus();
  }

  #arrive(place, messages, unread, viewer) {
    this.#place = place;
    this.#cache.clear();
    this.#fields.clear();
    this.#below = 0;
    this.list.replaceChildren();
    this.#seen = new Set(messages.map((message) => message.ts));
    const foreign = messages.filter((message) => message.user !== viewer && !message.ephemeral);
    this.#newFrom = unread > 0 ? (foreign.at(-unread) ?? foreign[0])?.ts ?? null : null;
  }

  #items(messages, directory) {
    const out = [];
    let before = null;
    const today = dayNumber(directory.now(), directory.zone);
    for (const message of messages) {
      const when = momentOf(message.ts);
      const day = dayNumber(when, directory.zone);
      if (!before || day !== dayNumber(momentOf(before.ts), directory.zone)) {
        const label = dayLabel(when, directory.now(), directory.zone);
        out.push({ key: `day-${day}`, version: label, build: () => h("li", { class: "divide day" }, h("span", null, label)) });
        before = null;
      }
      if (message.ts === this.#newFrom) {
        out.push({ key: "new", version: "", build: () => h("li", { class: "divide new", "data-testid": "new-line" }, h("span", null, "New")) });
        before = null;
      }
      const compact = goesOn(before, message);
      out.push({
        key: message.ts,
        version: JSON.stringify([message, compact, today, directory.version]),
        build: () => this.#build(message, compact, directory),
      });
      before = message;
    }
    return out;
  }

  #build(message, compact, directory) {
    const fields = new Fields();
    const previous = this.#fields.get(message.ts)?.touched();
    const node = messageNode(message, {
      directory, compact, fields: fields.list, previous, inThread: this.#options.inThread, act: this.#options.act,
      openThread: this.#options.openThread, dismiss: (ts) => this.#dismiss(ts),
    });
    fields.settle();
    this.#fields.set(message.ts, fields);
    return node;
  }

  #dismiss(ts) {
    this.#dismissed.add(ts);
    this.show(this.last.messages, this.last.options);
    this.scroller.focus({ preventScroll: true });
  }

  #scrolled() {
    const { scrollTop, scrollHeight, clientHeight } = this.scroller;
    this.#atEnd = scrollHeight - scrollTop - clientHeight < NEAR_END;
    if (this.#atEnd) [this.#below, this.#private] = [0, false];
    this.#showJump();
  }

  #showJump() {
    this.jump.hidden = this.#atEnd;
    const news = this.#below ? `${this.#below} new` : "To the newest";
    this.jump.replaceChildren(icon("down"), this.#private ? "An answer for you" : news);
  }

  /** The first message in sight and where it stands, to be put back there after an update. */
  #anchor() {
    const top = this.scroller.getBoundingClientRect().top;
    for (const [key, { node }] of this.#cache) {
      const box = node.getBoundingClientRect();
      if (box.bottom > top) return { key, offset: box.top - top };
    }
    return null;
  }

  #restore({ key, offset }) {
    const entry = this.#cache.get(key);
    if (!entry) return;
    const top = this.scroller.getBoundingClientRect().top;
    this.scroller.scrollTop += entry.node.getBoundingClientRect().top - top - offset;
  }
}

function goesOn(before, message) {
  return Boolean(before) && before.user === message.user && !before.ephemeral && !message.ephemeral
    && Number(message.ts) - Number(before.ts) < GROUPED && !(before.reply_count > 0);
}
