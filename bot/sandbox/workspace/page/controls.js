/**
 * The controls of every kind of input: native elements where they exist.
 *
 * Each is made of (element, ctx, {start, name, find, told}) and answers {node, input, read, problem}: `node` to show,
 * `input` to focus and label, `read()` what stands there in the form the workspace takes (null or [] when empty),
 * `problem()` why Slack's client would not send it ("" when it would). `start` is what stands there at first, in that
 * same form; `told` is called when something else does; `find(typed)` asks the app for options.
 */
import { combo } from "./combo.js";
import { fromLocal, toLocal } from "./dates.js";
import { fresh, list, make } from "./make.js";
import { plain, words } from "./mrkdwn.js";
import { writing } from "./writing.js";

const LONGEST = 3000; // characters of what is typed
const PATIENCE = 300; // milliseconds after the last letter before the app hears of it
const none = () => "";

export const CONTROLS = {
  plain_text_input: text,
  email_text_input: text,
  url_text_input: text,
  number_input: text,
  rich_text_input: rich,
  file_input: file,
  static_select: select,
  users_select: select,
  channels_select: select,
  conversations_select: select,
  external_select: searched,
  multi_static_select: searched,
  multi_users_select: searched,
  multi_channels_select: searched,
  multi_conversations_select: searched,
  multi_external_select: searched,
  checkboxes: ticks,
  radio_buttons: ticks,
  datepicker: clock,
  timepicker: clock,
  datetimepicker: clock,
};

const hint = (element) => element.placeholder?.text ?? null;

// --- what is typed ---

const TYPES = { email_text_input: "email", url_text_input: "url", number_input: "number" };
const SHAPES = {
  email_text_input: [/^[^@\s]+@[^@\s]+\.[^@\s]+$/, "Enter an e-mail address, such as name@example.com."],
  url_text_input: [/^https?:\/\/\S+$/, "Enter an address that begins with http:// or https://."],
};

function text(element, ctx, { start, told }) {
  const kind = element.type;
  const most = kind === "plain_text_input" ? (element.max_length ?? LONGEST) : LONGEST;
  const given = { class: "b-box", id: fresh("b-box"), placeholder: hint(element), autocomplete: "off" };
  const input = element.multiline
    ? make("textarea", { ...given, rows: "4", maxlength: most })
    : make("input", { ...given, type: TYPES[kind] ?? "text", ...(kind === "number_input" ? range(element) : { maxlength: most }) });
  input.value = start ?? "";
  const read = () => (input.value === "" ? null : input.value);
  listen(input, element, told);
  return { node: input, input, read, problem: () => mistyped(element, input) };
}

function range(element) {
  return { step: element.is_decimal_allowed ? "any" : "1", min: element.min_value, max: element.max_value };
}

function mistyped(element, input) {
  const said = input.value;
  if (element.type === "number_input") return misnumbered(element, input);
  if (said === "") return "";
  const [shape, words] = SHAPES[element.type] ?? [/^/, ""];
  if (!shape.test(said)) return words;
  const least = element.min_length ?? 0;
  return [...said].length < least ? `Write at least ${least} characters.` : "";
}

function misnumbered(element, input) {
  const whole = !element.is_decimal_allowed;
  const wanted = whole ? "Enter a whole number." : "Enter a number.";
  if (input.validity.badInput) return wanted;
  if (input.value === "") return "";
  if (!(whole ? /^-?\d+$/ : /^-?\d+(\.\d+)?$/).test(input.value)) return wanted;
  const { min_value: low, max_value: high } = element;
  if (low !== undefined && Number(input.value) < Number(low)) return `Enter ${low} or more.`;
  return high !== undefined && Number(input.value) > Number(high) ? `Enter ${high} or less.` : "";
}

/** The app hears of typed words at Enter, or after each pause, as the element asks. */
function listen(input, element, told) {
  const when = element.dispatch_action_config?.trigger_actions_on ?? ["on_enter_pressed"];
  let waiting = 0;
  if (when.includes("on_character_entered")) {
    input.addEventListener("input", () => {
      clearTimeout(waiting);
      waiting = setTimeout(told, PATIENCE);
    });
  }
  if (!when.includes("on_enter_pressed")) return;
  input.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.isComposing || input.tagName === "TEXTAREA" || event.ctrlKey || event.metaKey) return;
    clearTimeout(waiting);
    told(event);
  });
}

