/** Inputs of every kind, in input blocks and outside of them: their values, what is wrong with them, and their errors. */
import { agreed } from "./confirm.js";
import { CONTROLS } from "./controls.js";
import { fresh, Lacking, make, need } from "./make.js";
import { plain } from "./mrkdwn.js";

/** Every kind of element that holds a value. */
export const KINDS = Object.keys(CONTROLS);
/** Those that stand in input blocks only. */
export const WRITTEN = ["plain_text_input", "email_text_input", "url_text_input", "number_input", "rich_text_input", "file_input"];

const errorOf = new WeakMap(); // of a drawn input block: (words) => shows them, "" takes them away
const REQUIRED = "Please fill this in.";

/** The name under which a field stands in `ctx.fields` and `ctx.typed`. */
export function key(block, element) {
  return `${block.block_id}/${element.action_id}`;
}

/** What stands in a field at first: what was typed before, what the workspace holds, or what the app put there. */
function start(block, element, ctx) {
  const typed = ctx.typed?.get(key(block, element));
  if (typed?.type === element.type) return still(element, typed.value);
  const held = ctx.standing?.[block.block_id]?.[element.action_id];
  if (held && held.type === element.type) return Object.entries(held).find(([name]) => name !== "type")?.[1] ?? null;
  const initial = Object.entries(element).find(([name]) => name.startsWith("initial_"));
  if (initial) return initial[1];
  const here = element.default_to_current_conversation && ctx.here ? ctx.here : null;
  return element.type.startsWith("multi_") && here ? [here] : here;
}

/** What was chosen before as far as it is offered still: Slack drops an option that is gone. */
function still(element, value) {
  const offered = [...(element.options ?? []), ...(element.option_groups ?? []).flatMap((group) => group.options)];
  const kept = (one) => !offered.length || offered.some((option) => option.value === one?.value);
  return Array.isArray(value) ? value.filter(kept) : kept(value) ? value : null;
}

/** A field outside of input blocks: what is picked is told to the app at once, after its `confirm`. */
export function field(block, element, ctx) {
  const name = element.placeholder?.text ?? block.text?.text ?? element.type.replaceAll("_", " ");
  const holder = make("span", { class: "b-field", "data-action": element.action_id ?? "" });
  let held = start(block, element, ctx);
  const mount = () => {
    const control = CONTROLS[element.type](element, ctx, {
      start: held,
      name,
      optional: false,
      find: (typed) => ctx.suggest(block, element, typed),
      told: () => tell(control.read()),
    });
    (control.group ?? control.input).setAttribute("aria-label", name);
    focusing(control, element);
    holder.replaceChildren(control.node);
  };
  const tell = async (value) => {
    if (value === null || JSON.stringify(value) === JSON.stringify(held)) return;
    if (element.confirm && !(await agreed(element.confirm, ctx))) return mount(); // as it was
    held = value;
    holder.setAttribute("aria-busy", "true");
    try {
      await ctx.press(block, element, value);
    } finally {
      holder.removeAttribute("aria-busy");
    }
  };
  mount();
  return holder;
}

/** An input block: its label, its field, its hint and its error; the field is known in `ctx.fields`. */
export function asked(block, ctx) {
  const element = block.element;
  const label = need(block.label?.text, "label");
  const control = CONTROLS[element.type](element, ctx, {
    start: start(block, element, ctx),
    name: label,
    optional: block.optional === true,
    find: (typed) => ctx.suggest(block, element, typed),
    told: (event) => {
      if (!block.dispatch_action) return;
      event?.preventDefault?.();
      dispatch();
    },
  });
  const dispatch = async () => {
    if (!element.confirm || (await agreed(element.confirm, ctx))) ctx.changed(block, element, control.read());
  };
  const [title, error, about] = [fresh("b-label"), fresh("b-error"), fresh("b-hint")];
  const words = [plain(label, ctx, block.label), block.optional ? make("span", { class: "b-optional" }, " (optional)") : null];
  const one = { class: "b-label", id: title };
  const named = control.group ? make("span", one, words) : make("label", { ...one, for: control.input.id }, words);
  const below = block.hint ? plain(need(block.hint.text, "hint"), ctx, block.hint) : null;
  const hint = below ? make("p", { class: "b-hint", id: about }, below) : null;
  const spot = make("p", { class: "b-error", id: error, hidden: true });
  const marked = control.group ?? control.input;
  if (control.group) control.group.setAttribute("aria-labelledby", title);
  control.input.removeAttribute("aria-label");
  if (!block.optional && !control.group) control.input.setAttribute("aria-required", "true");
  const held = make("div", { class: "b-control", "data-action": element.action_id ?? "" }, control.node);
  const node = make("div", {}, named, held, spot, hint);
  errorOf.set(node, (said) => {
    spot.textContent = said;
    spot.hidden = !said;
    said ? marked.setAttribute("aria-invalid", "true") : marked.removeAttribute("aria-invalid");
    const described = [said ? error : "", hint ? about : ""].filter(Boolean).join(" ");
    described ? marked.setAttribute("aria-describedby", described) : marked.removeAttribute("aria-describedby");
    node.toggleAttribute("data-wrong", Boolean(said));
  });
  errorOf.get(node)(ctx.errors?.[block.block_id] ?? "");
  focusing(control, element);
  register(block, element, ctx, control);
  return node;
}

function register(block, element, ctx, control) {
  const said = () => control.read();
  const empty = () => [null, ""].includes(said()) || said().length === 0;
  ctx.fields?.set(key(block, element), Object.assign(said, {
    block,
    element,
    problem: () => control.problem() || (!block.optional && empty() ? REQUIRED : ""),
  }));
}

function focusing(control, element) {
  if (element.focus_on_load) control.input.setAttribute("data-focus", "");
}

/** Puts the focus where a drawing wants it, once it stands on the page: the first error, at a `first` drawing focus_on_load. */
export function settle(drawn, first = false) {
  const found = (selector) => drawn.map((node) => node.querySelector?.(selector)).find(Boolean);
  const wrong = found("[aria-invalid=true]");
  const within = wrong?.matches("[role=group], [role=radiogroup]") ? wrong.querySelector("input") : wrong;
  const wanted = within ?? (first ? found("[data-focus]") : null);
  if (wanted) requestAnimationFrame(() => wanted.isConnected && wanted.focus());
}

/** What stands in every field of a view, to be handed on as `ctx.typed` when it is drawn again. */
export function typed(fields) {
  return new Map([...fields].map(([name, says]) => [name, { type: says.element.type, value: says() }]));
}

/** What Slack's client would not send, {block_id: words}; an empty object when all is well. */
export function problems(fields) {
  const found = {};
  for (const said of fields.values()) {
    const problem = said.problem();
    if (problem) found[said.block.block_id] = problem;
  }
  return found;
}

/** The values of a view as `submit` takes them: {block_id: value}. */
export function values(fields) {
  const found = {};
  for (const said of fields.values()) {
    if (said.block.block_id in found) throw new Lacking("one field in each input block");
    found[said.block.block_id] = said();
  }
  return found;
}

/** Shows errors {block_id: words} at the input blocks under `root`, takes away all others, and goes to the first. */
export function showErrors(root, errors) {
  const blocks = [...root.querySelectorAll(".b-input")];
  for (const node of blocks) errorOf.get(node)?.(errors[node.dataset.block] ?? "");
  settle(blocks);
}
