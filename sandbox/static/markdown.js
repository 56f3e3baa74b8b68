// The `markdown` block: the common subset of Markdown as DOM nodes.

import { fragment, h } from "./dom.js";
import { emojiNode, link } from "./mrkdwn.js";

const INLINE =
  /`([^`\n]+)`|\[([^\]\n]+)\]\(([^)\s]+)\)|(https?:\/\/[^\s<>)]+)|\*\*(.+?)\*\*|__(.+?)__|~~(.+?)~~|(?<![A-Za-z0-9*])\*(?=\S)(.+?)(?<=\S)\*|(?<![A-Za-z0-9_])_(?=\S)(.+?)(?<=\S)_(?![A-Za-z0-9])|:([a-z0-9_+-]+):/g;

function inline(text) {
  const out = fragment();
  let last = 0;
  for (const match of text.matchAll(INLINE)) {
    out.append(text.slice(last, match.index), token(match));
    last = match.index + match[0].length;
  }
  out.append(text.slice(last));
  return out;
}

function token([whole, code, words, target, address, bold, bold2, strike, italic, italic2, emoji]) {
  if (code !== undefined) return h("code", null, code);
  if (words !== undefined) return link(target, words);
  if (address !== undefined) return link(address, address);
  if (bold ?? bold2) return h("strong", null, inline(bold ?? bold2));
  if (strike !== undefined) return h("s", null, inline(strike));
  if (italic ?? italic2) return h("em", null, inline(italic ?? italic2));
  return emoji === undefined ? whole : emojiNode(emoji);
}

const cells = (line) => line.trim().replace(/^\||\|$/g, "").split("|").map((cell) => cell.trim());

// Each rule takes the lines from `at` on and returns [node, lines used], or null when it does not apply.
const RULES = [
  function fence(lines, at) {
    if (!lines[at].startsWith("```")) return null;
    let end = at + 1;
    while (end < lines.length && !lines[end].startsWith("```")) end += 1;
    return [h("pre", null, h("code", null, lines.slice(at + 1, end).join("\n"))), end - at + 1];
  },
  function heading(lines, at) {
    const match = /^(#{1,6})\s+(.*)$/.exec(lines[at]);
    return match && [h(`h${Math.min(6, match[1].length + 2)}`, null, inline(match[2])), 1];
  },
  function rule(lines, at) {
    return /^\s*(?:-{3,}|\*{3,}|_{3,})\s*$/.test(lines[at]) ? [h("hr"), 1] : null;
  },
  function table(lines, at) {
    if (!lines[at].includes("|") || !/^[\s|:-]*-[\s|:-]*$/.test(lines[at + 1] ?? "")) return null;
    let end = at + 2;
    while (end < lines.length && lines[end].includes("|")) end += 1;
    const row = (line, tag) => h("tr", null, cells(line).map((cell) => h(tag, null, inline(cell))));
    const body = lines.slice(at + 2, end).map((line) => row(line, "td"));
    return [h("table", { class: "grid" }, h("thead", null, row(lines[at], "th")), h("tbody", null, body)), end - at];
  },
  (lines, at) => run(lines, at, /^>\s?(.*)$/, (rows) => h("blockquote", null, joined(rows))),
  (lines, at) => run(lines, at, /^\s*[-*+]\s+(.*)$/, (rows) => h("ul", null, items(rows))),
  (lines, at) => run(lines, at, /^\s*\d+[.)]\s+(.*)$/, (rows) => h("ol", null, items(rows))),
];

function run(lines, at, pattern, build) {
  const rows = [];
  for (let index = at; index < lines.length; index += 1) {
    const match = pattern.exec(lines[index]);
    if (!match) break;
    rows.push(match[1]);
  }
  return rows.length ? [build(rows), rows.length] : null;
}

const items = (rows) => rows.map((row) => h("li", null, inline(row)));
const joined = (rows) => rows.flatMap((row, index) => (index ? [h("br"), inline(row)] : [inline(row)]));

/** Nodes for Markdown text. */
export function markdown(text) {
  const out = fragment();
  const lines = String(text ?? "").split("\n");
  let paragraph = [];
  const flush = () => {
    if (paragraph.length) out.append(h("p", null, joined(paragraph)));
    paragraph = [];
  };
  for (let at = 0; at < lines.length; ) {
    let used = 0;
    for (const rule of RULES) {
      const found = rule(lines, at);
      if (!found) continue;
      flush();
      out.append(found[0]);
      used = found[1];
      break;
    }
    if (!used) {
      if (lines[at].trim()) paragraph.push(lines[at]);
      else flush();
      used = 1;
    }
    at += used;
  }
  flush();
  return out;
}
