// Ctrl+K: go to a channel by a few letters of its name.

import { h, icon } from "./dom.js";

let open = null;

/** Opens the finder over {id, name, kind} places; `go(id)` is where it leads. */
export function show(places, go) {
  if (open) return;
  let chosen = 0;
  let found = places;
  const list = h("ul", { class: "finds", role: "listbox", id: "finds", "aria-label": "Places" });
  const input = h("input", { type: "text", role: "combobox", "aria-controls": "finds", "aria-expanded": "true", "aria-label": "Go to", placeholder: "Go to a channel…", autocomplete: "off" });
  const dialog = h("dialog", { class: "palette", "aria-label": "Go to" }, input, list);
  const leave = (id) => {
    dialog.close();
    if (id) go(id);
  };
  const draw = () => {
    const row = (one, at) =>
      h("li", { role: "option", id: `find-${at}`, "aria-selected": String(at === chosen), on: { click: () => leave(one.id) } }, icon(one.kind), h("span", { text: one.name }));
    list.replaceChildren(...found.map(row));
    if (!found.length) list.append(h("li", { class: "soft", text: "No channel has such a name." }));
    input.setAttribute("aria-activedescendant", found.length ? `find-${chosen}` : "");
    list.children[chosen]?.scrollIntoView({ block: "nearest" });
  };
  input.addEventListener("input", () => {
    const typed = input.value.trim().toLowerCase().replace(/^#/u, "");
    found = places.filter((one) => one.name.toLowerCase().includes(typed));
    found.sort((a, b) => Number(b.name.startsWith(typed)) - Number(a.name.startsWith(typed)));
    chosen = 0;
    draw();
  });
  input.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && found.length) chosen = (chosen + step + found.length) % found.length;
    else if (event.key === "Enter" && found[chosen]) leave(found[chosen].id);
    else return;
    event.preventDefault();
    draw();
  });
  dialog.addEventListener("click", (event) => event.target === dialog && leave());
  dialog.addEventListener("close", () => {
    open = null;
    dialog.remove();
  });
  open = dialog;
  document.body.append(dialog);
  draw();
  dialog.showModal();
  input.focus();
}
