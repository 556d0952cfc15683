/** Makes DOM nodes; a string among the children becomes a text node, whatever it contains. */

/**
 * An element with attributes and children. `null`, `undefined` and `false` attributes are left out, `true` stands
 * without a value; `class`, `role`, `aria-...`, `data-...` and the plain HTML attributes are what it is for.
 */
export function make(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (/^on/i.test(name) || name === "style") throw new Error(`${name} is no attribute for make()`);
    node.setAttribute(name, value === true ? "" : String(value));
  }
  node.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

/** A fragment of nodes and strings. */
export function all(...children) {
  const fragment = document.createDocumentFragment();
  fragment.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return fragment;
}

let numbers = 0;

/** An id nothing else on the page has. */
export function fresh(prefix) {
  numbers += 1;
  return `${prefix}-${numbers}`;
}

/** What is drawn in place of something that cannot be: a red box that says what it was and what it lacks. */
export function unknown(kind, lacks = "", noun = "block") {
  const what = `Unknown ${noun}: ${String(kind)}`;
  return make("div", { class: "unknown", role: "alert" }, lacks ? `${what} (${lacks})` : what);
}

/** Thrown by a drawing that lacks what it needs; it becomes a red box. */
export class Lacking extends Error {}

/** The string there, or Lacking with its name. */
export function need(text, name) {
  if (typeof text !== "string") throw new Lacking(`no ${name}`);
  return text;
}

/** The list there, or Lacking with its name. */
export function list(value, name) {
  if (!Array.isArray(value)) throw new Lacking(`no ${name}`);
  return value;
}

/** The address of a link somebody may follow (http, https or mailto), or null: nothing else ever becomes an href. */
export function safe(address) {
  try {
    const url = new URL(String(address));
    return ["http:", "https:", "mailto:"].includes(url.protocol) ? url.href : null;
  } catch {
    return null;
  }
}

/** A link in a new tab that tells the other side nothing; the words alone where the address is none to follow. */
export function link(address, ...words) {
  const href = safe(address);
  if (href === null) return make("span", { class: "b-nolink" }, ...words);
  const shown = words.length ? words : [String(address).replace(/^mailto:/, "")];
  return make("a", { href, target: "_blank", rel: "noopener noreferrer", title: String(address) }, ...shown);
}
