// Building DOM nodes. Nothing in this page ever sets innerHTML: text becomes text nodes, so a message cannot inject markup.

const SVG = "http://www.w3.org/2000/svg";

function fill(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (name in PROPERTIES) node[PROPERTIES[name]] = value;
    else node.setAttribute(name, value === true ? "" : String(value));
  }
  append(node, children);
  return node;
}

const PROPERTIES = { value: "value", checked: "checked", disabled: "disabled", selected: "selected", hidden: "hidden" };

function append(node, children) {
  for (const child of children.flat(Infinity)) {
    if (child === null || child === undefined || child === false || child === "") continue;
    node.append(child);
  }
}

/** An HTML element: h("p", {class: "note", onclick: f}, "text", otherNode). */
export function h(tag, attributes, ...children) {
  return fill(document.createElement(tag), attributes, children);
}

/** An SVG element, with the same arguments as h. */
export function s(tag, attributes, ...children) {
  return fill(document.createElementNS(SVG, tag), attributes, children);
}

/** A fragment of the given nodes and strings. */
export function fragment(...children) {
  const node = document.createDocumentFragment();
  append(node, children);
  return node;
}

let counter = 0;

/** An id that is unique in this page, for labels and descriptions. */
export function uid(prefix) {
  counter += 1;
  return `${prefix}-${counter}`;
}

/** The dialog that is on top, or the body: where menus and notices must live to be reachable. */
export function topLayer() {
  const open = [...document.querySelectorAll("dialog[open]")];
  return open.at(-1) ?? document.body;
}

const ICONS = {
  home: "M3 11.5 12 4l9 7.5M5.5 10v9.5h13V10",
  chat: "M4 5h16v11H10l-5 4v-4H4z",
  lock: "M7 11V8a5 5 0 0 1 10 0v3M5 11h14v9H5z",
  close: "M6 6l12 12M18 6 6 18",
  reply: "M9 8 4 13l5 5M4 13h10a6 6 0 0 0 6-6V5",
  info: "M12 11v6M12 7v.5M12 3a9 9 0 1 1 0 18 9 9 0 0 1 0-18z",
  warning: "M12 4 2.5 20h19zM12 10v5M12 17.5v.5",
  error: "M8 3h8l5 5v8l-5 5H8l-5-5V8zM12 8v5M12 16v.5",
  success: "M12 3a9 9 0 1 1 0 18 9 9 0 0 1 0-18zM8 12l3 3 5-6",
  default: "M5 12h14",
  clock: "M12 3a9 9 0 1 1 0 18 9 9 0 0 1 0-18zM12 7v5l3.5 2",
  down: "M12 5v14M6 13l6 6 6-6",
  eye: "M2.5 12S6 5.5 12 5.5 21.5 12 21.5 12 18 18.5 12 18.5 2.5 12 2.5 12zM12 9.5a2.5 2.5 0 1 1 0 5 2.5 2.5 0 0 1 0-5z",
  menu: "M4 7h16M4 12h16M4 17h16",
  people: "M8.5 11a3 3 0 1 0 0-6 3 3 0 0 0 0 6zM2.5 19a6 6 0 0 1 12 0M16 11a2.5 2.5 0 1 0-1-4.8M16.5 14a5 5 0 0 1 5 5",
  plus: "M12 5v14M5 12h14",
  plug: "M9 3v5M15 3v5M6 8h12v3a6 6 0 0 1-12 0zM12 17v4",
  send: "M4 12 20 4l-5 16-3.5-6.5z",
  archive: "M4 5h16v4H4zM6 9v10h12V9M10 13h4",
};

/** A decorative line icon. */
export function icon(name) {
  return s(
    "svg",
    { class: "icon", viewBox: "0 0 24 24", "aria-hidden": "true", focusable: "false" },
    s("path", { d: ICONS[name] ?? ICONS.info }),
  );
}
