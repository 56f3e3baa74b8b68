// Charts of the `data_visualization` block as inline SVG: bar, line, area and pie.

import { h, s, uid } from "./dom.js";

const SIZE = { width: 640, left: 58, right: 14, top: 16 };
const PLOT = { width: SIZE.width - SIZE.left - SIZE.right, height: 230 };
const BOTTOM = SIZE.top + PLOT.height;
const LETTER = 6.9; // a generous mean width of a letter of the axis
const TILT = 28; // degrees
const DIRECT_LABELS = 14; // draw the value on each bar only when there are at most this many
const number = new Intl.NumberFormat("en-US", { maximumFractionDigits: 2 });
const compact = new Intl.NumberFormat("en-US", { notation: "compact", maximumFractionDigits: 1 });
const shade = (index) => `series c${index % 12}`;
const percent = (part, whole) => `${((100 * part) / whole).toFixed(part / whole < 0.1 ? 1 : 0)} %`;

/** Round steps that cover the values: the ticks of the value axis, always including zero. */
function ticks(low, high) {
  const span = Math.max(high, 0) - Math.min(low, 0) || 1;
  const rough = span / 4;
  const magnitude = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 2.5, 5, 10].map((factor) => factor * magnitude).find((size) => size >= rough);
  const out = [];
  const last = Math.ceil(Math.max(high, 0) / step - 1e-9);
  for (let at = Math.floor(Math.min(low, 0) / step); at <= last; at += 1) out.push(at * step);
  return out.length > 1 ? out : [0, 1];
}

function rowsOf(definition) {
  const categories = definition.axis_config?.categories ?? definition.series[0].data.map((point) => point.label);
  const series = definition.series.map((item) => {
    const byLabel = new Map(item.data.map((point) => [point.label, point.value]));
    return { name: item.name, values: categories.map((category) => byLabel.get(category) ?? 0) };
  });
  return { categories, series };
}

function scales(categories, series) {
  const all = series.flatMap((item) => item.values);
  const marks = ticks(Math.min(...all), Math.max(...all));
  const [low, high] = [marks[0], marks.at(-1)];
  const band = PLOT.width / categories.length;
  return {
    marks, band,
    x: (index) => SIZE.left + band * (index + 0.5),
    y: (value) => SIZE.top + PLOT.height * (1 - (value - low) / (high - low)),
  };
}

function axes({ marks, x, y, band }, categories, config) {
  const out = [];
  for (const mark of marks) {
    out.push(s("line", { class: mark === 0 ? "axis" : "rule", x1: SIZE.left, x2: SIZE.width - SIZE.right, y1: y(mark), y2: y(mark) }));
    out.push(s("text", { class: "tick", x: SIZE.left - 8, y: y(mark) + 4, "text-anchor": "end" }, compact.format(mark)));
  }
  const every = Math.max(1, Math.ceil(26 / band));
  const { tilted, depth } = labelRoom(categories, band * every);
  categories.forEach((category, index) => {
    if (index % every) return;
    const at = tilted
      ? { x: x(index) + 4, y: BOTTOM + 14, transform: `rotate(-${TILT} ${x(index) + 4} ${BOTTOM + 14})`, "text-anchor": "end" }
      : { x: x(index), y: BOTTOM + 18, "text-anchor": "middle" };
    out.push(s("text", { class: "tick", ...at }, category));
  });
  if (config?.x_label) out.push(s("text", { class: "axis-label", x: SIZE.left + PLOT.width / 2, y: BOTTOM + depth + 16, "text-anchor": "middle" }, config.x_label));
  if (config?.y_label) {
    const middle = SIZE.top + PLOT.height / 2;
    out.push(s("text", { class: "axis-label", x: 13, y: middle, transform: `rotate(-90 13 ${middle})`, "text-anchor": "middle" }, config.y_label));
  }
  return out;
}

/** Whether the names under the axis must be tilted to fit, and how deep they reach. */
function labelRoom(categories, room) {
  const longest = Math.max(...categories.map((category) => category.length)) * LETTER;
  const tilted = longest > room;
  return { tilted, depth: tilted ? 18 + longest * Math.sin((TILT * Math.PI) / 180) : 24 };
}

