// Tables: the plain `table` block and the `data_table` block with sorting and pages.

import { h } from "./dom.js";
import { withEmoji } from "./emoji.js";
import { richText } from "./richtext.js";

// Sorting and page of each data table by where it stands, so that a redraw of its message keeps them.
const remembered = new Map();

function cellContent(cell, directory) {
  if (!cell) return "";
  if (cell.type === "rich_text") return richText(cell, directory);
  return withEmoji(String(cell.text ?? cell.value ?? ""));
}

function plainText(value) {
  if (Array.isArray(value)) return value.map(plainText).join(" ");
  if (value && typeof value === "object") return value.text ?? plainText(value.elements ?? []);
  return String(value ?? "");
}

/** The plain table block; its first row is the header. */
export function table(block, { directory }) {
  const settings = block.column_settings ?? [];
  const look = (column) => {
    const align = settings[column]?.align;
    return `${["center", "right"].includes(align) ? `align-${align}` : ""}${settings[column]?.is_wrapped ? "" : " nowrap"}`;
  };
  const [head = [], ...body] = block.rows ?? [];
  const row = (cells, tag) =>
    h("tr", null, cells.map((cell, column) =>
      h(tag, { class: look(column), scope: tag === "th" ? "col" : null }, cellContent(cell, directory))));
  return h("div", { class: "table-wrap", tabindex: "0", role: "region", "aria-label": "Table" },
    h("table", { class: "grid" }, h("thead", null, row(head, "th")), h("tbody", null, body.map((cells) => row(cells, "td")))));
}

function comparable(cell) {
  return cell?.type === "raw_number" ? cell.value : plainText(cell).toLowerCase();
}

function sorted(rows, { column, descending }) {
  if (column === null) return rows;
  const order = (a, b) => {
    const [left, right] = [comparable(a[column]), comparable(b[column])];
    if (typeof left === "number" && typeof right === "number") return left - right;
    return String(left).localeCompare(String(right), "en", { numeric: true });
  };
  return [...rows].sort((a, b) => (descending ? order(b, a) : order(a, b)));
}

/** The data table block: a button in each column head sorts, the foot turns pages. */
export function dataTable(block, context) {
  const [head = [], ...rows] = block.rows ?? [];
  const size = block.page_size ?? 5;
  const pages = Math.max(1, Math.ceil(rows.length / size));
  const key = `${context.key}/${block.index}/${block.caption}`;
  const view = remembered.get(key) ?? { column: null, descending: false, page: 0 };
  view.page = Math.min(view.page, pages - 1);
  remembered.set(key, view);
  const numeric = head.map((_, column) => rows.length > 0 && rows.every((row) => row[column]?.type === "raw_number"));

  const sortBy = (column) => {
    const same = view.column === column;
    view.descending = same ? !view.descending : numeric[column];
    view.column = column;
    view.page = 0;
    draw();
  };
  const headers = head.map((cell, column) => {
    const arrow = h("span", { class: "sort-arrow", "aria-hidden": "true" });
    const button = h("button", { type: "button", class: "sort", title: "Sort by this column", onclick: () => sortBy(column) }, cellContent(cell, context.directory), arrow);
    return { arrow, node: h("th", { scope: "col", class: numeric[column] ? "align-right" : "" }, button) };
  });
  const body = h("tbody");
  const status = h("span", { class: "page-status", "aria-live": "polite" });
  const turn = (step, label) =>
    h("button", { type: "button", class: "button plain small", "aria-label": `${label} page`, onclick: () => {
      view.page += step;
      draw();
    } }, label);
  const [previous, next] = [turn(-1, "Previous"), turn(1, "Next")];

  const bodyRow = (cells) => h("tr", null, cells.map((cell, column) => {
    const isHead = column === (block.row_header_column_index ?? 0);
    return h(isHead ? "th" : "td", { scope: isHead ? "row" : null, class: cell?.type === "raw_number" ? "align-right" : "" }, cellContent(cell, context.directory));
  }));
  function draw() {
    const start = view.page * size;
    const shown = sorted(rows, view).slice(start, start + size);
    body.replaceChildren(...shown.map(bodyRow));
    headers.forEach(({ node, arrow }, column) => {
      const active = view.column === column;
      node.setAttribute("aria-sort", active ? (view.descending ? "descending" : "ascending") : "none");
      arrow.textContent = active ? (view.descending ? "▼" : "▲") : "↕";
    });
    status.textContent = `${start + 1}–${start + shown.length} of ${rows.length}`;
    previous.disabled = view.page === 0;
    next.disabled = view.page === pages - 1;
  }
  draw();
  return h("div", { class: "data-table", "data-testid": "data-table" },
    h("div", { class: "table-wrap" },
      h("table", { class: "grid" }, h("caption", null, block.caption ?? ""), h("thead", null, h("tr", null, headers.map(({ node }) => node))), body)),
    pages > 1 && h("div", { class: "pager" }, previous, status, next));
}
