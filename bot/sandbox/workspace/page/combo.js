/** A field that searches while one types: for the selects a native one cannot be (many choices, or asked of the app). */
import { beside } from "./actions.js";
import { fresh, make } from "./make.js";
import { plain } from "./mrkdwn.js";

const REST = 200; // milliseconds after the last letter before the app is asked

/**
 * A combobox. `given` = {name, hint, chosen, many, most, least, find(typed) -> Promise of [{label, options}], ctx, told()}:
 * `chosen` are options {text, value}; `told` is called when another choice stands. Answers {node, input, chosen()}.
 */
export function combo(given) {
  const list = make("div", { class: "b-options", role: "listbox", popover: "manual", id: fresh("b-options"), "aria-label": given.name });
  const input = make("input", {
    type: "text",
    role: "combobox",
    class: "b-search",
    id: fresh("b-search"),
    placeholder: given.hint,
    autocomplete: "off",
    spellcheck: "false",
    "aria-expanded": "false",
    "aria-controls": list.id,
    "aria-autocomplete": "list",
    "aria-label": given.name,
  });
  if (given.many) list.setAttribute("aria-multiselectable", "true");
  const chips = make("span", { class: "b-chips" });
  const node = make("div", { class: "b-combo" }, chips, input, list);
  const held = { ...given, node, list, input, chips, chosen: [...given.chosen], shown: [], at: -1, asked: 0, told: given.told, before: "" };
  held.before = key(held.chosen);
  draw(held);
  listen(held);
  return { node, input, chosen: () => held.chosen };
}

const key = (chosen) => JSON.stringify(chosen.map((option) => option.value));
const label = (option) => String(option.text?.text ?? option.value);

/** What is chosen: chips for many, the words in the field for one. */
function draw(held) {
  if (!held.many) {
    held.input.value = held.chosen.length ? label(held.chosen[0]) : "";
    return;
  }
  held.chips.replaceChildren(
    ...held.chosen.map((option) => {
      const off = make("button", { type: "button", class: "b-off", "aria-label": `Remove ${label(option)}` }, "×");
      off.addEventListener("click", () => {
        held.chosen = held.chosen.filter((one) => one !== option);
        draw(held);
        held.input.focus();
        settle(held);
      });
      return make("span", { class: "b-chip" }, label(option), off);
    }),
  );
  held.input.placeholder = held.chosen.length ? "" : held.hint;
}

function listen(held) {
  const { input, list, node } = held;
  let waiting = 0;
  input.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => open(held, input.value), REST);
  });
  input.addEventListener("click", () => list.matches(":popover-open") || open(held, ""));
  input.addEventListener("focus", () => input.select());
  input.addEventListener("keydown", (event) => keyed(held, event));
  list.addEventListener("pointerdown", (event) => event.preventDefault()); // the field keeps the focus
  node.addEventListener("focusout", (event) => {
    if (node.contains(event.relatedTarget)) return;
    clearTimeout(waiting);
    if (!held.many && held.input.value.trim() === "") held.chosen = [];
    close(held);
  });
}

function keyed(held, event) {
  const isOpen = held.list.matches(":popover-open");
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step) {
    event.preventDefault();
    if (!isOpen) open(held, held.many ? held.input.value : "");
    else point(held, (held.at + step + held.shown.length) % Math.max(1, held.shown.length));
  } else if (event.key === "Enter") {
    event.preventDefault(); // a form is not sent from here
    if (isOpen && held.at >= 0) pick(held, held.shown[held.at]);
  } else if (event.key === "Escape" && isOpen) {
    event.preventDefault();
    event.stopPropagation();
    close(held);
  } else if (event.key === "Backspace" && held.many && held.input.value === "" && held.chosen.length) {
    held.chosen = held.chosen.slice(0, -1);
    draw(held);
    settle(held);
  }
}

async function open(held, typed) {
  held.asked += 1;
  const turn = held.asked;
  if (typed.length < held.least) return say(held, `Type ${held.least - typed.length} more to search.`);
  if (held.many && held.chosen.length >= held.most) return say(held, `No more than ${held.most} can be chosen.`);
  held.node.setAttribute("aria-busy", "true");
  let groups = [];
  try {
    groups = await held.find(typed);
  } finally {
    if (turn === held.asked) held.node.removeAttribute("aria-busy");
  }
  if (turn !== held.asked || !held.node.contains(document.activeElement)) return; // another letter was quicker
  show(held, groups);
}

function show(held, groups) {
  held.shown = [];
  const rows = groups.map((group) => {
    const drawn = group.options.map((option) => row(held, option));
    if (!group.label) return drawn;
    const title = make("div", { class: "b-group", id: fresh("b-group") }, group.label);
    return make("div", { role: "group", "aria-labelledby": title.id }, title, drawn);
  });
  held.list.replaceChildren(...rows.flat());
  if (!held.shown.length) return say(held, "Nothing was found.");
  lift(held);
  point(held, 0);
}

function row(held, option) {
  const taken = held.chosen.some((one) => one.value === option.value);
  const more = option.description;
  const about = more ? make("span", { class: "b-small" }, plain(more.text, held.ctx, more)) : null;
  const words = make("span", {}, plain(label(option), held.ctx, option.text));
  const node = make("div", { role: "option", class: "b-option", id: fresh("b-option"), "aria-selected": String(taken) }, words, about);
  const entry = { option, node };
  node.addEventListener("click", () => pick(held, entry));
  held.shown.push(entry);
  return node;
}

function say(held, words) {
  held.shown = [];
  held.at = -1;
  held.list.replaceChildren(make("div", { class: "b-none", role: "status" }, words));
  lift(held);
}

function lift(held) {
  if (!held.list.matches(":popover-open")) held.list.showPopover();
  held.input.setAttribute("aria-expanded", "true");
  beside(held.list, held.node, { wide: true });
}

function point(held, at) {
  held.at = held.shown.length ? at : -1;
  held.shown.forEach(({ node }, index) => node.classList.toggle("b-at", index === at));
  const active = held.shown[at]?.node;
  held.input.setAttribute("aria-activedescendant", active?.id ?? "");
  active?.scrollIntoView({ block: "nearest" });
}

function pick(held, { option }) {
  if (!held.many) {
    held.chosen = [option];
    close(held);
    return;
  }
  const without = held.chosen.filter((one) => one.value !== option.value);
  held.chosen = without.length < held.chosen.length ? without : [...held.chosen, option];
  held.input.value = "";
  draw(held);
  open(held, "");
}

function close(held) {
  held.asked += 1;
  if (held.list.matches(":popover-open")) held.list.hidePopover();
  held.input.setAttribute("aria-expanded", "false");
  held.input.setAttribute("aria-activedescendant", "");
  draw(held);
  if (held.many) held.input.value = "";
  settle(held);
}

/** Tells of another choice once, when the list is closed. */
function settle(held) {
  if (held.list.matches(":popover-open") || key(held.chosen) === held.before) return;
  held.before = key(held.chosen);
  held.told();
}
