/** Draws Slack's mrkdwn: what the reader of a message sees, every word of it as text and never as markup of the page. */
import { dated } from "./dates.js";
import { withEmoji } from "./emoji.js";
import { all, Lacking, link, make, need, safe } from "./make.js";
import { channel, group, person, range } from "./mentions.js";

const DEEPEST = 8; // styles within styles, and quotes; deeper ones are words
const LONGEST = 2000; // characters of an address that is looked back for
const ENTITIES = { "&amp;": "&", "&lt;": "<", "&gt;": ">" };
const BARE = /\bhttps?:\/\/[^\s<>|"'`]+[^\s<>|"'`.,;:!?)\]}*_~]/;
const STYLES = { "*": "b", _: "i", "~": "s" };
const QUOTE = /^(?:&gt;|>) ?/;

/** A text object of a block as nodes: plain_text or mrkdwn. */
export function words(text, ctx) {
  if (text === null || typeof text !== "object") throw new Lacking("no text");
  const said = need(text.text, "text");
  if (text.type === "plain_text") return plain(said, ctx, text);
  if (text.type === "mrkdwn") return mrkdwn(said, ctx, text);
  throw new Lacking("text that is neither plain_text nor mrkdwn");
}

/** Words without markup; `:names:` become emoji unless the text object says `emoji: false`. */
export function plain(text, ctx, { emoji = true } = {}) {
  return all(emoji === false ? [text] : withEmoji(text));
}

/** Slack's markup as nodes; bare addresses are links unless it is `verbatim`. */
export function mrkdwn(text, ctx, { verbatim = false } = {}) {
  return lines(String(text), { ...ctx, verbatim }, 0);
}

// --- lines: quotes and preformatted text ---

function lines(text, ctx, depth) {
  const fragment = document.createDocumentFragment();
  const parts = text.split(/```\n?([\s\S]+?)```/); // every second one is preformatted
  parts.forEach((part, at) => {
    if (at % 2) {
      const code = make("code", {}, literal(part.replace(/\n$/, ""), ctx));
      fragment.append(make("pre", { class: "b-pre", tabindex: "0" }, code));
    } else paragraphs(trimmed(part, at, parts.length), ctx, depth, fragment);
  });
  return fragment;
}

/** A break beside preformatted text is the end of its own block already. */
function trimmed(part, at, count) {
  const begun = at > 0 ? part.replace(/^\n/, "") : part;
  return at < count - 1 ? begun.replace(/\n$/, "") : begun;
}

function paragraphs(text, ctx, depth, fragment) {
  if (!text) return;
  let open = []; // lines of one kind in a row
  let quoted = false;
  const close = () => {
    if (!open.length) return;
    if (quoted) fragment.append(make("blockquote", { class: "b-quote" }, lines(open.join("\n"), ctx, depth + 1)));
    else fragment.append(spans(open.join("\n"), ctx, 0));
    open = [];
  };
  for (const line of text.split("\n")) {
    const quote = depth < DEEPEST && QUOTE.test(line);
    if (quote !== quoted) close();
    quoted = quote;
    open.push(quote ? line.replace(QUOTE, "") : line);
  }
  close();
}

// --- spans: what stands in angle brackets, code, styles, addresses, emoji ---

const NEXT = /<([^<>\n]{1,4000})>|`([^`\n]+)`/;

function spans(text, ctx, depth) {
  return all(styled(atoms(text, ctx), ctx, depth));
}

/** The text cut into strings, which may hold styles, and nodes, which are drawn. */
function atoms(text, ctx) {
  const found = [];
  let rest = text;
  for (let match = NEXT.exec(rest); match; match = NEXT.exec(rest)) {
    found.push(rest.slice(0, match.index));
    found.push(match[1] === undefined ? make("code", {}, literal(match[2], ctx)) : angled(match[1], ctx));
    rest = rest.slice(match.index + match[0].length);
  }
  return [...found, rest].filter((one) => one !== "");
}

/** Strings with `*bold*`, `_italic_` and `~struck~` as nodes; a style may reach over nodes. */
function styled(pieces, ctx, depth) {
  const drawn = [];
  let rest = pieces;
  for (let open = opening(rest, depth); open; open = opening(rest, depth)) {
    const { mark, from, to } = open;
    drawn.push(...unstyled([...rest.slice(0, from.piece), rest[from.piece].slice(0, from.at)], ctx));
    const inner =
      from.piece === to.piece
        ? [rest[from.piece].slice(from.at + 1, to.at)]
        : [rest[from.piece].slice(from.at + 1), ...rest.slice(from.piece + 1, to.piece), rest[to.piece].slice(0, to.at)];
    drawn.push(make(STYLES[mark], {}, styled(inner.filter((one) => one !== ""), ctx, depth + 1)));
    rest = [rest[to.piece].slice(to.at + 1), ...rest.slice(to.piece + 1)].filter((one) => one !== "");
  }
  return [...drawn, ...unstyled(rest, ctx)];
}

function unstyled(pieces, ctx) {
  return pieces.flatMap((piece) => (typeof piece === "string" ? addresses(piece, ctx) : [piece]));
}

/** The first style that is opened at the edge of a word and closed at another on the same line; null at the depth. */
function opening(pieces, depth) {
  if (depth >= DEEPEST) return null;
  let alone = ""; // marks that nothing closes on this line: none of them has to be looked for twice
  for (let piece = 0; piece < pieces.length; piece += 1) {
    const text = pieces[piece];
    if (typeof text !== "string") continue;
    for (const found of text.matchAll(/[*_~\n]/g)) {
      const mark = found[0];
      if (mark === "\n") alone = "";
      if (mark === "\n" || alone.includes(mark) || !edge(text[found.index - 1]) || inAddress(text, found.index)) continue;
      const next = text[found.index + 1];
      if (next === mark || (next === undefined ? piece + 1 >= pieces.length : /\s/.test(next))) continue;
      const to = closing(pieces, piece, found.index + 1, mark);
      if (to) return { mark, from: { piece, at: found.index }, to };
      alone += mark;
    }
  }
  return null;
}

function closing(pieces, piece, from, mark) {
  for (let at = piece; at < pieces.length; at += 1) {
    const text = pieces[at];
    if (typeof text !== "string") continue;
    for (let index = at === piece ? from : 0; index < text.length; index += 1) {
      if (text[index] === "\n") return null;
      if (text[index] !== mark || !edge(text[index + 1])) continue;
      const before = text[index - 1];
      if (before === undefined ? at > piece : !/\s/.test(before)) return { piece: at, at: index };
    }
  }
  return null;
}

/** Whether a style may begin after, or end before, this character. */
function edge(character) {
  return character === undefined || !/[\p{L}\p{N}]/u.test(character);
}

function inAddress(text, at) {
  return /https?:\/\/\S*$/.test(text.slice(Math.max(0, at - LONGEST), at));
}

function addresses(text, ctx) {
  if (ctx.verbatim) return withEmoji(decoded(text));
  const nodes = [];
  let rest = text;
  for (let found = BARE.exec(rest); found; found = BARE.exec(rest)) {
    nodes.push(...withEmoji(decoded(rest.slice(0, found.index))), link(decoded(found[0]), decoded(found[0])));
    rest = rest.slice(found.index + found[0].length);
  }
  return [...nodes, ...withEmoji(decoded(rest))];
}

/** What stands in angle brackets: a mention, a date or a link; anything else is words. */
function angled(inside, ctx) {
  const bar = inside.indexOf("|");
  const [what, label] = bar < 0 ? [inside, ""] : [inside.slice(0, bar), inside.slice(bar + 1)];
  const name = decoded(label);
  if (/^@[UW][A-Z0-9]+$/.test(what)) return person(what.slice(1), ctx, name);
  if (/^#[CGD][A-Z0-9]+$/.test(what)) return channel(what.slice(1), ctx, name);
  if (/^!subteam\^S[A-Z0-9]+$/.test(what)) return group(what.slice(9), ctx, name);
  if (/^!(here|channel|everyone|group)$/.test(what)) return range(what.slice(1));
  const date = /^!date\^(\d{1,11})\^([^^]+)(?:\^(.+))?$/.exec(what);
  if (date) return dated(Number(date[1]), decoded(date[2]), { fallback: name, url: decoded(date[3] ?? "") }, ctx);
  const address = decoded(what);
  if (safe(address) !== null) return link(address, ...(name ? withEmoji(name) : []));
  return document.createTextNode(decoded(`<${inside}>`));
}

/** Words in code: mentions and addresses keep their names, nothing else is read. */
function literal(text, ctx) {
  return text.split(/<([^<>\n]{1,4000})>/).map((part, at) => (at % 2 ? angled(part, ctx) : decoded(part)));
}

function decoded(text) {
  return text.replace(/&(?:amp|lt|gt);/g, (entity) => ENTITIES[entity]);
}
