// The middle of the page: one conversation's head, its messages and the composer; and the pane of a thread.

import { Composer } from "./composer.js";
import { h, icon } from "./dom.js";
import { refill } from "./keyed.js";
import { MessageList } from "./messages.js";
import { avatar } from "./message.js";

const KEYS = "Enter sends, Shift and Enter starts a new line";

function members(state, directory) {
  const people = (state.channel.members ?? []).map((id) => directory.person(id)).filter(Boolean);
  if (!people.length) return null;
  const count = `${people.length} ${people.length === 1 ? "member" : "members"}`;
  return h("details", { class: "members" }, h("summary", { class: "button plain small", "data-key": "members" }, icon("people"), count),
    h("ul", null, people.map((person) => h("li", null, avatar(person, true), h("span", null, person.name),
      h("span", { class: "job" }, person.is_bot ? "App" : person.title)))));
}

/** A channel or a direct message. `session` sends, `act` presses, `report(error)` shows failures. */
export class Conversation {
  #version = null;

  constructor(session, act) {
    this.head = h("header", { class: "pane-head" });
    this.messages = new MessageList({ testid: "messages", act, openThread: (ts) => session.openThread(ts) });
    this.composer = new Composer((text) => {
      const { channel } = session;
      this.messages.toEnd(); // whoever writes wants to see what comes of it
      return text.startsWith("/") ? session.send("command", { channel, text }) : session.send("message", { channel, text });
    }, { testid: "composer", commands: true });
    this.node = h("div", { class: "pane conversation" }, this.head, this.messages.node, this.composer.node);
  }

  /** Returns the messages that came since the last time. */
  show(state, directory) {
    const { channel } = state;
    const listed = directory.channel(channel.id);
    const name = channel.is_dm ? channel.name : `#${channel.name}`;
    this.#head(state, name, listed, directory);
    const main = state.messages.filter((message) => !message.thread_ts || message.thread_ts === message.ts);
    const fresh = this.messages.show(main, {
      place: `${directory.viewer}/${channel.id}`, label: `Messages in ${name}`, directory,
      unread: listed?.unread ?? state.dms.find((dm) => dm.id === channel.id)?.unread ?? 0, note: this.#note(state, main, name),
    });
    const outside = listed && !channel.is_dm && !listed.is_member;
    const commands = state.commands.map((item) => item.command).join(", ");
    this.composer.show({
      place: `${directory.viewer}/${channel.id}`, commands: state.commands,
      label: channel.is_dm ? `Message ${name}` : `Message ${name}, or type / for commands`,
      disabled: listed?.archived ? "This channel is archived" : outside ? `${state.viewer.name} is not in ${name}` : null,
      foot: commands ? `${KEYS}. Commands: ${commands}` : KEYS,
    });
    return fresh;
  }

  #head(state, name, listed, directory) {
    const { channel } = state;
    const version = JSON.stringify([channel, listed?.archived, directory.version]);
    if (version === this.#version) return;
    this.#version = version;
    const open = this.head.querySelector("details")?.open && this.place === channel.id;
    this.place = channel.id;
    refill(this.head, h("div", { class: "pane-title" }, h("h1", null, listed?.private && icon("lock"), name, listed?.archived && h("span", { class: "tag" }, "Archived")),
      channel.topic && h("p", null, channel.topic)), members(state, directory));
    if (open) this.head.querySelector("details").open = true;
  }

  #note(state, messages, name) {
    if (state.more) return h("p", { class: "older" }, "Older messages are kept but not shown here.");
    if (messages.length) return h("p", { class: "older" }, `This is where ${name} begins.`);
    return h("div", { class: "empty" }, icon("chat"), h("p", null, h("strong", null, "Nothing here yet.")),
      h("p", null, state.channel.is_dm ? "Messages between the two of you show up here." : "What the app or the team posts shows up here."));
  }
}

/** The replies to one message, beside the conversation. */
export class ThreadPane {
  #close;

  constructor(session, act) {
    this.#close = () => session.openThread(null);
    this.messages = new MessageList({ testid: "thread-messages", inThread: true, act, openThread: () => {} });
    this.composer = new Composer((text) => session.send("message", { channel: session.channel, thread_ts: session.thread, text }), { testid: "thread-composer" });
    this.under = h("p", { class: "under" });
    this.close = h("button", { type: "button", class: "icon-button", "aria-label": "Close the thread", "data-testid": "thread-close", onclick: () => this.#leave() }, icon("close"));
    this.node = h("div", { class: "pane thread", hidden: true, "data-testid": "thread" },
      h("header", { class: "pane-head" }, h("div", { class: "pane-title" }, h("h2", null, "Thread"), this.under), this.close),
      this.messages.node, this.composer.node);
    this.node.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && !event.defaultPrevented) this.#leave();
    });
  }

  #leave() {
    const { ts } = this;
    this.#close();
    document.querySelector(`[data-testid="messages"] [data-ts="${CSS.escape(ts)}"]`)?.focus({ preventScroll: true });
  }

  show(state, directory) {
    const { thread, channel } = state;
    const arrived = thread && this.ts !== thread.ts;
    this.ts = thread?.ts ?? null;
    this.node.hidden = !thread;
    if (!thread) return [];
    const name = channel.is_dm ? channel.name : `#${channel.name}`;
    this.under.textContent = `in ${name}`;
    const place = `${directory.viewer}/${channel.id}/${thread.ts}`;
    const fresh = this.messages.show(thread.messages, { place, label: `Thread in ${name}`, directory });
    this.composer.show({ place, label: "Reply in the thread", foot: "Commands do not work in threads" });
    if (arrived) this.composer.input.focus({ preventScroll: true });
    return fresh;
  }
}