/** The whole drawing's height with its names and the axis' own name below. */
function heightOf(categories, config) {
  const band = PLOT.width / categories.length;
  const { depth } = labelRoom(categories, band * Math.max(1, Math.ceil(26 / band)));
  return Math.ceil(BOTTOM + depth + (config?.x_label ? 22 : 4));
}

function bars(series, scale) {
  const inner = Math.min(scale.band * 0.72, 56 * series.length);
  const width = inner / series.length;
  const direct = series.length * series[0].values.length <= DIRECT_LABELS;
  const out = [];
  series.forEach((item, order) => item.values.forEach((value, index) => {
    const left = scale.x(index) - inner / 2 + order * width;
    const [top, base] = [Math.min(scale.y(value), scale.y(0)), Math.max(scale.y(value), scale.y(0))];
    out.push(s("rect", { class: `bar ${shade(order)}`, x: left + 1, y: top, width: Math.max(1, width - 2), height: Math.max(value ? 1 : 0, base - top), rx: 2 }));
    if (direct) out.push(s("text", { class: "value", x: left + width / 2, y: top - 4, "text-anchor": "middle" }, compact.format(value)));
  }));
  return out;
}

function lines(series, scale, filled) {
  const out = [];
  series.forEach((item, order) => {
    const points = item.values.map((value, index) => `${scale.x(index).toFixed(1)},${scale.y(value).toFixed(1)}`);
    const [first, last] = [scale.x(0), scale.x(item.values.length - 1)];
    if (filled) out.push(s("path", { class: `area ${shade(order)}`, d: `M${first},${scale.y(0)}L${points.join("L")}L${last},${scale.y(0)}Z` }));
    out.push(s("polyline", { class: `line dash${order % 4} ${shade(order)}`, points: points.join(" ") }));
    item.values.forEach((value, index) => out.push(marker(order, scale.x(index), scale.y(value))));
  });
  return out;
}

/** A point's mark; its shape differs by series so that color is not the only difference. */
function marker(order, x, y) {
  const look = { class: `dot ${shade(order)}` };
  if (order % 3 === 1) return s("rect", { ...look, x: x - 3.5, y: y - 3.5, width: 7, height: 7 });
  if (order % 3 === 2) return s("path", { ...look, d: `M${x},${y - 5}l5,5l-5,5l-5,-5z` });
  return s("circle", { ...look, cx: x, cy: y, r: 4 });
}

function hoverBands(categories, series, scale, tip) {
  return categories.map((category, index) => {
    const text = [category, ...series.map((item) => `${item.name}: ${number.format(item.values[index])}`)];
    const band = s("rect", { class: "hover-band", x: SIZE.left + scale.band * index, y: SIZE.top, width: scale.band, height: PLOT.height });
    return tip.on(band, text);
  });
}

function pie(segments, tip) {
  const total = segments.reduce((sum, segment) => sum + segment.value, 0);
  const [cx, cy, radius, hole] = [150, 150, 130, 66];
  const at = (angle, r) => `${(cx + r * Math.sin(angle)).toFixed(2)},${(cy - r * Math.cos(angle)).toFixed(2)}`;
  let start = 0;
  const slices = segments.map((segment, index) => {
    const end = start + Math.min((segment.value / total) * 2 * Math.PI, 2 * Math.PI - 1e-4);
    const large = end - start > Math.PI ? 1 : 0;
    const d = `M${at(start, radius)}A${radius},${radius} 0 ${large} 1 ${at(end, radius)}L${at(end, hole)}A${hole},${hole} 0 ${large} 0 ${at(start, hole)}Z`;
    const middle = (start + end) / 2;
    const [x, y] = at(middle, (radius + hole) / 2).split(",");
    start = end;
    const share = segment.value / total;
    return [
      tip.on(s("path", { class: `slice ${shade(index)}`, d }), [segment.label, `${number.format(segment.value)} (${percent(segment.value, total)})`]),
      share >= 0.06 && s("text", { class: `slice-label ${shade(index)}`, x, y: Number(y) + 4, "text-anchor": "middle" }, percent(segment.value, total)),
    ];
  });
  const middle = [s("text", { class: "total", x: cx, y: cy + 2, "text-anchor": "middle" }, compact.format(total)),
    s("text", { class: "tick", x: cx, y: cy + 20, "text-anchor": "middle" }, "total")];
  return [slices, middle];
}

