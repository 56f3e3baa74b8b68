// Block Kit layout blocks as DOM nodes. Elements that people press or fill in are in elements.js and inputs.js.

import { chart } from "./charts.js";
import { fragment, h, icon } from "./dom.js";
import { actionElement } from "./elements.js";
import { withEmoji } from "./emoji.js";
import { inputBlock } from "./inputs.js";
import { markdown } from "./markdown.js";
import { mrkdwn } from "./mrkdwn.js";
import { richText } from "./richtext.js";
import { dataTable, table } from "./tables.js";

/** A text object: chat markup for mrkdwn, plain words otherwise. */
export function textNode(text, directory) {
  if (!text) return null;
  if (typeof text === "string") return mrkdwn(text, directory);
  if (text.type === "mrkdwn") return mrkdwn(text.text, directory);
  return withEmoji(text.text ?? "");
}

/** An image, only from this computer or inline: the page never loads anything from elsewhere. */
function picture(image, className) {
  const source = image.image_url ?? "";
  const local = source.startsWith("data:image/") || new URL(source || "about:blank", location.href).origin === location.origin;
  if (local && source) return h("img", { class: className, src: source, alt: image.alt_text ?? "" });
  return h("span", { class: `${className} image-away` }, `Image: ${image.alt_text || "no description"}`);
}

function section(block, context) {
  const { directory } = context;
  const main = h("div", { class: "section-main" });
  if (block.text) main.append(h("div", { class: "prose" }, textNode(block.text, directory)));
  if (block.fields?.length) {
    main.append(h("div", { class: "fields" }, block.fields.map((field) => h("div", { class: "prose" }, textNode(field, directory)))));
  }
  const { accessory } = block;
  if (!accessory) return main;
  const side = accessory.type === "image" ? picture(accessory, "thumb") : actionElement(accessory, block, context);
  const row = h("div", { class: "section-row" }, main, h("div", { class: "accessory" }, side));
  if (["radio_buttons", "checkboxes"].includes(accessory.type)) row.classList.add("stacked");
  return row;
}

function contextLine(block, { directory }) {
  const items = (block.elements ?? []).map((element) =>
    element.type === "image" ? picture(element, "context-image") : h("span", { class: "prose" }, textNode(element, directory)),
  );
  return h("div", { class: "context" }, items);
}

const ALERTS = { default: "Note", info: "Information", warning: "Warning", error: "Error", success: "Done" };

function alertBlock(block, { directory }) {
  const level = Object.hasOwn(ALERTS, block.level) ? block.level : "default";
  return h(
    "div",
    { class: `alert alert-${level}`, role: level === "error" ? "alert" : "note", "aria-label": ALERTS[level] },
    icon(level),
    h("div", { class: "prose" }, textNode(block.text, directory)),
  );
}

function imageBlock(block, { directory }) {
  const title = block.title && h("figcaption", null, textNode(block.title, directory));
  return h("figure", { class: "image" }, title, picture(block, "picture"));
}

function container(block, context) {
  const body = renderBlocks(block.child_blocks ?? [], context);
  const title = h("strong", null, textNode(block.title, context.directory));
  if (!block.is_collapsible) return h("div", { class: "container" }, h("div", { class: "container-title" }, title), body);
  return h("details", { class: "container", open: !block.default_collapsed }, h("summary", null, title), body);
}

const RENDER = {
  section,
  header: (block, { directory }) => h("h3", { class: "block-header" }, textNode(block.text, directory)),
  divider: () => h("hr"),
  context: contextLine,
  actions: (block, context) =>
    h("div", { class: "actions" }, (block.elements ?? []).map((element) => actionElement(element, block, context))),
  input: inputBlock,
  image: imageBlock,
  rich_text: (block, { directory }) => richText(block, directory),
  markdown: (block) => h("div", { class: "prose markdown" }, markdown(block.text)),
  alert: alertBlock,
  table,
  data_table: dataTable,
  data_visualization: (block) => chart(block),
  container,
};

/**
 * Nodes for a list of blocks. `context` holds: directory (names and time), key (where these blocks stand), act(element,
 * block, extra) for presses, fields (a list that collects modal inputs, or null), previous and errors for modals.
 */
export function renderBlocks(blocks, context) {
  const out = fragment();
  (blocks ?? []).forEach((raw, index) => {
    const block = { ...raw, block_id: raw.block_id ?? `block-${index}`, index };
    const render = Object.hasOwn(RENDER, block.type) ? RENDER[block.type] : unknown;
    out.append(h("div", { class: `block block-${block.type}`, "data-block": block.block_id }, render(block, context)));
  });
  return out;
}

function unknown(block) {
  return h("p", { class: "unknown" }, `This workspace cannot draw a “${block.type}” block.`);
}
