/** Draws tables: the plain one and the one with pages. */
import { fresh, list, make, need, unknown } from "./make.js";
import * as richtext from "./richtext.js";

const PAGE = 5; // rows of a data_table that names no page size

/** A table block: its first row is the head. */
export function table(block, ctx) {
  const rows = list(block.rows, "rows").map((row) => list(row, "cells"));
  const columns = block.column_settings ?? [];
  const side = (at) => ["b-cell", `b-${columns[at]?.align ?? "left"}`, columns[at]?.is_wrapped ? "b-wrap" : ""].join(" ").trim();
  const [head, ...body] = rows;
  const line = (cells, tag) =>
    make("tr", {}, cells.map((one, at) => make(tag, { class: side(at), scope: tag === "th" ? "col" : null }, cell(one, ctx))));
  const top = head ? make("thead", {}, line(head, "th")) : null;
  const rest = make("tbody", {}, body.map((row) => line(row, "td")));
  return make("div", {}, scrolled(make("table", {}, top, rest), "Table"));
}

/** A data_table block: a caption, and its rows a page at a time. */
export function paged(block, ctx) {
  const [head, ...body] = list(block.rows, "rows").map((row) => list(row, "cells"));
  const size = block.page_size ?? PAGE;
  const named = block.row_header_column_index ?? -1;
  const pages = Math.max(1, Math.ceil(body.length / size));
  const caption = make("caption", { id: fresh("b-caption") }, need(block.caption, "caption"));
  const numbers = head.map((_, at) => body.length > 0 && body.every((row) => row[at]?.type === "raw_number"));
  const side = (at) => `b-cell b-${numbers[at] ? "right" : "left"}`;
  const rows = make("tbody");
  const top = make("tr", {}, head.map((one, at) => make("th", { scope: "col", class: side(at) }, cell(one, ctx))));
  const drawn = make("table", {}, caption, make("thead", {}, top), rows);
  const said = make("span", { "aria-live": "polite" });
  const turn = (name, mark) => make("button", { type: "button", class: "b-button b-slight", "aria-label": name }, mark);
  const [back, on] = [turn("Previous page", "‹"), turn("Next page", "›")];
  const field = (one, at) => {
    const scope = at === named ? "row" : null;
    return make(scope ? "th" : "td", { scope, class: side(at) }, cell(one, ctx));
  };
  let page = 0;
  const show = (to) => {
    page = Math.min(pages - 1, Math.max(0, to));
    rows.replaceChildren(...body.slice(page * size, (page + 1) * size).map((row) => make("tr", {}, row.map(field))));
    said.textContent = `${page * size + (body.length ? 1 : 0)}–${Math.min(body.length, (page + 1) * size)} of ${body.length}`;
    back.disabled = page === 0;
    on.disabled = page === pages - 1;
  };
  back.addEventListener("click", () => show(page - 1));
  on.addEventListener("click", () => show(page + 1));
  show(0);
  return make("div", {}, scrolled(drawn, block.caption), pages > 1 ? make("div", { class: "b-pager" }, back, said, on) : null);
}

function scrolled(drawn, name) {
  return make("div", { class: "b-scroll", tabindex: "0", role: "region", "aria-label": name }, drawn);
}

function cell(given, ctx) {
  switch (given?.type) {
    case "raw_text":
      return need(given.text, "text");
    case "raw_number":
      return given.text ?? String(given.value);
    case "rich_text":
      return richtext.block(given, ctx);
    default:
      return unknown(given?.type ?? "without a type", "", "cell");
  }
}
