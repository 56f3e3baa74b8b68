// The bar above the workspace: who looks, the workspace's clock, and whether the app is connected.

import { h, icon, uid } from "./dom.js";
import { refill } from "./keyed.js";
import { avatar } from "./message.js";
import { fullTime, nextWorkday, spanText } from "./times.js";

/** Workspace time between two answers of the server: it goes on like a real clock. */
export class Clock {
  #base = Date.now();
  #read = performance.now();

  set(iso) {
    this.#base = new Date(iso).getTime();
    this.#read = performance.now();
  }

  now() {
    return new Date(this.#base + performance.now() - this.#read);
  }
}

const STEPS = [
  ["15m", "+15 min", "15 minutes"], ["1h", "+1 h", "1 hour"], ["4h", "+4 h", "4 hours"], ["1d", "+1 day", "1 day"], ["1w", "+1 week", "1 week"],
];
const ADVANCE = { "1w": "7d" };

/** Shows the time and moves it. `move(body)` posts to the clock and returns a promise. */
export class ClockBar {
  #clock;
  #move;
  #zone = "America/New_York";
  #buttons;

  constructor(clock, move) {
    this.#clock = clock;
    this.#move = move;
    const label = uid("clock");
    this.time = h("time", { class: "clock-time", "data-testid": "clock" });
    this.offset = h("span", { class: "clock-offset", "data-testid": "clock-offset" });
    const step = (testid, shown, spoken, body) =>
      h("button", { type: "button", class: "button plain small", "data-testid": testid, "aria-label": spoken, title: spoken, onclick: () => this.#go(body()) }, shown);
    this.reset = step("clock-reset", "Now", "Set the clock back to now", () => ({ reset: true }));
    this.#buttons = [
      ...STEPS.map(([amount, shown, spoken]) =>
        step(`clock-forward-${amount}`, shown, `Move the clock forward ${spoken}`, () => ({ advance: ADVANCE[amount] ?? amount }))),
      step("clock-next-workday", "Next workday", "Move the clock to 9 AM of the next workday", () => ({ to: nextWorkday(clock.now(), this.#zone).toISOString() })),
      this.reset,
    ];
    this.node = h("section", { class: "clock", "aria-labelledby": label },
      h("div", { class: "clock-face" }, h("h2", { class: "sr-only", id: label }, "Workspace clock"), icon("clock"), h("div", null, this.time, this.offset)),
      h("div", { class: "clock-steps", role: "group", "aria-label": "Move the clock" }, this.#buttons));
    setInterval(() => this.tick(), 1000);
  }

  show(state) {
    this.#zone = state.viewer.tz || "America/New_York";
    const moved = Math.abs(state.offset) >= 1;
    this.offset.textContent = moved ? `${spanText(state.offset)} ${state.offset > 0 ? "ahead of" : "behind"} real time` : "real time";
    this.reset.disabled = !moved;
    this.node.classList.toggle("moved", moved);
    this.tick();
  }

  tick() {
    const now = this.#clock.now();
    this.time.textContent = fullTime(now, this.#zone);
    this.time.dateTime = now.toISOString();
  }

  async #go(body) {
    if (this.node.getAttribute("aria-busy")) return;
    this.node.setAttribute("aria-busy", "true");
    try {
      await this.#move(body);
    } finally {
      this.node.removeAttribute("aria-busy");
    }
  }
}

/** The choice of the person through whose eyes the workspace is seen. */
export class ViewerSwitch {
  #version = null;

  constructor(become) {
    const id = uid("viewer");
    this.face = h("span", { class: "viewer-face" });
    this.select = h("select", { class: "input", id, "data-testid": "viewer-select", onchange: () => become(this.select.value) });
    this.node = h("div", { class: "viewer" }, this.face, h("div", { class: "viewer-choice" }, h("label", { for: id }, "Viewing as"), this.select));
  }

  show(state) {
    const people = state.people.filter((person) => !person.is_bot);
    const version = JSON.stringify(people);
    if (version !== this.#version) {
      this.#version = version;
      this.select.replaceChildren(...people.map((person) => h("option", { value: person.id }, [person.name, role(person)].filter(Boolean).join(" — "))));
    }
    this.select.value = state.viewer.id;
    refill(this.face, avatar(state.viewer));
  }
}

function role(person) {
  return person.title || (person.is_guest ? "Guest" : person.is_admin ? "Administrator" : "");
}

/** What is wrong between this page, the sandbox and the app; nothing when all is well. */
export class Trouble {
  #app = null;
  #stream = null;

  constructor() {
    this.node = h("p", { class: "trouble", role: "status", hidden: true, "data-testid": "trouble" });
  }

  show({ app }) {
    this.#app = app.connected ? null : `${app.name} is not connected: buttons and commands have nobody to answer them.`;
    this.#draw();
  }

  /** "live" or "polling", or the words of a failure. */
  stream(status, failure) {
    this.#stream = failure ?? (status === "live" ? null : "Reconnecting to the sandbox…");
    this.#draw();
  }

  #draw() {
    const words = this.#stream ?? this.#app;
    this.node.hidden = !words;
    if (words && this.node.textContent !== words) this.node.replaceChildren(icon("warning"), words);
  }
}
