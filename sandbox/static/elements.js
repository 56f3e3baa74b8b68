// Interactive elements in messages and views: buttons, overflow menus, and fields that act at once.

import { confirmFirst } from "./confirm.js";
import { h, topLayer, uid } from "./dom.js";
import { withEmoji } from "./emoji.js";
import { field } from "./inputs.js";
import { link } from "./mrkdwn.js";

const busy = new Set();

const label = (text) => withEmoji(text?.text ?? "");

/** Where an element stands, stable across updates although block ids may change. */
export function elementKey(element, block, context) {
  return `${context.key}/${block.index}/${element.action_id ?? element.type}`;
}

/** Sends a press after its confirmation, once at a time; the control is disabled while the answer is awaited. */
async function press(control, element, block, context, extra) {
  const key = elementKey(element, block, context);
  if (busy.has(key)) return;
  if (element.confirm && !(await confirmFirst(element.confirm, context.directory))) return;
  busy.add(key);
  mark(control, true);
  try {
    await context.act(element, block, extra);
  } finally {
    busy.delete(key);
    mark(control, false);
    // The message may have been drawn again meanwhile, with a new control in the old one's place.
    for (const redrawn of document.querySelectorAll(`[data-key="${CSS.escape(key)}"]`)) mark(redrawn, false);
  }
}

/** Buttons stay focusable while they wait, so that the focus is not lost; other fields are locked and get it back. */
function mark(control, on) {
  if (control.tagName === "BUTTON") {
    if (on) control.setAttribute("aria-disabled", "true");
    else control.removeAttribute("aria-disabled");
  } else {
    const held = document.activeElement === control || document.activeElement === document.body;
    control.disabled = on;
    if (!on && held && control.isConnected && !document.querySelector("dialog[open]")) control.focus({ preventScroll: true });
  }
  control.classList.toggle("busy", on);
  if (on) control.setAttribute("aria-busy", "true");
  else control.removeAttribute("aria-busy");
}

function button(element, block, context) {
  const style = ["primary", "danger"].includes(element.style) ? element.style : "plain";
  const key = elementKey(element, block, context);
  const control = h(
    "button",
    {
      type: "button", class: `button ${style}`, "data-key": key, "data-action-id": element.action_id,
      // The name stays what is seen on the button; the longer words of the app describe it.
      "aria-description": element.accessibility_label, "aria-disabled": busy.has(key) ? "true" : null,
      onclick: () => {
        if (element.url && /^https?:\/\//i.test(element.url)) window.open(element.url, "_blank", "noopener");
        press(control, element, block, context, element.value === undefined ? {} : { value: element.value });
      },
    },
    label(element.text),
  );
  control.classList.toggle("busy", busy.has(key));
  return control;
}

function overflow(element, block, context) {
  const control = h(
    "button",
    {
      type: "button", class: "button plain overflow", "aria-haspopup": "menu", "aria-expanded": "false",
      "aria-label": "More actions", "data-key": elementKey(element, block, context), "data-action-id": element.action_id,
      "data-testid": "overflow",
      onclick: () => openMenu(control, element.options ?? [], (option) =>
        press(control, element, block, context, { selected_option: option })),
    },
    "⋯",
  );
  return control;
}

/** The control itself, or the one that an update has put in its place. */
function standing(control) {
  return control.isConnected ? control : document.querySelector(`[data-key="${CSS.escape(control.dataset.key)}"]`);
}

/** A popover menu under a control; arrows move, Enter chooses, Escape closes. */
function openMenu(control, options, choose) {
  const menu = h("div", { class: "menu", role: "menu", id: uid("menu"), "data-testid": "menu" });
  const close = (refocus) => {
    document.removeEventListener("pointerdown", outside, true);
    window.removeEventListener("scroll", away, true);
    menu.remove();
    control.setAttribute("aria-expanded", "false");
    const now = standing(control);
    if (refocus) now?.focus();
  };
  const outside = (event) => {
    if (!menu.contains(event.target) && event.target !== control) close(false);
  };
  // An update may scroll the messages or draw the control anew: the menu follows it.
  const away = () => {
    const now = standing(control);
    if (now) place(menu, now);
    else close(false);
  };
  for (const option of options) {
    const words = [h("span", null, label(option.text)), option.description && h("small", null, label(option.description))];
    const item = h("button", { type: "button", role: "menuitem", tabindex: "-1", onclick: () => {
      close(true);
      choose(option);
    } }, words);
    menu.append(option.url ? h("span", { role: "none" }, link(option.url, option.text.text)) : item);
  }
  menu.addEventListener("keydown", (event) => moveInMenu(event, menu, close));
  control.setAttribute("aria-expanded", "true");
  topLayer().append(menu);
  place(menu, control);
  menu.querySelector("button, a")?.focus({ preventScroll: true });
  document.addEventListener("pointerdown", outside, true);
  window.addEventListener("scroll", away, true);
}

function moveInMenu(event, menu, close) {
  const items = [...menu.querySelectorAll("button, a")];
  const at = items.indexOf(document.activeElement);
  const target = { ArrowDown: at + 1, ArrowUp: at - 1 + items.length, Home: 0, End: items.length - 1 }[event.key];
  if (target !== undefined) {
    event.preventDefault();
    items[target % items.length]?.focus();
  } else if (event.key === "Escape" || event.key === "Tab") {
    event.preventDefault();
    event.stopPropagation();
    close(true);
  }
}

function place(menu, control) {
  const box = control.getBoundingClientRect();
  const below = box.bottom + 4 + menu.offsetHeight < window.innerHeight;
  menu.style.top = `${below ? box.bottom + 4 : Math.max(8, box.top - 4 - menu.offsetHeight)}px`;
  menu.style.left = `${Math.max(8, Math.min(box.left, window.innerWidth - menu.offsetWidth - 12))}px`;
}

/** An element of an actions block or a section's accessory: acts as soon as it is pressed or changed. */
export function actionElement(element, block, context) {
  if (element.type === "button" || element.type === "workflow_button") return button(element, block, context);
  if (element.type === "overflow") return overflow(element, block, context);
  const made = field(element, block, context);
  if (!made) return h("span", { class: "unknown" }, `Element “${element.type}” is not drawn here.`);
  made.node.setAttribute("data-key", elementKey(element, block, context));
  made.name(element.placeholder?.text ?? block.text?.text ?? element.action_id ?? element.type);
  context.fields?.push({ block, element, ...made });
  made.node.addEventListener("change", () => press(made.control, element, block, context, made.read()));
  return made.node;
}
