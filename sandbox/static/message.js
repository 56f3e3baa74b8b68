// One message: who, when, what, and what can be done with it.

import { renderBlocks } from "./blocks.js";
import { initials, shadeOf } from "./directory.js";
import { h, icon } from "./dom.js";
import { mrkdwn } from "./mrkdwn.js";
import { clockTime, fullTime } from "./times.js";

/** The moment a message was written. */
export const momentOf = (ts) => new Date(Number(ts) * 1000);

/** The square with a person's initials. */
export function avatar(person, small = false) {
  const look = person?.is_bot ? "avatar-app" : `shade-${shadeOf(person?.id)}`;
  return h("span", { class: `avatar ${look}${small ? " small" : ""}`, "aria-hidden": "true" }, initials(person?.name));
}

/**
 * The node of a message. `view` holds: directory, compact (the same author goes on), inThread, act, openThread(ts),
 * dismiss(ts), fields and previous (what was chosen in the message's own fields).
 */
export function messageNode(message, view) {
  const { directory, compact } = view;
  const person = directory.person(message.user) ?? { id: message.user, name: message.user };
  const when = momentOf(message.ts);
  const time = h("time", { datetime: when.toISOString(), title: fullTime(when, directory.zone) }, clockTime(when, directory.zone));
  const classes = ["message", compact && "compact", message.ephemeral && "private"].filter(Boolean).join(" ");
  const content = h("div", { class: "message-content" },
    message.ephemeral && privateMark(message, view),
    !compact && h("p", { class: "byline" },
      h("span", { class: "author" }, person.name),
      person.is_bot && h("span", { class: "app-badge", title: "This is an app, not a person" }, "APP"),
      person.title && !person.is_bot && h("span", { class: "job" }, person.title),
      time),
    body(message, view),
    message.edited && h("span", { class: "edited" }, "(edited)"),
    !view.inThread && message.reply_count > 0 && replies(message, view));
  return h("li", { class: classes, "data-testid": "message", "data-ts": message.ts, tabindex: "-1" },
    h("article", { "aria-label": `${person.name}, ${clockTime(when, directory.zone)}${message.ephemeral ? ", only visible to you" : ""}` },
      h("div", { class: "gutter" }, compact ? shortTime(when, directory.zone) : avatar(person)), content),
    !view.inThread && !message.ephemeral && toolbar(message, view));
}

/** "9:05" beside a message that goes on, where there is no room for more. */
function shortTime(when, zone) {
  return h("time", { datetime: when.toISOString(), title: fullTime(when, zone) }, clockTime(when, zone).replace(/\s?[AP]M$/, ""));
}

const isInteractive = ({ blocks }) => blocks?.some((block) => block.type === "actions" || (block.accessory && block.accessory.type !== "image"));

function body(message, { directory, act, fields, previous }) {
  if (!message.blocks?.length) return h("div", { class: "prose" }, mrkdwn(message.text, directory));
  const drawn = renderBlocks(message.blocks, {
    directory, key: `m/${message.ts}`, fields, previous,
    act: (element, block, extra) => act({ message_ts: message.ts, thread_ts: message.thread_ts ?? undefined }, element, block, extra),
  });
  return h("div", { class: isInteractive(message) && !message.ephemeral ? "card" : null }, drawn);
}

function privateMark(message, { dismiss }) {
  return h("p", { class: "only-you" }, icon("eye"), h("span", null, "Only visible to you"),
    h("button", { type: "button", class: "linklike", "data-key": `dismiss/${message.ts}`, onclick: () => dismiss(message.ts) }, "Dismiss"));
}

function replies({ ts, reply_count: count }, { openThread }) {
  return h("button", { type: "button", class: "replies", "data-key": `replies/${ts}`, "data-testid": "replies", onclick: () => openThread(ts) },
    icon("chat"), `${count} ${count === 1 ? "reply" : "replies"}`);
}

function toolbar({ ts }, { openThread }) {
  return h("div", { class: "message-tools" },
    h("button", { type: "button", class: "button plain small", "data-key": `thread/${ts}`, "data-testid": "reply-in-thread", onclick: () => openThread(ts) },
      icon("reply"), "Reply in thread"));
}
