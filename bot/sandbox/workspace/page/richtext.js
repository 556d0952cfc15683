/** Draws rich text: sections, lists, quotes and preformatted text, with every kind of span. */
import { dated } from "./dates.js";
import { emoji, fromCodes } from "./emoji.js";
import { Lacking, link, list, make, need, unknown } from "./make.js";
import { channel, group, person, range } from "./mentions.js";

const STYLES = [
  ["code", "code"],
  ["bold", "b"],
  ["italic", "i"],
  ["strike", "s"],
  ["underline", "u"],
  ["highlight", "mark"],
];

/** A rich_text block. */
export function block(given, ctx) {
  return make("div", {}, list(given.elements, "elements").map((one) => part(one, ctx)));
}

function part(given, ctx) {
  const border = given?.border ? " b-border" : "";
  switch (given?.type) {
    case "rich_text_section":
      return make("div", { class: "b-rich" }, spans(given, ctx));
    case "rich_text_quote":
      return make("blockquote", { class: "b-quote" }, spans(given, ctx));
    case "rich_text_preformatted": {
      const code = make("code", { "data-language": given.language }, spans(given, ctx));
      return make("pre", { class: "b-pre", tabindex: "0", "aria-label": given.language ? `Code, ${given.language}` : null }, code);
    }
    case "rich_text_list": {
      const ordered = given.style === "ordered";
      const indent = Math.min(8, Math.max(0, Number(given.indent) || 0));
      const start = ordered ? (Number(given.offset) || 0) + 1 : null;
      const items = list(given.elements, "elements").map((one) =>
        make("li", {}, one?.type === "rich_text_section" ? spans(one, ctx) : unknown(one?.type, "", "list item")),
      );
      const kind = `b-list b-indent-${indent}${border}`;
      return make(ordered ? "ol" : "ul", { class: kind, start, "data-level": indent % 3 }, items);
    }
    default:
      return unknown(given?.type ?? "without a type", "", "rich text part");
  }
}

function spans(given, ctx) {
  return list(given.elements, "elements").map((one) => styled(span(one, ctx), one?.style));
}

function styled(node, style) {
  let drawn = node;
  for (const [name, tag] of STYLES) {
    if (style?.[name]) drawn = make(tag, {}, drawn);
  }
  return drawn;
}

function span(given, ctx) {
  switch (given?.type) {
    case "text":
      return document.createTextNode(need(given.text, "text"));
    case "link":
      return link(need(given.url, "url"), ...(given.text ? [given.text] : []));
    case "user":
      return person(need(given.user_id, "user_id"), ctx);
    case "usergroup":
      return group(need(given.usergroup_id, "usergroup_id"), ctx);
    case "channel":
      return channel(need(given.channel_id, "channel_id"), ctx);
    case "emoji":
      return given.unicode ? fromCodes(given.unicode, given.name) : emoji(need(given.name, "name"));
    case "date": {
      if (typeof given.timestamp !== "number") throw new Lacking("no timestamp");
      return dated(given.timestamp, need(given.format, "format"), { fallback: given.fallback, url: given.url }, ctx);
    }
    case "broadcast":
      return range(need(given.range, "range"));
    case "color": {
      const swatch = make("span", { class: "b-swatch", "aria-hidden": "true" });
      swatch.style.backgroundColor = need(given.value, "value");
      return make("span", { class: "b-color" }, swatch, given.value);
    }
    default:
      return unknown(given?.type ?? "without a type", "", "rich text");
  }
}

/** The words of rich text without its looks, a line for each part; for fields that are edited as text. */
export function source(given) {
  const marks = { bold: "*", italic: "_", strike: "~", code: "`" };
  const spanned = (one) => {
    const said = one.text ?? one.url ?? (one.name ? `:${one.name}:` : one.user_id ? `<@${one.user_id}>` : one.fallback ?? "");
    const around = Object.keys(marks).filter((name) => one.style?.[name]).map((name) => marks[name]).join("");
    return `${around}${said}${[...around].reverse().join("")}`;
  };
  const line = (one) => (one.elements ?? []).map(spanned).join("");
  return (given?.elements ?? [])
    .map((one) => {
      if (one.type === "rich_text_list") {
        const first = (one.offset ?? 0) + 1;
        return one.elements.map((item, at) => `${one.style === "ordered" ? `${first + at}.` : "•"} ${line(item)}`).join("\n");
      }
      if (one.type === "rich_text_quote") return line(one).split("\n").map((each) => `> ${each}`).join("\n");
      if (one.type === "rich_text_preformatted") return `\`\`\`\n${line(one)}\n\`\`\``;
      return line(one);
    })
    .join("\n");
}
