// Fields: text, number, date, selects, radio buttons and checkboxes, and the input block that labels one of them.

import { h, uid } from "./dom.js";
import { withEmoji } from "./emoji.js";

const words = (text) => withEmoji(text?.text ?? "");
const sameValue = (value) => (option) => option.value === value;

/*
 * Each maker returns {node, control, read, name, empty}: what to show, the control to focus, read() giving the value in
 * the shape of a view's state, name(text) setting its accessible name, empty() for required fields, problem() if invalid.
 */
function made(node, control, read, empty, problem = () => null) {
  return { node, control, read, empty, problem, name: (text) => control.setAttribute("aria-label", text) };
}

function lineInput(attributes, read) {
  const control = h("input", attributes);
  return made(control, control, () => read(control.value), () => !control.value.trim());
}

function plainText(element, { previous }) {
  const attributes = {
    value: previous?.value ?? element.initial_value ?? "", placeholder: words(element.placeholder) || null,
    maxlength: element.max_length, autocomplete: "off", class: "input",
  };
  const control = element.multiline ? h("textarea", { ...attributes, rows: 4 }) : h("input", { ...attributes, type: "text" });
  const problem = () =>
    element.min_length && control.value.length < element.min_length ? `Write at least ${element.min_length} characters.` : null;
  return made(control, control, () => ({ value: control.value || null }), () => !control.value.trim(), problem);
}

function number(element, { previous }) {
  const control = h("input", {
    type: "text", class: "input number", autocomplete: "off", inputmode: element.is_decimal_allowed ? "decimal" : "numeric",
    value: previous?.value ?? element.initial_value ?? "", placeholder: words(element.placeholder) || null,
  });
  const problem = () => {
    const typed = control.value.trim();
    if (!typed) return null;
    const shape = element.is_decimal_allowed ? /^-?\d*\.?\d+$/ : /^-?\d+$/;
    if (!shape.test(typed)) return element.is_decimal_allowed ? "Enter a number such as 120.50." : "Enter a whole number.";
    if (element.min_value !== undefined && Number(typed) < Number(element.min_value)) return `Enter ${element.min_value} or more.`;
    if (element.max_value !== undefined && Number(typed) > Number(element.max_value)) return `Enter ${element.max_value} or less.`;
    return null;
  };
  return made(control, control, () => ({ value: control.value.trim() || null }), () => !control.value.trim(), problem);
}

function picker(type, stateKey, initialKey) {
  return (element, { previous }) =>
    lineInput({ type, class: "input", value: previous?.[stateKey] ?? element[initialKey] ?? "" }, (value) => ({ [stateKey]: value || null }));
}

function dateTime(element, { previous }) {
  const seconds = previous?.selected_date_time ?? element.initial_date_time;
  const pad = (value) => String(value).padStart(2, "0");
  const local = (date) =>
    `${date.getFullYear()}-${pad(date.getMonth() + 1)}-${pad(date.getDate())}T${pad(date.getHours())}:${pad(date.getMinutes())}`;
  const value = seconds ? local(new Date(seconds * 1000)) : "";
  return lineInput({ type: "datetime-local", class: "input", value }, (typed) => ({
    selected_date_time: typed ? Math.floor(new Date(typed).getTime() / 1000) : null,
  }));
}

function flat(element) {
  return element.option_groups ? element.option_groups.flatMap((group) => group.options) : (element.options ?? []);
}

function optionNodes(options, chosen) {
  return options.map((option) => h("option", { value: option.value, selected: option.value === chosen }, words(option.text)));
}

function oneOf(element, options, chosen, read, groups = null) {
  const control = h("select", { class: "input" });
  control.append(h("option", { value: "", selected: !chosen }, words(element.placeholder) || "Choose…"));
  if (groups) {
    for (const group of groups) control.append(h("optgroup", { label: words(group.label) }, optionNodes(group.options, chosen)));
  } else {
    control.append(...optionNodes(options, chosen));
  }
  const note = h("small", { class: "option-note" });
  const explain = () => {
    note.textContent = words(options.find(sameValue(control.value))?.description);
  };
  control.addEventListener("change", explain);
  explain();
  const hasNotes = options.some((option) => option.description);
  const node = hasNotes ? h("div", { class: "select-with-note" }, control, note) : control;
  return made(node, control, () => read(options.find(sameValue(control.value)) ?? null), () => !control.value);
}

function staticSelect(element, { previous }) {
  const chosen = previous ? previous.selected_option?.value : element.initial_option?.value;
  return oneOf(element, flat(element), chosen, (option) => ({ selected_option: option }), element.option_groups);
}

const asOption = (id, name) => ({ value: id, text: { type: "plain_text", text: name } });
const people = ({ directory }) => directory.people.map((person) => asOption(person.id, person.name));
const channels = ({ directory }) => directory.channels.map((channel) => asOption(channel.id, `#${channel.name}`));

