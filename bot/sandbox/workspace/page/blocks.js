/**
 * Draws Block Kit: messages, modals and home tabs, every kind that the validator of the bot accepts.
 *
 * The page hands over `ctx`:
 *   names    {id: name} of users (U, W), channels (C, G), conversations (D) and user groups (S)
 *   zone     IANA name of the reader's zone; lang: their language; me: their id
 *   now      optional () => milliseconds, for "today"; the machine's clock without it
 *   press(block, element, value) -> Promise: a button (value undefined), or what was picked outside of input blocks,
 *            after its `confirm` was agreed to
 *   suggest(block, element, typed) -> Promise of options
 *   file(id) -> Promise of a blob's address
 *   fields   Map of a view: "BLOCK_ID/ACTION_ID" -> function that says what stands there, in the form `fill` and
 *            `submit` take; the function has `.block`, `.element` and `.problem()` ("" when Slack would send it)
 *   changed(block, element, value): a field of an input block with dispatch_action was filled
 *   errors   {block_id: words} of a refused view
 *   standing optional {block_id: {action_id: answer}}: a view's `state`, over the initial values
 *   typed    optional Map as forms.typed() made it from the fields of the view drawn before, over both
 */
import * as actions from "./actions.js";
import * as forms from "./forms.js";
import { all, fresh, Lacking, link, list, make, need, unknown } from "./make.js";
import * as markdown from "./markdown.js";
import { mrkdwn, plain, words } from "./mrkdwn.js";
import * as pictures from "./pictures.js";
import * as richtext from "./richtext.js";
import * as tables from "./tables.js";

const LONG = { characters: 1200, lines: 18 }; // of a section before it is folded

/** The blocks in a row; one that is not known, or lacks what it needs, is a red box among the others. */
export function drawBlocks(blocks, ctx) {
  const drawn = (Array.isArray(blocks) ? blocks : []).map((block) => draw(block, ctx));
  forms.settle(drawn, !ctx.typed);
  return all(drawn);
}

/** What a message says: its blocks, or its text without any, then its attachments and its files. */
export function drawMessageBody(message, ctx) {
  const body = make("div", { class: "b-body" });
  if (message.blocks?.length) body.append(drawBlocks(message.blocks, ctx));
  else if (message.text) body.append(make("div", { class: "b-text" }, mrkdwn(message.text, ctx)));
  for (const attached of message.attachments ?? []) body.append(attachment(attached, ctx));
  if (message.files?.length) body.append(pictures.files(message.files, ctx));
  return body;
}

/** One block as a node. */
function draw(block, ctx) {
  const kind = block?.type;
  if (!Object.hasOwn(BLOCKS, String(kind))) return unknown(kind ?? "without a type");
  try {
    const node = BLOCKS[kind](block, ctx);
    node.classList.add("b-block", `b-${kind.replaceAll("_", "-")}`);
    if (typeof block.block_id === "string") node.dataset.block = block.block_id;
    return node;
  } catch (problem) {
    // Whatever is wrong with one block, the others are drawn, and it does not disappear.
    return unknown(kind, problem instanceof Lacking ? problem.message : "not well formed");
  }
}

/** An element of a block as a node. */
function element(given, block, ctx, kinds) {
  const kind = String(given?.type);
  if (!kinds.includes(kind)) return unknown(given?.type ?? "without a type", "", "element");
  try {
    if (kind === "image") return pictures.small(given, ctx);
    if (forms.KINDS.includes(kind)) return forms.field(block, given, ctx);
    return actions.draw(block, given, ctx);
  } catch (problem) {
    return unknown(kind, problem instanceof Lacking ? problem.message : "not well formed", "element");
  }
}

const PICKED = forms.KINDS.filter((kind) => !forms.WRITTEN.includes(kind));

// --- blocks ---

function section(block, ctx) {
  if (!block.text && !block.fields) throw new Lacking("neither text nor fields");
  const text = block.text ? words(block.text, ctx) : null;
  const node = make("div");
  const main = make("div", { class: "b-main" });
  node.append(main);
  if (text) main.append(block.expand ? make("div", { class: "b-text" }, text) : folded(text, block.text.text));
  if (block.fields) {
    const fields = list(block.fields, "fields").map((field) => make("div", { class: "b-text" }, words(field, ctx)));
    main.append(make("div", { class: "b-fields" }, fields));
  }
  if (block.accessory) {
    const kinds = ["button", "overflow", "image", ...PICKED.filter((kind) => kind !== "datetimepicker")];
    const drawn = element(block.accessory, block, ctx, kinds);
    node.append(make("div", { class: "b-accessory" }, drawn));
    if (["checkboxes", "radio_buttons"].includes(block.accessory.type)) node.classList.add("b-below");
  }
  return node;
}

