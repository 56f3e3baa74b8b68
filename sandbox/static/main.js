// Puts the page together: one session with the sandbox server, and the parts that show its state.

import { Clock, ClockBar, Trouble, ViewerSwitch } from "./bar.js";
import { Conversation, ThreadPane } from "./conversation.js";
import { directoryOf } from "./directory.js";
import { h, icon } from "./dom.js";
import { HomeView, Modal } from "./views.js";
import { Notices } from "./notices.js";
import { Session } from "./session.js";
import { choosePerson, Sidebar } from "./sidebar.js";

const at = (id) => document.getElementById(id);

const clock = new Clock();
let status = "live";
let trouble = null;
const session = new Session({
  onState: render,
  onStatus: (now) => banner.stream((status = now), trouble),
  onTrouble: (text) => banner.stream(status, (trouble = text)),
});
const notices = new Notices(at("notices"), (id) => attempt(session.send("dismiss", { id })));

/** Shows a failure to the viewer instead of losing it. */
async function attempt(promise) {
  try {
    return await promise;
  } catch (error) {
    notices.add(error.message);
    return null;
  }
}

/** A press on an element, in a message or in a view (`where`). */
function act(where, element, block, extra) {
  const body = { channel: session.channel, ...where, block_id: block.block_id, action_id: element.action_id, element, ...extra };
  return attempt(session.send("action", body));
}

const banner = new Trouble();
const clockBar = new ClockBar(clock, (body) => attempt(session.send("clock", body)));
const viewers = new ViewerSwitch((id) => session.become(id));
const conversation = new Conversation(session, act);
const thread = new ThreadPane(session, act);
const home = new HomeView(act);
const modal = new Modal(session, act);
const sidebar = new Sidebar({ open: (id) => go(id), write });
const menu = h("button", { type: "button", class: "icon-button menu-button", "aria-label": "Channels", "aria-expanded": "false", "aria-controls": "sidebar", onclick: () => drawer(!drawn()) }, icon("menu"));

at("bar").append(menu, viewers.node, clockBar.node);
at("bar").after(banner.node);
at("sidebar").append(sidebar.node);
at("conversation").append(conversation.node, home.node);
at("thread").append(thread.node);

async function write() {
  const user = await choosePerson(session.state.people, session.viewer);
  if (!user) return;
  const answer = await attempt(session.send("dm", { user }));
  if (answer?.channel) await go(answer.channel);
}

/** Shows a conversation and puts the focus where one types. */
async function go(id) {
  drawer(false);
  await session.open(id);
  if (id !== "home" && matchMedia("(hover: hover)").matches && session.channel === id) conversation.composer.input.focus({ preventScroll: true });
}

const drawn = () => document.body.classList.contains("drawer");

/** On narrow screens the list of channels slides over the page. */
function drawer(open) {
  document.body.classList.toggle("drawer", open);
  menu.setAttribute("aria-expanded", String(open));
  if (open) at("sidebar").querySelector("button")?.focus();
}

function render(state) {
  clock.set(state.now);
  const directory = directoryOf(state, clock, (id) => go(id));
  viewers.show(state);
  clockBar.show(state);
  banner.show(state);
  sidebar.show(state, session.channel, directory);
  const atHome = session.channel === "home" || !state.channel;
  home.node.hidden = !atHome;
  conversation.node.hidden = atHome;
  if (atHome) home.show(state.home, directory, state.app.name);
  else announce(conversation.show(state, directory), directory);
  at("thread").hidden = !state.thread || atHome;
  document.body.classList.toggle("with-thread", Boolean(state.thread) && !atHome);
  if (!atHome) announce(thread.show(state, directory), directory);
  modal.show(state.modal, directory);
  notices.show(state.notices);
  entitle(state, atHome);
  Object.assign(document.body.dataset, { viewer: state.viewer.id, place: atHome ? "home" : state.channel.id, version: state.version });
  markRead(state);
}

/** New messages of others, for those who do not see them appear. */
function announce(messages, directory) {
  const last = messages.filter((message) => message.user !== directory.viewer).at(-1);
  if (!last) return;
  const more = messages.length > 1 ? `, and ${messages.length - 1} more` : "";
  at("announcer").textContent = `${last.ephemeral ? "Only visible to you: " : ""}${directory.personName(last.user) ?? "Someone"}: ${last.text.slice(0, 200)}${more}`;
}

function entitle(state, atHome) {
  const news = state.channels.reduce((sum, channel) => sum + channel.mentions, 0) + state.dms.reduce((sum, dm) => sum + dm.unread, 0);
  const place = atHome ? "Home" : state.channel.is_dm ? state.channel.name : `#${state.channel.name}`;
  document.title = `${news ? `(${news}) ` : ""}${place} · Denial Desk sandbox, not Slack`;
}

let marking = false;

/** What is on screen counts as read. */
async function markRead(state) {
  const place = [...state.channels, ...state.dms].find((item) => item.id === state.channel?.id);
  if (marking || !place || !(place.unread || place.mentions) || document.visibilityState !== "visible") return;
  marking = true;
  await attempt(session.send("read", { channel: place.id }));
  marking = false;
}

document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && session.refresh());
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && drawn()) {
    drawer(false);
    menu.focus();
  }
});
document.querySelector(".skip").addEventListener("click", (event) => {
  event.preventDefault();
  at("conversation").focus();
});
at("shade").addEventListener("click", () => drawer(false));

session.start();
