// A menu that opens at a button: arrow keys, Home, End, a first letter, Escape; focus comes back afterwards.

import { h } from "./dom.js";

let open = null;

/** Closes the menu that is open, if one is. */
export function close({ refocus = true } = {}) {
  if (!open) return;
  const { menu, anchor } = open;
  open = null;
  menu.remove();
  anchor.setAttribute("aria-expanded", "false");
  if (refocus && anchor.isConnected) anchor.focus();
}

/** Opens a menu of {label, note, drawn, chosen, act} and {rule: true} at a button; pressing it again closes it. */
export function toggle(anchor, label, items, kind = "") {
  const was = open?.anchor;
  close({ refocus: false });
  if (was === anchor) return;
  const chosen = items.some((item) => item.chosen !== undefined);
  const menu = h("div", { class: `menu ${kind}`, role: "menu", "aria-label": label }, items.map((item) => row(item, chosen)));
  anchor.closest("dialog")?.append(menu);
  if (!menu.isConnected) document.body.append(menu);
  open = { menu, anchor };
  anchor.setAttribute("aria-haspopup", "menu");
  anchor.setAttribute("aria-expanded", "true");
  place(menu, anchor);
  menu.addEventListener("keydown", walk);
  (menu.querySelector("[aria-checked=true]") ?? menu.querySelector("button"))?.focus();
}

function row(item, chosen) {
  if (item.rule) return h("hr", {});
  const role = chosen ? "menuitemradio" : "menuitem";
  const words = h("span", { class: "menu-words" }, h("span", { text: item.label }), item.note ? h("small", { text: item.note }) : null);
  const checked = chosen ? String(Boolean(item.chosen)) : null;
  const act = () => {
    close();
    item.act();
  };
  return h("button", { type: "button", role, tabindex: "-1", "aria-checked": checked, "aria-label": item.name, on: { click: act } }, item.drawn, words);
}

function place(menu, anchor) {
  const at = anchor.getBoundingClientRect();
  const { width, height } = menu.getBoundingClientRect();
  const left = Math.max(8, Math.min(at.left, innerWidth - width - 8));
  const below = at.bottom + 4 + height <= innerHeight - 8;
  const top = below ? at.bottom + 4 : Math.max(8, at.top - height - 4);
  menu.style.setProperty("left", `${left}px`);
  menu.style.setProperty("top", `${top}px`);
}

function walk(event) {
  const rows = [...open.menu.querySelectorAll("button")];
  const at = rows.indexOf(document.activeElement);
  const steps = { ArrowDown: at + 1, ArrowRight: at + 1, ArrowUp: at - 1, ArrowLeft: at - 1, Home: 0, End: rows.length - 1 };
  if (event.key in steps) {
    rows[(steps[event.key] + rows.length) % rows.length].focus();
  } else if (event.key === "Escape" || event.key === "Tab") {
    close();
  } else if (event.key.length === 1 && event.key !== " ") {
    const turned = [...rows.slice(at + 1), ...rows.slice(0, at + 1)];
    turned.find((one) => one.textContent.trim().toLowerCase().startsWith(event.key.toLowerCase()))?.focus();
    return;
  } else {
    return;
  }
  event.preventDefault();
  event.stopPropagation();
}

document.addEventListener("pointerdown", (event) => {
  if (open && !open.menu.contains(event.target) && !open.anchor.contains(event.target)) close({ refocus: false });
});
