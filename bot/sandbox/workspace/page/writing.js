/** A field for rich text: words with `*bold*`, lists, quotes and code, read back as a rich_text block. */
import { fresh, make } from "./make.js";
import { source } from "./richtext.js";

const MARKS = [
  ["*", "bold", "Bold", "B"],
  ["_", "italic", "Italic", "I"],
  ["~", "strike", "Struck", "S"],
  ["`", "code", "Code", "<>"],
];
const STYLED = /\*([^*\n]+)\*|_([^_\n]+)_|~([^~\n]+)~|`([^`\n]+)`|(https?:\/\/[^\s<>]+[^\s<>.,;:!?)])/g;
const BULLET = /^(?:[•*-]|(\d+)\.)\s+/;
const KEYS = { b: "*", i: "_" };

/** A textarea with a row of buttons over it; answers {node, input, read()}: read is null when nothing is written. */
export function writing(initial, hint) {
  const input = make("textarea", { rows: "4", class: "b-box", id: fresh("b-rich"), placeholder: hint });
  const begun = initial ? source(initial) : "";
  input.value = begun;
  const tools = MARKS.map(([mark, kind, name, shown]) => {
    const tool = make("button", { type: "button", class: `b-tool b-tool-${kind}`, "aria-label": name, title: name }, shown);
    tool.addEventListener("click", () => surround(input, mark));
    return tool;
  });
  input.addEventListener("keydown", (event) => {
    const mark = (event.ctrlKey || event.metaKey) && KEYS[event.key.toLowerCase()];
    if (!mark) return;
    event.preventDefault();
    surround(input, mark);
  });
  const bar = make("div", { class: "b-tools", role: "toolbar", "aria-label": "Formatting" }, tools);
  const node = make("div", { class: "b-writing" }, bar, input);
  // What nobody has touched goes back as it came: the text cannot say everything a block can.
  const read = () => (initial && input.value === begun ? initial : written(input.value));
  return { node, input, read };
}

function surround(input, mark) {
  const [from, to] = [input.selectionStart, input.selectionEnd];
  const within = input.value.slice(from, to);
  input.setRangeText(`${mark}${within}${mark}`, from, to, "end");
  if (!within) input.setSelectionRange(from + 1, from + 1);
  input.focus();
  input.dispatchEvent(new Event("input", { bubbles: true }));
}

/** Words as a rich_text block; null when there are none. */
export function written(text) {
  if (text.trim() === "") return null;
  const elements = [];
  for (const [at, part] of text.split(/```\n?([\s\S]*?)\n?```\n?/).entries()) {
    if (at % 2) elements.push({ type: "rich_text_preformatted", elements: part ? [{ type: "text", text: part }] : [] });
    else if (part) elements.push(...paragraphs(part.split("\n")));
  }
  return { type: "rich_text", elements };
}

function paragraphs(lines) {
  const parts = [];
  for (const line of lines) {
    const item = BULLET.exec(line);
    const quote = /^> ?/.exec(line);
    const kind = item ? (item[1] ? "ordered" : "bullet") : quote ? "quote" : "";
    const said = line.slice((item ?? quote)?.[0].length ?? 0);
    const last = parts.at(-1);
    if (last?.kind === kind) last.lines.push(said);
    else parts.push({ kind, lines: [said], offset: item?.[1] ? Number(item[1]) - 1 : 0 });
  }
  return parts.map(part).filter((one) => one.elements.length);
}

function part({ kind, lines, offset }) {
  if (kind === "ordered" || kind === "bullet") {
    const elements = lines.map((line) => ({ type: "rich_text_section", elements: spans(line) }));
    return { type: "rich_text_list", style: kind, ...(offset > 0 ? { offset } : {}), elements };
  }
  return { type: kind === "quote" ? "rich_text_quote" : "rich_text_section", elements: spans(lines.join("\n")) };
}

function spans(line) {
  const found = [];
  let from = 0;
  for (const match of line.matchAll(STYLED)) {
    if (match.index > from) found.push({ type: "text", text: line.slice(from, match.index) });
    const at = match.slice(1, 5).findIndex((one) => one !== undefined);
    if (match[5]) found.push({ type: "link", url: match[5] });
    else found.push({ type: "text", text: match[at + 1], style: { [MARKS[at][1]]: true } });
    from = match.index + match[0].length;
  }
  if (from < line.length) found.push({ type: "text", text: line.slice(from) });
  return found;
}