function rich(element, ctx, { start, told }) {
  const made = writing(start, hint(element));
  listen(made.input, element, told);
  return { ...made, problem: none };
}

function file(element, ctx, { told }) {
  const most = element.max_files ?? 10;
  const accept = element.filetypes?.map((kind) => `.${kind}`).join(",");
  const input = make("input", { type: "file", class: "b-box b-filed", id: fresh("b-file"), multiple: most > 1, accept });
  const facts = (one) => ({ name: one.name, title: one.name, mimetype: one.type, filetype: one.name.split(".").pop(), size: one.size });
  input.addEventListener("change", told);
  const read = () => (input.files.length ? [...input.files].map(facts) : null);
  return { node: input, input, read, problem: () => (input.files.length > most ? `Choose at most ${most} files.` : "") };
}

// --- what is chosen ---

/** What can be chosen, in groups: [{label, options}]. */
function offered(element, ctx) {
  const kind = element.type.replace(/^multi_/, "");
  if (kind === "static_select") {
    const groups = element.option_groups?.map((group) => ({ label: group.label.text, options: list(group.options, "options") }));
    return groups ?? [{ label: "", options: list(element.options, "options") }];
  }
  const wanted = { users_select: /^[UW]/, channels_select: /^C/, conversations_select: conversations(element) }[kind];
  const mark = kind === "users_select" ? "" : "#";
  const named = Object.entries(ctx.names ?? {}).filter(([id, name]) => wanted.test(id) && name);
  const shown = (id, name) => (/^[CG]/.test(id) ? `${mark}${name.replace(/^#/, "")}` : name);
  const options = named.map(([id, name]) => option(id, shown(id, String(name))));
  return [{ label: "", options: options.sort((one, other) => one.text.text.localeCompare(other.text.text)) }];
}

function conversations(element) {
  const kinds = element.filter?.include ?? ["im", "public", "private"];
  const letters = { im: "D", public: "CG", private: "CG", mpim: "G" };
  return new RegExp(`^[${kinds.map((kind) => letters[kind]).join("")}]`);
}

const option = (value, label) => ({ text: { type: "plain_text", text: label }, value });
const byId = (element) => /users|channels|conversations/.test(element.type);

/** What a choice is to the workspace: an id, or the option as the app offered it. */
const meant = (element, chosen) => (byId(element) ? chosen.value : chosen);

/** The option that stands for a choice. */
function standing(element, ctx, choice) {
  if (!byId(element)) return choice;
  const known = offered(element, ctx).flatMap((group) => group.options);
  return known.find((one) => one.value === choice) ?? option(choice, ctx.names?.[choice] ?? choice);
}

function select(element, ctx, { start, name, told, optional }) {
  const groups = offered(element, ctx);
  const options = groups.flatMap((group) => group.options);
  const chosen = start ? standing(element, ctx, start) : null;
  const same = (one) => JSON.stringify(one) === JSON.stringify(chosen);
  if (chosen && !options.some(same)) groups.unshift({ label: "", options: [chosen] }) && options.unshift(chosen);
  const entry = (one) => make("option", { value: options.indexOf(one), selected: same(one) }, one.text.text);
  const empty = make("option", { value: "", disabled: !optional, hidden: !optional, selected: !chosen }, hint(element) ?? "Choose…");
  const rows = groups.map(({ label, options: within }) => {
    const entries = within.map(entry);
    return label ? make("optgroup", { label }, entries) : entries;
  });
  const input = make("select", { class: "b-box b-select", id: fresh("b-select") }, empty, rows.flat());
  const about = make("span", { class: "b-small b-about" });
  const picked = () => (input.value === "" ? null : options[Number(input.value)]);
  const tell = () => {
    const more = picked()?.description;
    about.replaceChildren(...(more ? [plain(more.text, ctx, more)] : []));
    input.classList.toggle("b-empty", input.value === "");
  };
  tell();
  input.addEventListener("change", () => {
    tell();
    told();
  });
  const read = () => (picked() ? meant(element, picked()) : null);
  return { node: make("span", { class: "b-selected" }, input, about), input, read, problem: none };
}