/** Long words behind a button, as Slack has them. */
function folded(text, source) {
  const shown = make("div", { class: "b-text", id: fresh("b-long") }, text);
  if (source.length <= LONG.characters && source.split("\n").length <= LONG.lines) return shown;
  shown.classList.add("b-folded");
  const more = make("button", { type: "button", class: "b-more", "aria-expanded": "false", "aria-controls": shown.id });
  more.textContent = "Show more";
  more.addEventListener("click", () => {
    const folds = shown.classList.toggle("b-folded");
    more.textContent = folds ? "Show more" : "Show less";
    more.setAttribute("aria-expanded", String(!folds));
  });
  return all(shown, more);
}

function header(block, ctx) {
  const said = block.text ?? {};
  return make("h3", {}, plain(need(said.text, "text"), ctx, said));
}

function divider() {
  return make("hr");
}

function row(block, ctx) {
  const kinds = ["button", "overflow", ...PICKED];
  const drawn = list(block.elements, "elements").map((one) => element(one, block, ctx, kinds));
  return make("div", { role: "group", "aria-label": "Actions" }, drawn);
}

function contextRow(block, ctx) {
  const drawn = list(block.elements, "elements").map((one) => {
    if (one?.type === "image") return element(one, block, ctx, ["image"]);
    if (["mrkdwn", "plain_text"].includes(one?.type)) return make("span", { class: "b-text" }, words(one, ctx));
    return unknown(one?.type ?? "without a type", "", "element");
  });
  return make("div", {}, drawn);
}

function contextActions(block, ctx) {
  const kinds = ["feedback_buttons", "icon_button"];
  return make("div", {}, list(block.elements, "elements").map((one) => element(one, block, ctx, kinds)));
}

function input(block, ctx) {
  if (!forms.KINDS.includes(block.element?.type)) {
    return make("div", {}, unknown(block.element?.type ?? "without a type", "", "element"));
  }
  return forms.asked(block, ctx);
}

const LEVELS = {
  default: ["•", "Note"],
  info: ["i", "For your information"],
  warning: ["!", "Warning"],
  error: ["✕", "Error"],
  success: ["✓", "Done"],
};

function alert(block, ctx) {
  const level = Object.hasOwn(LEVELS, block.level) ? block.level : "default";
  const [mark, name] = LEVELS[level];
  const icon = make("span", { class: "b-mark", role: "img", "aria-label": name }, mark);
  return make("div", { role: "note", class: `b-level-${level}` }, icon, make("div", { class: "b-text" }, words(block.text, ctx)));
}

const BLOCKS = {
  section,
  header,
  divider,
  actions: row,
  context: contextRow,
  context_actions: contextActions,
  image: pictures.block,
  input,
  rich_text: richtext.block,
  markdown: (block) => make("div", {}, markdown.draw(need(block.text, "text"))),
  table: tables.table,
  data_table: tables.paged,
  alert,
};

// --- attachments ---

const COLOURS = { good: "good", warning: "warning", danger: "danger" };

/** What is hung on a message: blocks, or the older form with a title, a text and fields. */
function attachment(attached, ctx) {
  const node = make("div", { class: "b-attachment" });
  const colour = String(attached.color ?? "");
  if (Object.hasOwn(COLOURS, colour)) node.classList.add(`b-bar-${colour}`);
  else if (/^#?[0-9a-f]{6}$/i.test(colour)) node.style.borderInlineStartColor = `#${colour.replace("#", "")}`;
  if (attached.blocks?.length) {
    node.append(drawBlocks(attached.blocks, ctx));
    return attached.pretext ? all(make("div", { class: "b-text" }, mrkdwn(attached.pretext, ctx)), node) : node;
  }
  const say = (text, kind) => text && node.append(make("div", { class: `b-text ${kind}` }, mrkdwn(String(text), ctx)));
  say(attached.author_name, "b-author");
  if (attached.title) {
    const title = attached.title_link ? link(attached.title_link, String(attached.title)) : String(attached.title);
    node.append(make("div", { class: "b-title" }, title));
  }
  say(attached.text ?? (attached.title || attached.fields ? "" : attached.fallback), "");
  if (attached.fields?.length) {
    const cells = attached.fields.map((one) =>
      make("div", { class: "b-text" }, make("b", {}, String(one.title ?? "")), "\n", mrkdwn(String(one.value ?? ""), ctx)),
    );
    node.append(make("div", { class: "b-fields" }, cells));
  }
  say(attached.footer, "b-small");
  return attached.pretext ? all(make("div", { class: "b-text" }, mrkdwn(attached.pretext, ctx)), node) : node;
}