function directorySelect(list, stateKey, initialKey) {
  return (element, context) => {
    const chosen = context.previous ? context.previous[stateKey] : element[initialKey];
    return oneOf(element, list(context), chosen, (option) => ({ [stateKey]: option?.value ?? null }));
  };
}

function choices(element, options, chosen, type, read) {
  const name = uid("choice");
  const boxes = options.map((option) =>
    h("input", { type, name, value: option.value, checked: chosen.includes(option.value) }),
  );
  const rows = options.map((option, index) =>
    h("label", { class: "choice" }, boxes[index], h("span", null, words(option.text), option.description && h("small", null, words(option.description)))),
  );
  const node = h("div", { class: "choices", role: type === "radio" ? "radiogroup" : "group" }, rows);
  const picked = () => options.filter((_, index) => boxes[index].checked);
  const limit = element.max_selected_items;
  const problem = () => (limit && picked().length > limit ? `Choose at most ${limit}.` : null);
  return {
    ...made(node, boxes[0] ?? node, () => read(picked()), () => picked().length === 0, problem),
    name: (text) => node.setAttribute("aria-label", text),
  };
}

function radio(element, { previous }) {
  const chosen = previous ? previous.selected_option?.value : element.initial_option?.value;
  return choices(element, element.options ?? [], [chosen], "radio", ([option]) => ({ selected_option: option ?? null }));
}

function many(element, { previous }) {
  const chosen = (previous ? previous.selected_options : element.initial_options) ?? [];
  const values = chosen.map((option) => option.value);
  const result = choices(element, flat(element), values, "checkbox", (options) => ({ selected_options: options }));
  if (element.type !== "checkboxes") result.node.classList.add("boxed");
  return result;
}

function manyFrom(list, stateKey, initialKey) {
  return (element, context) => {
    const chosen = (context.previous ? context.previous[stateKey] : element[initialKey]) ?? [];
    const result = choices(element, list(context), chosen, "checkbox", (options) => ({ [stateKey]: options.map((o) => o.value) }));
    result.node.classList.add("boxed");
    return result;
  };
}

const MAKERS = {
  plain_text_input: plainText,
  email_text_input: plainText,
  url_text_input: plainText,
  number_input: number,
  datepicker: picker("date", "selected_date", "initial_date"),
  timepicker: picker("time", "selected_time", "initial_time"),
  datetimepicker: dateTime,
  static_select: staticSelect,
  external_select: staticSelect,
  multi_static_select: many,
  multi_external_select: many,
  checkboxes: many,
  radio_buttons: radio,
  users_select: directorySelect(people, "selected_user", "initial_user"),
  channels_select: directorySelect(channels, "selected_channel", "initial_channel"),
  conversations_select: directorySelect(channels, "selected_conversation", "initial_conversation"),
  multi_users_select: manyFrom(people, "selected_users", "initial_users"),
  multi_channels_select: manyFrom(channels, "selected_channels", "initial_channels"),
  multi_conversations_select: manyFrom(channels, "selected_conversations", "initial_conversations"),
};

/** The field for an element, holding what was typed before when the view was redrawn; null for an unknown type. */
export function field(element, block, context) {
  const maker = Object.hasOwn(MAKERS, element.type) ? MAKERS[element.type] : null;
  if (!maker) return null;
  const previous = context.previous?.[block.block_id]?.[element.action_id];
  return maker(element, { directory: context.directory, previous });
}

/** An input block: label, field, hint, and its error when there is one. */
export function inputBlock(block, context) {
  const { element } = block;
  const result = field(element, block, context);
  if (!result) return h("p", { class: "unknown" }, `This workspace cannot draw a “${element?.type}” field.`);
  const id = uid("field");
  const required = !block.optional;
  const error = h("p", { class: "field-error", id: `${id}-error`, role: "alert", "data-testid": "field-error", hidden: true });
  const hint = block.hint && h("p", { class: "hint", id: `${id}-hint` }, words(block.hint));
  const grouped = result.node !== result.control && result.node.classList.contains("choices");
  const title = h(grouped ? "span" : "label", { class: "label", id: `${id}-label`, for: grouped ? null : id }, words(block.label),
    required ? h("span", { class: "required", title: "required" }, " *") : h("span", { class: "optional" }, " (optional)"));
  (grouped ? result.node : result.control).setAttribute(grouped ? "aria-labelledby" : "id", grouped ? `${id}-label` : id);
  const described = grouped ? result.node : result.control;
  described.setAttribute("aria-describedby", `${hint ? `${id}-hint ` : ""}${id}-error`);
  if (required && !grouped) described.setAttribute("aria-required", "true");
  const showError = (message) => {
    error.textContent = message ?? "";
    error.hidden = !message;
    described.setAttribute("aria-invalid", message ? "true" : "false");
  };
  showError(context.errors?.[block.block_id]);
  context.fields?.push({ block, element, required, showError, ...result });
  if (block.dispatch_action) {
    result.node.addEventListener("change", () => context.act(element, block, result.read()));
  }
  return h("div", { class: "field", "data-key": `${context.key}/${block.block_id}` }, title, result.node, hint, error);
}
