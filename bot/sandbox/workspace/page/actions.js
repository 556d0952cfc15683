/** Draws what is pressed: buttons, menus behind three dots, thumbs up and down, and small icons. */
import { agreed } from "./confirm.js";
import { fresh, Lacking, list, make, need, safe } from "./make.js";
import { plain } from "./mrkdwn.js";

/** A pressable element as a node. */
export function draw(block, element, ctx) {
  return KINDS[element.type](block, element, ctx);
}

const KINDS = { button, overflow, feedback_buttons: feedback, icon_button: icon };

/** Presses: asks first where the app wants it asked, and holds the button until the answer is there. */
async function press(node, block, element, ctx, value) {
  if (node.getAttribute("aria-busy") === "true") return false;
  if (element.confirm && !(await agreed(element.confirm, ctx))) return false;
  node.setAttribute("aria-busy", "true");
  try {
    await ctx.press(block, element, value);
  } finally {
    node.removeAttribute("aria-busy");
  }
  return true;
}

/** Opens an address in a tab that knows nothing of this one. */
function follow(address) {
  const href = safe(address);
  if (href !== null) window.open(href, "_blank", "noopener,noreferrer");
}

function button(block, element, ctx) {
  const style = ["primary", "danger"].includes(element.style) ? ` b-${element.style}` : "";
  const node = make("button", { type: "button", class: `b-button${style}`, "aria-label": element.accessibility_label });
  node.append(plain(need(element.text?.text, "text"), ctx, element.text));
  if (element.url) {
    node.title = String(element.url);
    node.append(make("span", { class: "b-out", "aria-hidden": "true" }, "↗"));
  }
  node.dataset.action = element.action_id ?? "";
  node.addEventListener("click", async () => {
    if (element.url && !element.confirm) follow(element.url);
    if ((await press(node, block, element, ctx)) && element.url && element.confirm) follow(element.url);
  });
  return node;
}

function overflow(block, element, ctx) {
  const options = list(element.options, "options");
  const menu = make("div", { class: "b-menu", role: "menu", popover: "auto", id: fresh("b-menu"), "aria-label": "More" });
  const node = make("button", {
    type: "button",
    class: "b-button b-dots",
    "aria-label": "More actions",
    "aria-haspopup": "menu",
    "aria-expanded": "false",
    "data-action": element.action_id ?? "",
  });
  node.append(make("span", { "aria-hidden": "true" }, "⋯"));
  const items = options.map((option) => {
    const words = make("span", {}, plain(need(option.text?.text, "text"), ctx, option.text));
    const more = option.description;
    const about = more ? make("span", { class: "b-small" }, plain(more.text, ctx, more)) : null;
    const item = make("button", { type: "button", role: "menuitem", tabindex: "-1", class: "b-item" }, words, about);
    item.addEventListener("click", async () => {
      menu.hidePopover();
      if (option.url && !element.confirm) follow(option.url);
      if ((await press(node, block, element, ctx, option)) && option.url && element.confirm) follow(option.url);
    });
    return item;
  });
  menu.append(...items);
  node.addEventListener("click", () => {
    menu.togglePopover();
    if (!menu.matches(":popover-open")) return;
    beside(menu, node);
    items[0]?.focus(); // at once: the event below comes later than the next key of a quick hand
  });
  menu.addEventListener("toggle", (event) => {
    const open = event.newState === "open";
    node.setAttribute("aria-expanded", String(open));
    if (!open && menu.contains(document.activeElement)) node.focus();
  });
  menu.addEventListener("keydown", (event) => walk(event, items, menu, node));
  return make("span", { class: "b-overflow" }, node, menu);
}

/** Arrow keys, Home, End and Tab in an open menu; Escape closes it and nothing behind it. */
function walk(event, items, menu, node) {
  const at = items.indexOf(document.activeElement);
  const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: items.length - 1 }[event.key];
  if (to !== undefined) {
    event.preventDefault();
    items[(to + items.length) % items.length].focus();
  } else if (event.key === "Escape" || event.key === "Tab") {
    event.preventDefault();
    event.stopPropagation();
    menu.hidePopover();
    node.focus();
  }
}

/** Puts something of the top layer beside what it belongs to, within the window. */
export function beside(floating, anchor, { wide = false } = {}) {
  const at = anchor.getBoundingClientRect();
  if (wide) floating.style.width = `${at.width}px`;
  const { width, height } = floating.getBoundingClientRect();
  const left = Math.max(8, Math.min(at.left, innerWidth - width - 8));
  const below = at.bottom + 4 + height <= innerHeight - 8 || at.top < height;
  floating.style.left = `${left}px`;
  floating.style.top = `${below ? at.bottom + 4 : at.top - height - 4}px`;
}

function feedback(block, element, ctx) {
  const faces = [
    ["positive_button", "👍"],
    ["negative_button", "👎"],
  ].map(([key, mark]) => {
    const face = element[key];
    if (!face?.text) throw new Lacking(`no ${key}`);
    const label = face.accessibility_label ?? face.text.text;
    const told = { "aria-label": label, title: face.text.text, "aria-pressed": "false" };
    const node = make("button", { type: "button", class: "b-icon", ...told }, mark);
    node.addEventListener("click", async () => {
      if (!(await press(node, block, element, ctx, face.value))) return;
      for (const one of faces) one.setAttribute("aria-pressed", String(one === node));
    });
    return node;
  });
  return make("span", { class: "b-feedback", role: "group", "aria-label": "Feedback", "data-action": element.action_id ?? "" }, faces);
}

const ICONS = { trash: "🗑" };

function icon(block, element, ctx) {
  if (!Object.hasOwn(ICONS, element.icon)) throw new Lacking("no icon that is known");
  const label = need(element.text?.text, "text");
  const shown = !element.visible_to_user_ids || element.visible_to_user_ids.includes(ctx.me);
  const node = make("button", {
    type: "button",
    class: "b-icon",
    title: label,
    "aria-label": element.accessibility_label ?? label,
    "data-action": element.action_id ?? "",
    hidden: !shown,
  });
  node.append(ICONS[element.icon]);
  node.addEventListener("click", () => press(node, block, element, ctx));
  return node;
}