/** A small box with the values under the pointer. */
function tooltip() {
  const box = h("div", { class: "tip", hidden: true, role: "presentation" });
  const show = (text, event) => {
    box.replaceChildren(...text.map((line, index) => h(index ? "div" : "strong", null, line)));
    box.hidden = false;
    const frame = box.parentElement.getBoundingClientRect();
    box.style.left = `${Math.max(0, Math.min(event.clientX - frame.left + 12, frame.width - box.offsetWidth - 4))}px`;
    box.style.top = `${Math.max(0, event.clientY - frame.top - box.offsetHeight - 10)}px`;
  };
  const on = (node, text) => {
    node.append(s("title", null, text.join(" · ")));
    node.addEventListener("pointermove", (event) => show(text, event));
    node.addEventListener("pointerleave", () => {
      box.hidden = true;
    });
    return node;
  };
  return { box, on };
}

function legend(names) {
  if (names.length < 2) return null;
  return h("ul", { class: "legend" }, names.map((name, index) => h("li", null, s("svg", { viewBox: "0 0 12 12", class: "key", "aria-hidden": "true" }, s("rect", { class: `slice ${shade(index)}`, width: 12, height: 12, rx: 2 })), name)));
}

/** The same values as a table, for those who read rather than look. */
function values(head, rows) {
  const line = (cells, tag) => h("tr", null, cells.map((cell, index) => h(index ? tag : "th", { class: index ? "align-right" : "" }, cell)));
  return h("details", { class: "chart-values" }, h("summary", null, "Values"),
    h("div", { class: "table-wrap" }, h("table", { class: "grid" }, h("thead", null, line(head, "th")), h("tbody", null, rows.map((row) => line(row, "td"))))));
}

/** The whole figure: title, drawing with accessible name and description, legend, values. */
export function chart(block) {
  const definition = block.chart;
  const isPie = definition.type === "pie";
  const tip = tooltip();
  const [title, description] = [uid("chart"), uid("chart")];
  let drawn, names, listing, spoken, height;
  if (isPie) {
    const { segments } = definition;
    const total = segments.reduce((sum, segment) => sum + segment.value, 0);
    drawn = pie(segments, tip);
    names = segments.map((segment) => `${segment.label}: ${number.format(segment.value)} (${percent(segment.value, total)})`);
    listing = values(["", "Value"], segments.map((segment) => [segment.label, number.format(segment.value)]));
    spoken = `Pie chart. ${names.join("; ")}.`;
  } else {
    const { categories, series } = rowsOf(definition);
    const scale = scales(categories, series);
    height = heightOf(categories, definition.axis_config);
    const shapes = definition.type === "bar" ? bars(series, scale) : lines(series, scale, definition.type === "area");
    drawn = [axes(scale, categories, definition.axis_config), shapes, hoverBands(categories, series, scale, tip)];
    names = series.map((item) => item.name);
    listing = values(["", ...names], categories.map((category, index) => [category, ...series.map((item) => number.format(item.values[index]))]));
    spoken = `${definition.type} chart. ${series.map((item) => `${item.name}: ${item.values.map((value, index) => `${categories[index]} ${number.format(value)}`).join(", ")}`).join("; ")}.`;
  }
  const box = isPie ? "0 0 300 300" : `0 0 ${SIZE.width} ${height}`;
  const drawing = s("svg", { viewBox: box, role: "img", "aria-labelledby": `${title} ${description}`, class: isPie ? "drawing pie" : "drawing" },
    s("title", { id: title }, block.title), s("desc", { id: description }, spoken), drawn);
  return h("figure", { class: `chart chart-${definition.type}`, "data-testid": "chart" },
    h("figcaption", null, block.title), h("div", { class: "chart-body" }, drawing, legend(names)), tip.box, listing);
}
