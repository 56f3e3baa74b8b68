// The list of places: the app's Home, channels, direct messages, and what to try first.

import { h, icon, uid } from "./dom.js";
import { refill } from "./keyed.js";
import { avatar } from "./message.js";

function badge(unread, mentions) {
  if (mentions > 0) {
    return h("span", { class: "badge mentions", title: `${mentions} for you` }, h("span", { "aria-hidden": "true" }, `@${mentions}`),
      h("span", { class: "sr-only" }, `, ${mentions} for you`));
  }
  if (unread > 0) {
    return h("span", { class: "badge" }, h("span", { "aria-hidden": "true" }, unread > 99 ? "99+" : unread),
      h("span", { class: "sr-only" }, `, ${unread} new`));
  }
  return null;
}

function place({ key, testid, sign, name, open, current, unread = 0, mentions = 0, quiet = false }) {
  const classes = ["place", unread || mentions ? "has-news" : "", quiet ? "quiet" : ""].filter(Boolean).join(" ");
  return h("li", null,
    h("button", { type: "button", class: classes, "data-key": key, "data-testid": testid, "aria-current": current ? "page" : null, onclick: open },
      h("span", { class: "sign", "aria-hidden": "true" }, sign), h("span", { class: "place-name" }, name), badge(unread, mentions)));
}

function group(title, items, extra = null) {
  if (!items.length && !extra) return null;
  const id = uid("places");
  return h("section", { "aria-labelledby": id }, h("h2", { id }, title), h("ul", null, items), extra);
}

const TRIES = [
  "Claim a denial, resolve it", "Type /denials stats", "Press Next workday, then +4 h: what nobody claimed is pinged", "View as the billing lead",
];

/** The navigation. `options`: {open(id), write()}. */
export class Sidebar {
  #options;
  #version = null;

  constructor(options) {
    this.#options = options;
    this.workspace = h("p", { class: "workspace" });
    this.connection = h("p", { class: "connection", "data-testid": "app-connection" });
    this.places = h("div", { class: "places" });
    this.node = h("div", { class: "sidebar" }, h("header", null, this.workspace, this.connection), this.places,
      h("details", { class: "tries", open: true }, h("summary", null, "What to try"), h("ol", null, TRIES.map((what) => h("li", null, what))),
        h("p", { class: "tries-note" }, "Reminders wait for business hours: Monday to Friday, 8 to 5 Eastern, unless rules.yaml says otherwise.")));
  }

  show(state, channel, directory) {
    const version = JSON.stringify([channel, state.app, state.workspace, state.channels, state.dms, directory.version]);
    if (version === this.#version) return;
    this.#version = version;
    const { open, write } = this.#options;
    this.workspace.textContent = state.workspace.name;
    this.#connected(state.app);
    const inside = (item) => place({
      key: `place/${item.id}`, testid: `channel-${item.name}`, sign: item.archived ? icon("archive") : item.private ? icon("lock") : "#",
      name: item.name, open: () => open(item.id), current: item.id === channel, unread: item.unread, mentions: item.mentions,
      quiet: !item.is_member || item.archived,
    });
    const mine = state.channels.filter((item) => item.is_member && !item.archived);
    const others = state.channels.filter((item) => !item.is_member || item.archived);
    refill(this.places,
      group(state.app.name, [place({
        key: "place/home", testid: "home-tab", sign: icon("home"), name: "Home", open: () => open("home"), current: channel === "home",
      })]),
      group("Channels", mine.map(inside)),
      group("Other channels", others.map(inside)),
      group("Direct messages", state.dms.map((item) => place({
        key: `place/${item.id}`, testid: `dm-${item.name}`, sign: avatar(directory.person(item.user) ?? item, true), name: item.name,
        open: () => open(item.id), current: item.id === channel, unread: item.unread,
      })), h("button", { type: "button", class: "place write", "data-key": "place/write", "data-testid": "new-dm", onclick: write },
        h("span", { class: "sign", "aria-hidden": "true" }, icon("plus")), h("span", { class: "place-name" }, "Write to someone"))));
  }

  #connected(app) {
    this.connection.classList.toggle("off", !app.connected);
    this.connection.title = app.connected ? `Through ${MODES[app.mode] ?? app.mode}` : "";
    this.connection.replaceChildren(icon(app.connected ? "success" : "warning"), `${app.name} ${app.connected ? "connected" : "not connected"}`);
  }
}

const MODES = { socket: "Socket Mode", http: "HTTP" };

/** Asks whom to write to; resolves to the person's id, or null. */
export function choosePerson(people, viewer) {
  const title = uid("write");
  return new Promise((resolve) => {
    const finish = (answer) => {
      dialog.close();
      dialog.remove();
      resolve(answer);
    };
    const rows = people.filter((person) => person.id !== viewer).map((person) =>
      h("li", null, h("button", { type: "button", class: "place", onclick: () => finish(person.id) }, avatar(person, true),
        h("span", { class: "place-name" }, person.name), h("span", { class: "job" }, person.is_bot ? "App" : person.title))));
    const dialog = h("dialog", { class: "modal people-dialog", "aria-labelledby": title, "data-testid": "people" },
      h("header", null, h("h2", { id: title }, "Write to"),
        h("button", { type: "button", class: "icon-button", "aria-label": "Close this dialog", onclick: () => finish(null) }, icon("close"))),
      h("ul", { class: "modal-body" }, rows));
    dialog.addEventListener("cancel", (event) => {
      event.preventDefault();
      finish(null);
    });
    document.body.append(dialog);
    dialog.showModal();
    dialog.querySelector("li button")?.focus();
  });
}
