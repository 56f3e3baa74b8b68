// Updating a list in place: only what changed is drawn again, and what the reader was doing there is kept.

/**
 * Makes the children of `parent` those of `wanted`, a list of {key, version, build}. `cache` (a Map) remembers what
 * stands there; a node is built again only when its version differs from the one that was drawn.
 */
export function reconcile(parent, wanted, cache) {
  const keys = new Set(wanted.map((item) => item.key));
  for (const [key, entry] of cache) {
    if (keys.has(key)) continue;
    entry.node.remove();
    cache.delete(key);
  }
  let at = parent.firstChild;
  for (const { key, version, build } of wanted) {
    let entry = cache.get(key);
    if (!entry) {
      entry = { version, node: build(null) };
      cache.set(key, entry);
    } else if (entry.version !== version) {
      if (at === entry.node) at = at.nextSibling;
      const node = replaceKeeping(entry.node, build(entry.node));
      entry.node = node;
      entry.version = version;
      at = node.nextSibling;
      continue;
    }
    if (at === entry.node) at = at.nextSibling;
    else parent.insertBefore(entry.node, at);
  }
}

/** Puts a node in the place of another; focus and opened details go with it. */
export function replaceKeeping(old, node) {
  const held = focusIn(old);
  const details = [...old.querySelectorAll("details")].map((item) => item.open);
  old.replaceWith(node);
  const fresh = [...node.querySelectorAll("details")];
  if (fresh.length === details.length) fresh.forEach((item, index) => { item.open = details[index]; });
  if (held) refocus(node, held);
  return node;
}

/** Fills a container anew; focus stays on the control with the same data-key. */
export function refill(container, ...children) {
  const held = focusIn(container);
  container.replaceChildren(...children.flat(Infinity).filter(Boolean));
  if (held) refocus(container, held);
}

const FOCUSABLE = "button, input, select, textarea, a[href], summary";

/** Where the focus is inside a node: the nearest data-key, which control of it, and what was selected in a text. */
function focusIn(node) {
  const active = document.activeElement;
  if (active === document.body || !node.contains(active)) return null;
  const keyed = active.closest("[data-key]");
  const order = keyed ? [...keyed.querySelectorAll(FOCUSABLE)].indexOf(active) : -1;
  // Only text fields have a selection; asking others for it gives null.
  return { key: keyed?.dataset.key ?? null, order, from: active.selectionStart ?? null, to: active.selectionEnd ?? null };
}

function refocus(node, { key, order, from, to }) {
  const keyed = key && node.querySelector(`[data-key="${CSS.escape(key)}"]`);
  const same = keyed && (keyed.querySelectorAll(FOCUSABLE)[order] ?? keyed);
  const target = same || node.querySelector(".actions button, .accessory button") || node;
  if (target === node && !node.hasAttribute("tabindex")) node.setAttribute("tabindex", "-1");
  target.focus({ preventScroll: true });
  if (same && from !== null) target.setSelectionRange?.(from, to);
}
