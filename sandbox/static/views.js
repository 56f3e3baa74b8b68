// Views that an app fills: the App Home and the dialogs it opens.

import { renderBlocks } from "./blocks.js";
import { h, icon, uid } from "./dom.js";
import { withEmoji } from "./emoji.js";
import { Fields } from "./fields.js";
import { refill } from "./keyed.js";

/** The blocks of one view, drawn again only when they change; what was typed survives. */
class ViewBody {
  #act;
  #version = null;
  #previous;

  constructor(act) {
    this.#act = act;
    this.fields = new Fields();
    this.node = h("div", { class: "view-body" });
  }

  /** Returns true when it was drawn anew. */
  show(view, directory, kept) {
    const version = JSON.stringify([view.id, view.hash, view.blocks, directory.version]);
    if (version === this.#version) return false;
    this.#previous = this.#version ? this.fields.touched(this.#previous) : kept;
    this.#version = version;
    this.fields = new Fields();
    refill(this.node, renderBlocks(view.blocks, {
      directory, key: `v/${view.id}`, fields: this.fields.list, previous: this.#previous, errors: view.errors,
      act: (element, block, extra) => this.#act({ view_id: view.id, values: this.fields.values() }, element, block, extra),
    }));
    this.fields.settle();
    return true;
  }

  /** What the person changed so far. */
  typed() {
    return this.fields.touched(this.#previous);
  }
}

/** The page an app keeps for each person. */
export class HomeView {
  constructor(act) {
    this.body = new ViewBody(act);
    this.empty = h("div", { class: "empty" });
    this.under = h("p");
    this.node = h("div", { class: "pane" },
      h("header", { class: "pane-head" }, h("div", { class: "pane-title" }, h("h1", null, "Home"), this.under)),
      h("div", { class: "home", tabindex: "0", role: "region", "aria-label": "Home", "data-testid": "home" }, this.empty, this.body.node));
  }

  show(home, directory, appName) {
    this.under.textContent = `What ${appName} shows to ${directory.personName(directory.viewer)} alone`;
    const has = Boolean(home?.blocks?.length);
    this.empty.hidden = has;
    this.body.node.hidden = !has;
    if (!has) this.empty.replaceChildren(icon("home"), h("p", null, `${appName} has not drawn its Home for you yet.`));
    else this.body.show({ id: home.id ?? "home", ...home }, directory);
  }
}

/** The dialog on top, as the state names it. */
export class Modal {
  #session;
  #act;
  #dialog = null;
  #body = null;
  #view = null;
  #errors = "";
  #kept = new Map(); // what was typed in each view of the stack
  #return = null;
  #fresh = false; // just opened: the focus goes to its first field

  constructor(session, act) {
    this.#session = session;
    this.#act = act;
  }

  show(view, directory) {
    if (!view) {
      this.#remove();
      this.#kept.clear();
      return;
    }
    if (this.#view?.id !== view.id) this.#open(view);
    const { fields } = this.#body;
    this.#heads(view);
    const drawn = this.#body.show(view, directory, this.#kept.get(view.id) ?? view.values);
    const errors = JSON.stringify(view.errors ?? {});
    if (errors !== this.#errors || (drawn && fields !== this.#body.fields)) {
      const first = this.#body.fields.showErrors(view.errors);
      if (errors !== this.#errors) first?.control.focus();
    }
    this.#errors = errors;
    if (this.#fresh) this.#focusFirst();
  }

  #open(view) {
    this.#remove();
    this.#return = document.activeElement;
    this.#errors = JSON.stringify({});
    this.#view = view;
    this.#body = new ViewBody(this.#act);
    this.#fresh = true;
    const title = uid("modal");
    this.title = h("h2", { id: title });
    this.back = h("p", { class: "modal-stack" });
    this.trouble = h("p", { class: "modal-trouble", role: "alert", hidden: true });
    this.close = h("button", { type: "button", class: "button plain", "data-testid": "modal-close", onclick: () => this.#close() });
    this.submit = h("button", { type: "submit", class: "button primary", "data-testid": "modal-submit" });
    this.#dialog = h("dialog", { class: "modal", "aria-labelledby": title, "data-testid": "modal" },
      h("form", { novalidate: true, onsubmit: (event) => {
        event.preventDefault();
        this.#submit();
      } },
      h("header", null, h("div", null, this.back, this.title),
        h("button", { type: "button", class: "icon-button", "aria-label": "Close this dialog", onclick: () => this.#close() }, icon("close"))),
      h("div", { class: "modal-body", tabindex: "-1" }, this.#body.node),
      h("footer", null, this.trouble, this.close, this.submit)));
    this.#dialog.addEventListener("cancel", (event) => {
      event.preventDefault();
      this.#close();
    });
    document.body.append(this.#dialog);
    this.#dialog.showModal();
  }

  #heads(view) {
    this.#view = view;
    this.title.textContent = withEmoji(view.title?.text ?? "");
    this.back.hidden = !(view.stack > 1);
    this.back.textContent = `Step ${view.stack}; closing goes back to step ${view.stack - 1}`;
    this.close.textContent = withEmoji(view.close?.text ?? (view.submit ? "Cancel" : "Close"));
    this.submit.textContent = withEmoji(view.submit?.text ?? "Submit");
    const hasInput = view.blocks.some((block) => block.type === "input");
    this.submit.hidden = !view.submit && !hasInput;
  }

  #focusFirst() {
    this.#fresh = false;
    const first = this.#body.fields.list.find((field) => field.showError);
    (first?.control ?? this.#dialog.querySelector("footer button:not([hidden])"))?.focus();
  }

  async #submit() {
    const problem = this.#body.fields.firstProblem();
    if (problem) {
      problem.control.focus();
      return;
    }
    this.#errors = "{}"; // the app's answer counts anew, even when it says the same again
    await this.#send("submit", { view_id: this.#view.id, values: this.#body.fields.values() }, this.submit);
  }

  async #close() {
    await this.#send("close", { view_id: this.#view.id }, this.close);
  }

  async #send(what, body, button) {
    if (this.busy) return;
    this.busy = true;
    this.#trouble(null);
    button.setAttribute("aria-busy", "true");
    button.classList.add("busy");
    try {
      await this.#session.send(what, body);
    } catch (error) {
      this.#trouble(error.message);
    } finally {
      this.busy = false;
      button.removeAttribute("aria-busy");
      button.classList.remove("busy");
    }
  }

  #trouble(message) {
    if (!this.trouble) return;
    this.trouble.textContent = message ?? "";
    this.trouble.hidden = !message;
  }

  #remove() {
    if (!this.#dialog) return;
    this.#kept.set(this.#view.id, this.#body.typed());
    // Notices stand in the dialog on top so that they can be reached; they must outlive it.
    document.body.append(...this.#dialog.querySelectorAll("#notices"));
    this.#dialog.close();
    this.#dialog.remove();
    [this.#dialog, this.#body, this.#view] = [null, null, null];
    this.#giveBackFocus();
  }

  /** To the control that opened the dialog, to the one that was drawn in its place since, or to its message. */
  #giveBackFocus() {
    const from = this.#return;
    this.#return = null;
    const key = from?.dataset?.key;
    const redrawn = key && document.querySelector(`[data-key="${CSS.escape(key)}"]`);
    const message = key?.startsWith("m/") && document.querySelector(`[data-ts="${CSS.escape(key.split("/")[1])}"]`);
    (from?.isConnected ? from : redrawn || message || document.getElementById("conversation"))?.focus({ preventScroll: true });
  }
}