function searched(element, ctx, { start, name, find, told }) {
  const many = element.type.startsWith("multi_");
  const outside = element.type.endsWith("external_select");
  const within = async (typed) => {
    const wanted = typed.trim().toLocaleLowerCase();
    const fits = (one) => one.text.text.toLocaleLowerCase().includes(wanted);
    const groups = offered(element, ctx).map((group) => ({ ...group, options: group.options.filter(fits) }));
    return groups.filter((group) => group.options.length);
  };
  const asked = async (typed) => {
    const found = (await find(typed)) ?? [];
    const groups = found.filter((one) => one.options).map((one) => ({ label: one.label?.text ?? "", options: one.options }));
    const alone = found.filter((one) => !one.options);
    return alone.length ? [{ label: "", options: alone }, ...groups] : groups;
  };
  const chosen = (many ? (start ?? []) : start ? [start] : []).map((one) => standing(element, ctx, one));
  const least = outside ? (element.min_query_length ?? 3) : 0;
  const most = element.max_selected_items ?? 100;
  const made = combo({ name, hint: hint(element) ?? "Search…", chosen, many, most, least, find: outside ? asked : within, ctx, told });
  const said = () => made.chosen().map((one) => meant(element, one));
  return { ...made, read: () => (many ? said() : (said()[0] ?? null)), problem: none };
}

function ticks(element, ctx, { start, told }) {
  const many = element.type === "checkboxes";
  const group = fresh("b-ticks");
  const same = (one, other) => JSON.stringify(one) === JSON.stringify(other);
  const on = (one) => (many ? (start ?? []).some((other) => same(one, other)) : same(one, start));
  const options = list(element.options, "options");
  const boxes = options.map((one) => {
    const box = make("input", { type: many ? "checkbox" : "radio", name: group, id: fresh("b-tick"), checked: on(one) });
    box.addEventListener("change", told);
    return box;
  });
  const rows = options.map((one, at) => {
    const about = one.description ? make("span", { class: "b-small" }, words(one.description, ctx)) : null;
    const said = make("span", { class: "b-ticked" }, words(one.text, ctx));
    return make("label", { class: "b-tick" }, boxes[at], make("span", {}, said, about));
  });
  const node = make("div", { class: "b-ticks", role: many ? "group" : "radiogroup" }, rows);
  const ticked = () => options.filter((_, at) => boxes[at].checked);
  return { node, input: boxes[0], group: node, read: () => (many ? ticked() : (ticked()[0] ?? null)), problem: none };
}

// --- days and times ---

const PICKERS = { datepicker: "date", timepicker: "time", datetimepicker: "datetime-local" };

function clock(element, ctx, { start, told }) {
  const kind = element.type;
  const input = make("input", { type: PICKERS[kind], class: "b-box b-clock", id: fresh("b-clock"), title: hint(element) });
  const moment = kind === "datetimepicker";
  if (start) input.value = moment ? toLocal(start, ctx.zone) : start;
  // While somebody types, every digit makes another day; what they mean is there when they leave or press Enter.
  let typing = false;
  let before = input.value;
  const tell = (event) => {
    if (input.value === before) return;
    before = input.value;
    told(event);
  };
  input.addEventListener("pointerdown", () => (typing = false));
  input.addEventListener("change", (event) => typing || tell(event));
  input.addEventListener("blur", tell);
  input.addEventListener("keydown", (event) => {
    typing = event.key !== "Enter";
    if (event.key === "Enter") tell(event);
  });
  const zone = kind === "timepicker" ? element.timezone : moment ? ctx.zone : null;
  const node = make("span", { class: "b-clocked" }, input, zone ? make("span", { class: "b-small" }, zone) : null);
  const wall = () => (kind === "timepicker" ? input.value.slice(0, "HH:mm".length) : input.value);
  const read = () => (input.value === "" ? null : moment ? fromLocal(input.value, ctx.zone) : wall());
  return { node, input, read, problem: () => (input.validity.badInput ? "Finish the date or time, or clear it." : "") };
}
