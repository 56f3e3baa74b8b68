// Short words to the viewer: the workspace's own ("the app did not respond") and this page's.

import { h, icon, topLayer } from "./dom.js";
import { refill } from "./keyed.js";

/** Notices until they are dismissed. `dismiss(id)` tells the server. */
export class Notices {
  #dismiss;
  #theirs = [];
  #own = [];
  #count = 0;
  #version = "[]";

  constructor(node, dismiss) {
    this.node = node;
    this.#dismiss = dismiss;
  }

  /** The server's notices. */
  show(notices) {
    this.#theirs = notices ?? [];
    this.#draw();
  }

  /** A notice of the page itself, such as a refusal. */
  add(text, level = "error") {
    this.#count += 1;
    if (this.#own.some((notice) => notice.text === text)) return;
    this.#own = [...this.#own, { id: `own-${this.#count}`, text, level, own: true }].slice(-4);
    this.#draw();
  }

  #draw() {
    const layer = topLayer();
    if (this.node.parentElement !== layer) layer.append(this.node);
    const all = [...this.#theirs, ...this.#own];
    const version = JSON.stringify(all);
    if (version === this.#version) return;
    this.#version = version;
    refill(this.node, all.map((notice) => this.#notice(notice)));
  }

  #notice({ id, text, level, own }) {
    const isError = level === "error";
    const gone = () => {
      if (own) this.#own = this.#own.filter((notice) => notice.id !== id);
      else {
        this.#theirs = this.#theirs.filter((notice) => notice.id !== id);
        this.#dismiss(id);
      }
      this.#draw();
    };
    return h("div", { class: `notice ${isError ? "notice-error" : "notice-info"}`, role: isError ? "alert" : "status", "data-testid": "notice" },
      icon(isError ? "error" : "info"), h("p", null, h("span", { class: "sr-only" }, isError ? "Error: " : "Note: "), text),
      h("button", { type: "button", class: "icon-button", "aria-label": "Dismiss", "data-key": `notice/${id}`, onclick: gone }, icon("close")));
  }
}
