// The chat markup of message text ("mrkdwn") as DOM nodes.

import { fragment, h } from "./dom.js";
import { emojiFor } from "./emoji.js";
import { formatDateTokens } from "./times.js";

const INLINE = new RegExp(
  [
    "`([^`\\n]+)`", // 1 code
    "<([^<>\\n]+)>", // 2 link, mention or date
    "(https?:\\/\\/[^\\s<>]+)", // 3 bare address
    ":([a-z0-9_+-]+):", // 4 emoji
    "(?<![A-Za-z0-9])([*_~])(?=\\S)(.+?)(?<=\\S)\\5(?![A-Za-z0-9])", // 5 mark, 6 inner text
  ].join("|"),
  "g",
);
const MARKS = { "*": "strong", _: "em", "~": "s" };
const LIST_ITEM = /^\s*(?:[•◦▪‣-]|(\d+)[.)])\s+(.*)$/;
const QUOTE = /^(?:&gt;|>)\s?(.*)$/;

function unescape(text) {
  return text.replace(/&(lt|gt|amp);/g, (_, name) => ({ lt: "<", gt: ">", amp: "&" })[name]);
}

/** Nodes for message text; `directory` knows people, groups, channels and the time. */
export function mrkdwn(text, directory) {
  const out = fragment();
  const pieces = String(text ?? "").split(/```\n?([\s\S]*?)\n?```/);
  pieces.forEach((piece, index) => {
    if (index % 2) out.append(h("pre", null, h("code", null, unescape(piece))));
    else appendLines(out, index > 0 ? piece.replace(/^\n/, "") : piece, directory);
  });
  return out;
}

function appendLines(out, text, directory) {
  if (!text) return;
  let group = null;
  let lineBreak = false;
  for (const line of text.split("\n")) {
    const quote = QUOTE.exec(line);
    const item = quote ? null : LIST_ITEM.exec(line);
    if (quote) {
      if (group?.kind !== "quote") group = open(out, "quote", h("blockquote"));
      else group.node.append(h("br"));
      group.node.append(inline(quote[1], directory));
    } else if (item) {
      const kind = item[1] ? "ol" : "ul";
      if (group?.kind !== kind) group = open(out, kind, h(kind, item[1] ? { start: item[1] } : null));
      group.node.append(h("li", null, inline(item[2], directory)));
    } else {
      if (lineBreak) out.append(h("br"));
      out.append(inline(line, directory));
      group = null;
    }
    lineBreak = !quote && !item;
  }
}

function open(out, kind, node) {
  out.append(node);
  return { kind, node };
}

/** One line of markup. */
export function inline(text, directory) {
  const out = fragment();
  let last = 0;
  for (const match of text.matchAll(INLINE)) {
    if (match.index > last) out.append(unescape(text.slice(last, match.index)));
    out.append(token(match, directory));
    last = match.index + match[0].length;
  }
  if (last < text.length) out.append(unescape(text.slice(last)));
  return out;
}

function token(match, directory) {
  const [whole, code, angle, address, emoji, mark, inner] = match;
  if (code !== undefined) return h("code", null, unescape(code));
  if (angle !== undefined) return reference(angle, directory);
  if (address !== undefined) return link(address, address);
  if (emoji !== undefined) return emojiNode(emoji);
  if (mark !== undefined) return h(MARKS[mark], null, inline(inner, directory));
  return whole;
}

/** An emoji by short name, or its name as typed. */
export function emojiNode(name) {
  const character = emojiFor(name);
  if (!character) return `:${name}:`;
  return h("span", { class: "emoji", role: "img", "aria-label": name.replaceAll("_", " "), title: `:${name}:` }, character);
}

/** A link when the address is one a browser may safely follow, else the words alone. */
export function link(address, words) {
  const target = unescape(address);
  const label = unescape(words);
  if (!/^(https?:\/\/|mailto:)/i.test(target)) return h("span", null, label);
  return h("a", { href: target, target: "_blank", rel: "noopener noreferrer" }, label);
}

function reference(body, directory) {
  const bar = body.indexOf("|");
  const target = bar < 0 ? body : body.slice(0, bar);
  const words = bar < 0 ? null : body.slice(bar + 1);
  if (target.startsWith("@")) return userMention(target.slice(1), directory, words);
  if (target.startsWith("#")) return channelMention(target.slice(1), directory, words);
  if (target.startsWith("!subteam^")) return groupMention(target.slice(9), directory, words);
  if (target.startsWith("!date^")) return dateNode(target.slice(6), words, directory);
  if (target.startsWith("!")) return mention(`@${words ?? target.slice(1)}`, true);
  return link(target, words ?? target);
}

function mention(label, mine) {
  return h("span", { class: mine ? "mention mention-me" : "mention" }, label);
}

/** A person's name as a mention; highlighted when it is the viewer. */
export function userMention(id, directory, words = null) {
  return mention(`@${directory.personName(id) ?? words ?? id}`, id === directory.viewer);
}

/** A user group's handle as a mention. */
export function groupMention(id, directory, words = null) {
  const group = directory.group(id);
  const label = (group?.handle ?? words ?? id).replace(/^@/, "");
  return mention(`@${label}`, group?.members?.includes(directory.viewer) ?? false);
}

/** A channel's name; a button that opens it when the viewer can. */
export function channelMention(id, directory, words = null) {
  const channel = directory.channel(id);
  const label = `#${channel?.name ?? words ?? id}`;
  if (!channel) return mention(label, false);
  return h("button", { type: "button", class: "mention mention-channel", onclick: () => directory.open(id) }, label);
}

function dateNode(body, fallback, directory) {
  const [seconds, pattern, address] = body.split("^");
  const date = new Date(Number(seconds) * 1000);
  if (!pattern || Number.isNaN(date.getTime())) return unescape(fallback ?? body);
  const shown = formatDateTokens(unescape(pattern), date, directory.now(), directory.zone);
  const node = h("time", { datetime: date.toISOString(), title: unescape(fallback ?? "") }, shown);
  return address ? link(address, shown) : node;
}
