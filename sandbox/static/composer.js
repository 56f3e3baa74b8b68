// Where messages and slash commands are typed, with hints for the commands there are.

import { h, icon, uid } from "./dom.js";

/** One suggestion per way to call a command: "/denials stats [30d]" from a usage hint such as "[help | stats [30d]]". */
export function suggestions(commands) {
  return commands.flatMap(({ command, usage_hint: usage = "", description = "" }) => {
    const ways = splitUsage(usage);
    const alone = { insert: command, shown: command, detail: description };
    if (ways.length < 2) return [{ ...alone, shown: `${command} ${usage}`.trim() }];
    return [alone, ...ways.map((way) => ({ insert: `${command} ${fixedPart(way)}`, shown: `${command} ${way}`, detail: "" }))];
  });
}

/** The alternatives of a usage hint: what stands between bars or commas outside of inner brackets. */
function splitUsage(usage) {
  const inner = /^\[(.*)\]$/.exec(usage.trim())?.[1];
  const text = inner && balanced(inner) ? inner : usage;
  const out = [""];
  let depth = 0;
  for (const character of text) {
    if (character === "[") depth += 1;
    if (character === "]") depth -= 1;
    if ((character === "|" || character === ",") && depth === 0) out.push("");
    else out[out.length - 1] += character;
  }
  return out.map((way) => way.trim()).filter(Boolean);
}

function balanced(text) {
  let depth = 0;
  for (const character of text) {
    depth += { "[": 1, "]": -1 }[character] ?? 0;
    if (depth < 0) return false;
  }
  return depth === 0;
}

/** The words of a way that are typed as they are: "find DN-…" gives "find " (a value follows), "stats [30d]" gives "stats". */
function fixedPart(way) {
  const fixed = /^[a-z-]+/.exec(way)?.[0] ?? "";
  const rest = way.slice(fixed.length).trim();
  return rest && !rest.startsWith("[") ? `${fixed} ` : fixed;
}

/** A composer. `send(text)` returns a promise; when it fails the text stays. `options`: {testid, label, commands}. */
export class Composer {
  #send;
  #options;
  #drafts = new Map();
  #place = null;
  #choices = [];
  #at = -1;
  #busy = false;

  constructor(send, options) {
    this.#send = send;
    this.#options = options;
    const list = uid("hints");
    this.input = h("textarea", {
      class: "composer-input", rows: "1", "data-testid": options.testid, role: options.commands ? "combobox" : null,
      "aria-controls": options.commands ? list : null, "aria-expanded": options.commands ? "false" : null,
      "aria-autocomplete": options.commands ? "list" : null, autocomplete: "off", spellcheck: "true",
      oninput: () => this.#typed(), onkeydown: (event) => this.#key(event), onblur: () => this.#hints([]),
    });
    this.list = h("ul", { class: "hints", role: "listbox", id: list, "aria-label": "Commands", hidden: true, "data-testid": "command-hints" });
    this.error = h("p", { class: "composer-error", role: "alert", hidden: true, "data-testid": `${options.testid}-error` });
    this.button = h("button", { type: "submit", class: "button primary send", "aria-label": "Send", "data-testid": `${options.testid}-send` }, icon("send"));
    this.foot = h("p", { class: "composer-foot" });
    this.node = h("form", { class: "composer", onsubmit: (event) => {
      event.preventDefault();
      this.#submit();
    } }, this.list, this.error, h("div", { class: "composer-box" }, this.input, this.button), this.foot);
  }

  /** Follows the conversation; what was being typed in another one is kept for it. */
  show({ place, label, foot, commands = [], disabled = null }) {
    this.commands = commands;
    if (place !== this.#place) {
      if (this.#place) this.#drafts.set(this.#place, this.input.value);
      this.#place = place;
      this.input.value = this.#drafts.get(place) ?? "";
      this.#fail(null);
      this.#hints([]);
      this.#grow();
    }
    this.input.setAttribute("aria-label", label);
    this.input.placeholder = disabled ?? label;
    this.input.disabled = Boolean(disabled);
    this.button.disabled = Boolean(disabled) || this.#busy;
    this.foot.textContent = foot;
  }

  #typed() {
    this.#grow();
    this.#fail(null);
    const text = this.input.value;
    if (!this.#options.commands || !text.startsWith("/") || text.includes("\n")) return this.#hints([]);
    const typed = text.toLowerCase();
    return this.#hints(suggestions(this.commands).filter(({ insert, shown }) => {
      const start = insert.trimEnd().toLowerCase();
      return start.startsWith(typed.trimEnd()) || (shown !== start && typed.startsWith(`${start} `) && start.includes(" "));
    }));
  }

  #hints(choices) {
    this.#choices = choices;
    this.#at = -1;
    this.list.hidden = choices.length === 0;
    if (this.#options.commands) this.input.setAttribute("aria-expanded", String(choices.length > 0));
    this.list.replaceChildren(...choices.map((choice, index) =>
      h("li", { role: "option", id: `${this.list.id}-${index}`, "aria-selected": "false", onpointerdown: (event) => {
        event.preventDefault();
        this.#choose(index);
      } }, h("code", null, choice.shown), choice.detail && h("span", null, choice.detail))));
    this.#mark();
  }

  #mark() {
    [...this.list.children].forEach((item, index) => item.setAttribute("aria-selected", String(index === this.#at)));
    const current = this.list.children[this.#at];
    if (current) {
      this.input.setAttribute("aria-activedescendant", current.id);
      current.scrollIntoView({ block: "nearest" });
    } else this.input.removeAttribute("aria-activedescendant");
  }

  #choose(index) {
    const { insert, shown } = this.#choices[index];
    this.input.value = insert === shown ? insert : `${insert.trimEnd()} `;
    this.input.focus();
    this.#typed();
    this.#hints([]);
  }

  #key(event) {
    if (event.isComposing) return;
    const open = this.#choices.length > 0;
    if (open && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
      event.preventDefault();
      const count = this.#choices.length;
      this.#at = event.key === "ArrowDown" ? (this.#at + 1) % count : (this.#at - 1 + count) % count;
      this.#mark();
    } else if (open && event.key === "Tab" && !event.shiftKey && this.#at >= 0) {
      event.preventDefault();
      this.#choose(this.#at);
    } else if (open && event.key === "Escape") {
      event.preventDefault();
      this.#hints([]);
    } else if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      if (open && this.#at >= 0) this.#choose(this.#at);
      else this.#submit();
    }
  }

  async #submit() {
    const text = this.input.value.trim();
    if (!text || this.#busy) return;
    const place = this.#place;
    this.#busy = true;
    this.button.disabled = true;
    this.#hints([]);
    this.input.value = "";
    this.#grow();
    try {
      await this.#send(text);
    } catch (error) {
      if (this.#place === place && !this.input.value) this.input.value = text;
      else if (this.#place !== place) this.#drafts.set(place, text);
      this.#grow();
      this.#fail(error.message);
    } finally {
      this.#busy = false;
      this.button.disabled = this.input.disabled;
    }
  }

  #fail(message) {
    this.error.textContent = message ?? "";
    this.error.hidden = !message;
  }

  #grow() {
    this.input.style.height = "auto";
    this.input.style.height = `${Math.min(160, this.input.scrollHeight)}px`;
  }
}
