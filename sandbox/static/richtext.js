// The `rich_text` block as DOM nodes.

import { h } from "./dom.js";
import { channelMention, emojiNode, groupMention, link, userMention } from "./mrkdwn.js";
import { formatDateTokens } from "./times.js";

const STYLES = [["code", "code"], ["bold", "strong"], ["italic", "em"], ["strike", "s"]];

function styled(node, style) {
  let out = node;
  for (const [name, tag] of STYLES) if (style?.[name]) out = h(tag, null, out);
  return out;
}

function lines(text) {
  return text.split("\n").flatMap((line, index) => (index ? [h("br"), line] : [line]));
}

function leaf(element, directory) {
  switch (element.type) {
    case "text": return h("span", null, lines(element.text));
    case "link": return link(element.url, element.text ?? element.url);
    case "emoji": return emojiNode(element.name);
    case "user": return userMention(element.user_id, directory);
    case "usergroup": return groupMention(element.usergroup_id, directory);
    case "channel": return channelMention(element.channel_id, directory);
    case "broadcast": return h("span", { class: "mention mention-me" }, `@${element.range}`);
    case "date": {
      const date = new Date(element.timestamp * 1000);
      return h("time", null, formatDateTokens(element.format, date, directory.now(), directory.zone));
    }
    default: return element.text ?? "";
  }
}

function leaves(elements, directory) {
  return (elements ?? []).map((element) => styled(leaf(element, directory), element.style));
}

function part(element, directory) {
  switch (element.type) {
    case "rich_text_section": return h("div", { class: "rt-section" }, leaves(element.elements, directory));
    case "rich_text_quote": return h("blockquote", null, leaves(element.elements, directory));
    case "rich_text_preformatted": return h("pre", null, h("code", null, leaves(element.elements, directory)));
    case "rich_text_list": {
      const items = element.elements.map((item) => h("li", null, leaves(item.elements, directory)));
      const ordered = element.style === "ordered";
      const list = { class: `indent-${Math.min(8, element.indent ?? 0)}`, start: ordered && (element.offset ?? 0) + 1 };
      return h(ordered ? "ol" : "ul", list, items);
    }
    default: return null;
  }
}

/** Nodes for the elements of a rich_text block. */
export function richText(block, directory) {
  return h("div", { class: "rich-text" }, (block.elements ?? []).map((element) => part(element, directory)));
}
