/** Draws a markdown block: headings, lists, tasks, quotes, code, tables and rules; HTML in it is words. */
import { withEmoji } from "./emoji.js";
import { all, link, make, safe } from "./make.js";

const DEEPEST = 8;
const FENCE = /^ {0,3}(`{3,}|~{3,})\s*([^`\s]*)[^`]*$/;
const HEADING = /^ {0,3}(#{1,6})\s+(.*?)(?:\s+#+)?\s*$/;
const RULE = /^ {0,3}([-*_])(?:\s*\1){2,}\s*$/;
const ITEM = /^( {0,3})([-*+]|\d{1,9}[.)])(?:\s+(.*)|\s*)$/;
const QUOTE = /^ {0,3}> ?/;
const DELIMITER = /^\s*\|?\s*:?-+:?\s*(\|\s*:?-+:?\s*)*\|?\s*$/;

/** Markdown as nodes. */
export function draw(text) {
  return blocks(text.replace(/\r\n?/g, "\n").split("\n"), 0);
}

function blocks(lines, depth) {
  const drawn = [];
  let at = 0;
  while (at < lines.length) {
    const take = [blank, fence, heading, rule, quote, list, table].map((kind) => kind(lines, at, depth)).find(Boolean);
    const [node, next] = take ?? paragraph(lines, at);
    if (node) drawn.push(node);
    at = next;
  }
  return all(drawn);
}

function blank(lines, at) {
  return lines[at].trim() === "" ? [null, at + 1] : null;
}

function fence(lines, at) {
  const found = FENCE.exec(lines[at]);
  if (!found) return null;
  let end = at + 1;
  const closes = new RegExp(`^ {0,3}${found[1][0]}{${found[1].length},}\\s*$`);
  while (end < lines.length && !closes.test(lines[end])) end += 1;
  const code = make("code", { "data-language": found[2] || null }, lines.slice(at + 1, end).join("\n"));
  const name = found[2] ? `Code, ${found[2]}` : null;
  return [make("pre", { class: "b-pre", tabindex: "0", "aria-label": name }, code), end + 1];
}

function heading(lines, at) {
  const found = HEADING.exec(lines[at]);
  if (!found) return null;
  const level = found[1].length;
  return [make(`h${Math.min(6, level + 2)}`, { class: `b-h${level}` }, inline(found[2], 0)), at + 1];
}

function rule(lines, at) {
  return RULE.test(lines[at]) ? [make("hr"), at + 1] : null;
}

function quote(lines, at, depth) {
  if (depth >= DEEPEST || !QUOTE.test(lines[at])) return null;
  let end = at;
  while (end < lines.length && QUOTE.test(lines[end])) end += 1;
  const inside = lines.slice(at, end).map((line) => line.replace(QUOTE, ""));
  return [make("blockquote", { class: "b-quote" }, blocks(inside, depth + 1)), end];
}

function list(lines, at, depth) {
  const first = ITEM.exec(lines[at]);
  if (!first || depth >= DEEPEST) return null;
  const ordered = /\d/.test(first[2]);
  const items = [];
  let end = at;
  while (end < lines.length) {
    const found = ITEM.exec(lines[end]);
    if (!found || /\d/.test(found[2]) !== ordered || RULE.test(lines[end])) break;
    const indent = found[1].length + found[2].length + 1;
    const inside = [found[3] ?? ""];
    end += 1;
    while (end < lines.length && belongs(lines, end, Math.min(indent, 2))) {
      inside.push(lines[end].replace(new RegExp(`^ {0,${indent}}`), ""));
      end += 1;
    }
    items.push(item(inside, depth));
  }
  const start = ordered ? Number.parseInt(first[2], 10) : null;
  return [make(ordered ? "ol" : "ul", { class: "b-list", start, "data-level": depth % 3 }, items), end];
}

/** Whether a line goes on with the item above it. */
function belongs(lines, at, indent) {
  const deep = (line) => line.startsWith(" ".repeat(indent));
  if (lines[at].trim() !== "") return deep(lines[at]);
  const next = lines[at + 1] ?? "";
  return deep(next) && next.trim() !== "";
}

function item(inside, depth) {
  const task = /^\[([ xX])\]\s+/.exec(inside[0]);
  if (task) inside[0] = inside[0].slice(task[0].length);
  const [said, ...below] = inside;
  const done = task && task[1] !== " ";
  const box = task ? make("span", { class: "b-task", role: "img", "aria-label": done ? "done" : "open" }, done ? "☑" : "☐") : null;
  return make("li", { class: task ? "b-tasked" : null }, box, inline(said, 0), below.length ? blocks(below, depth + 1) : null);
}

function table(lines, at) {
  if (!lines[at].includes("|") || !DELIMITER.test(lines[at + 1] ?? "")) return null;
  const sides = cells(lines[at + 1]).map((cell) => (cell.endsWith(":") ? (cell.startsWith(":") ? "center" : "right") : "left"));
  const row = (line, tag) => {
    const found = cells(line);
    const scope = tag === "th" ? "col" : null;
    const cell = (side, column) => make(tag, { class: `b-${side}`, scope }, inline(found[column] ?? "", 0));
    return make("tr", {}, sides.map(cell));
  };
  let end = at + 2;
  while (end < lines.length && lines[end].includes("|") && lines[end].trim()) end += 1;
  const body = lines.slice(at + 2, end).map((line) => row(line, "td"));
  const drawn = make("table", {}, make("thead", {}, row(lines[at], "th")), make("tbody", {}, body));
  return [make("div", { class: "b-scroll", tabindex: "0", role: "region", "aria-label": "Table" }, drawn), end];
}

function cells(line) {
  const inside = line.trim().replace(/^\|/, "").replace(/\|$/, "");
  return inside.split(/(?<!\\)\|/).map((cell) => cell.trim().replaceAll("\\|", "|"));
}

function paragraph(lines, at) {
  let end = at + 1;
  const ends = [FENCE, HEADING, RULE, QUOTE, ITEM];
  while (end < lines.length && lines[end].trim() && !ends.some((kind) => kind.test(lines[end]))) end += 1;
  const text = lines.slice(at, end).map((line) => line.trim()).join("\n");
  return [make("p", {}, inline(text, 0)), end];
}

// --- inline ---

const SPANS = [
  [/^\\([!-/:-@[-`{-~])/, (found) => found[1]],
  [/^!\[([^\]\n]*)\]\(([^()\s]+)(?:\s+"[^"\n]*")?\)/, (found) => image(found[1], found[2])],
  [
    /^\[((?:[^[\]\n]|\[[^\]\n]*\])+)\]\(([^()\s]+(?:\([^()\s]*\)[^()\s]*)?)(?:\s+"[^"\n]*")?\)/,
    (found, depth) => link(found[2], inline(found[1], depth + 1)),
  ],
  [/^<((?:https?:\/\/|mailto:)[^<>\s]+)>/, (found) => link(found[1])],
  [/^\bhttps?:\/\/[^\s<>"'`|]+[^\s<>"'`|.,;:!?)\]}*_~]/, (found) => link(found[0], found[0])],
  [/^(\*\*|__)(?=\S)([\s\S]*?\S)\1/, (found, depth) => make("b", {}, inline(found[2], depth + 1))],
  [/^~~(?=\S)([\s\S]*?\S)~~/, (found, depth) => make("s", {}, inline(found[1], depth + 1))],
  [/^\*(?=[^\s*])([\s\S]*?[^\s*])\*(?!\*)/, (found, depth) => make("i", {}, inline(found[1], depth + 1))],
  [/^_(?=[^\s_])([\s\S]*?[^\s_])_(?![\p{L}\p{N}_])/u, (found, depth) => make("i", {}, inline(found[1], depth + 1))],
];

const STARTS = /[\\![<h*_~]/;

function inline(text, depth) {
  const nodes = [];
  let words = "";
  const flush = () => {
    nodes.push(...withEmoji(words));
    words = "";
  };
  for (let at = 0; at < text.length; ) {
    const found = text[at] === "`" ? code(text, at) : depth < DEEPEST && STARTS.test(text[at]) ? spanAt(text, at) : null;
    if (!found) {
      words += text[at];
      at += 1;
      continue;
    }
    const [match, made] = found;
    const node = made(match, depth);
    if (typeof node === "string") words += node;
    else {
      flush();
      nodes.push(node);
    }
    at += match[0].length;
  }
  flush();
  return all(nodes);
}

/** Code between runs of backticks that are equally long; a run that nothing closes is words. */
function code(text, at) {
  const run = /^`+/.exec(text.slice(at))[0];
  for (let from = text.indexOf("`", at + run.length); from >= 0; ) {
    const end = /^`+/.exec(text.slice(from))[0].length;
    if (end === run.length) {
      const inside = text.slice(at + run.length, from);
      return [[text.slice(at, from + end)], () => make("code", {}, inside.trim() || inside)];
    }
    from = text.indexOf("`", from + end);
  }
  return [[run], () => run];
}

function spanAt(text, at) {
  if (/[_h]/.test(text[at]) && at > 0 && /[\p{L}\p{N}_]/u.test(text[at - 1])) return null; // within a word
  const rest = text.slice(at);
  for (const [kind, made] of SPANS) {
    const match = kind.exec(rest);
    if (match) return [match, made];
  }
  return null;
}

/** A picture of the world outside is not fetched; its words lead to it. */
function image(alt, address) {
  return safe(address) === null ? alt : link(address, alt || "picture");
}
