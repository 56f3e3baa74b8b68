// Who looks at what: the viewer, the conversation and the thread, and the newest state the server gave for them.

import { fetchState, follow, post } from "./api.js";

/** Keeps the page's selection in the address and the newest state of the server; `hooks` hear of changes. */
export class Session {
  viewer = null;
  channel = null;
  thread = null;
  state = null;
  #hooks;
  #loading = null;
  #next = null;
  #unfollow = null;
  #lastOf = new Map(); // the conversation each person had open

  /** hooks: onState(state), onStatus("live" | "polling"), onTrouble(message or null). */
  constructor(hooks) {
    this.#hooks = hooks;
  }

  async start() {
    const asked = new URLSearchParams(location.hash.slice(1));
    this.viewer = asked.get("viewer");
    this.channel = asked.get("channel");
    this.thread = asked.get("thread");
    window.addEventListener("hashchange", () => this.#fromAddress());
    await this.#arrive();
    this.#follow();
  }

  /** Look through another person's eyes, at the conversation they had open last. */
  async become(viewer) {
    if (viewer === this.viewer) return;
    this.#select(viewer, this.#lastOf.get(viewer) ?? null, null);
    this.#follow();
    await this.#arrive();
  }

  /** Show a conversation: a channel's or a direct message's id, or "home". */
  async open(channel) {
    this.#select(this.viewer, channel, null);
    await this.#arrive();
  }

  /** The app draws its Home when somebody opens it, so it has to be told. */
  async #arrive() {
    await this.refresh();
    if (this.channel === "home" && this.viewer) await this.send("home", {}).catch((error) => this.#hooks.onTrouble(error.message));
  }

  async openThread(ts) {
    this.#select(this.viewer, this.channel, ts);
    await this.refresh();
  }

  /** Posts to the server as the viewer and shows what came of it. Throws an Error with words for the person. */
  async send(what, body) {
    const viewer = this.viewer;
    try {
      return await post(what, { viewer, ...body });
    } finally {
      await this.refresh();
    }
  }

  /** Fetches the state anew and shows it; resolves once a state asked for after this call is shown. */
  refresh() {
    if (!this.#loading) return this.#run();
    this.#next ??= this.#loading.then(() => {
      this.#next = null;
      return this.#run();
    });
    return this.#next;
  }

  #run() {
    this.#loading = this.#load().finally(() => {
      this.#loading = null;
    });
    return this.#loading;
  }

  async #load() {
    let asked = this.#selection();
    try {
      let state = await fetchState(asked);
      if (this.#stands(asked) && !(asked.viewer && shows(state, asked.channel))) {
        const open = shows(state, asked.channel);
        this.#select(state.viewer.id, open ? asked.channel : firstConversation(state), open ? asked.thread : null);
        asked = this.#selection();
        state = await fetchState(asked);
      }
      if (!this.#stands(asked)) return; // the person went elsewhere meanwhile: a later answer is on its way
      this.#hooks.onTrouble(null);
      this.#lastOf.set(asked.viewer, asked.channel);
      this.state = state;
      this.#hooks.onState(state);
    } catch (error) {
      if (!this.#stands(asked)) return;
      this.#hooks.onTrouble(error.message);
      // What the address names may be gone since: begin anew with what there is.
      if (error.refused && !this.state && asked.viewer) {
        this.#select(null, null, null);
        await this.#load();
      }
    }
  }

  #selection() {
    return { viewer: this.viewer, channel: this.channel, thread: this.thread };
  }

  #stands({ viewer, channel, thread }) {
    return this.viewer === viewer && this.channel === channel && this.thread === thread;
  }

  #select(viewer, channel, thread) {
    this.viewer = viewer;
    this.channel = channel;
    this.thread = thread;
    const address = new URLSearchParams(Object.entries({ viewer, channel, thread }).filter(([, value]) => value));
    history.replaceState(null, "", `#${address}`);
  }

  #fromAddress() {
    const asked = new URLSearchParams(location.hash.slice(1));
    if (!asked.has("viewer")) return;
    const viewer = asked.get("viewer");
    const changed = viewer !== this.viewer;
    this.#select(viewer, asked.get("channel"), asked.get("thread"));
    if (changed) this.#follow();
    this.#arrive();
  }

  #follow() {
    this.#unfollow?.();
    this.#unfollow = follow(this.viewer ?? "", () => this.refresh(), this.#hooks.onStatus);
  }
}

const shows = (state, channel) => channel === "home" || (channel !== null && state.channel !== null);

/** Where a person starts: the first channel with something new for them, else their first channel, else Home. */
export function firstConversation(state) {
  const mine = state.channels.filter((channel) => channel.is_member && !channel.archived);
  const news = mine.find((channel) => channel.mentions > 0) ?? mine.find((channel) => channel.unread > 0);
  return (news ?? mine[0] ?? state.channels[0])?.id ?? "home";
}
