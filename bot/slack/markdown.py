"""Markdown as Slack's rich text: what it says is shown, and nothing in it can mention, ping or forge a link.

The parser is markdown-it-py (CommonMark with tables and strikethrough). HTML, emoji codes, mentions and bare addresses
are words; a link shows the host it leads to (`bot.slack.links`). What does not fit is cut, and the cut says so.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import zip_longest

from markdown_it import MarkdownIt
from markdown_it.token import Token

from bot.slack import inline, visible
from bot.slack.pieces import Json

MOST = 9_000  #: characters of text (and addresses) in one message; Slack's own limit is somewhere above 11,000
LINE = 1_000  #: characters of one line
# Ours: a block for each heading up to these, elements of all kinds in a message, and the depth that is followed.
_BLOCKS, _ELEMENTS, _DEPTH = 20, 900, 20
_INDENT, _OFFSET = 8, 10_000  # Slack's, of lists
_EDGE = 14  # characters kept for what joins a paragraph to the one before it, or numbers it
_NOTE = 40  # characters kept for the last line, which says what is missing
_GIST = 4  # Markdown read for one character shown: more than this is cut unread, so that no text takes long

_PARSER = MarkdownIt("commonmark", {"html": False, "maxNesting": _DEPTH}).enable(["table", "strikethrough"])


def blocks(markdown: str, *, most: int = MOST) -> list[Json]:
    """`rich_text` blocks with at most `most` characters (100 at the least); an empty list when there is nothing to say.

    A heading begins a new block. The last line says how many lines are missing when some are.
    """
    source = _whole(markdown)
    most = max(most, 100)
    read = _beginning(source, most * _GIST)
    drawing = _Drawing(source.split("\n"), most - _NOTE)
    tokens = _PARSER.parse(read)
    for token, after in zip_longest(tokens, tokens[1:]):
        drawing.take(token, deeper=after is not None and after.nesting < 0)
        if drawing.missing_from is not None:
            break
    else:
        if len(read) < len(source):
            drawing.missing_from = read.count("\n")
    return drawing.done()


def spans(markdown_line: str, *, most: int = LINE) -> list[Json]:
    """Text and link elements for one line of Markdown: at most `most` characters (100 at the least)."""
    most = max(most, 100)
    line = _whole(markdown_line).replace("\n", " ")
    tokens = _PARSER.parseInline(line[: most * _GIST].strip())
    drawn = [span for token in tokens for span in inline.spans(token.children or ())]
    return inline.cut(drawn, most, _ELEMENTS, gone=max(0, len(line) - most * _GIST))


def _whole(markdown: str) -> str:
    """Text without half characters, its lines ended as the parser ends them."""
    return markdown.encode("utf-8", "replace").decode().replace("\r\n", "\n").replace("\r", "\n")


def _beginning(source: str, most: int) -> str:
    """The first `most` characters, to the end of a line where there is one."""
    return source if len(source) <= most else source[: source.rfind("\n", 0, most) + 1 or most]


def _text(text: str) -> Json:
    return {"type": "text", "text": text}


@dataclass
class _List:
    """A list being drawn: `number` is that of the item at hand, `fresh` until something of that item is drawn."""

    ordered: bool
    number: int
    part: Json | None = None
    fresh: bool = False


@dataclass
class _Drawing:
    """What is drawn so far, and the containers the next token stands in; None among them is a quotation."""

    source: list[str]
    room: int
    elements: int = _ELEMENTS
    blocks: list[list[Json]] = field(default_factory=lambda: [[]])
    inside: list[_List | None] = field(default_factory=list)
    loud: bool = False  # within a heading
    row: list[list[Json]] | None = None  # the cells so far of the row of a table
    row_at: list[int] = field(default_factory=list)
    between: str = "\n\n"  # two paragraphs
    missing_from: int | None = None  # the first line that is not drawn

    def take(self, token: Token, *, deeper: bool) -> None:
        """Draws one token; `deeper` when it is closed at once."""
        begins, ends = token.map or (0, 0)
        if token.type == "inline":
            words = inline.spans(token.children or (), *["bold"] * self.loud)
            self.words(words, begins, ends) if self.row is None else self.row.append(words)
        elif token.type in ("fence", "code_block"):
            self.code(token.content, begins + (token.type == "fence"), ends)
        elif token.type in _TAKES:
            _TAKES[token.type](self, token)
        if deeper and token.nesting > 0 and token.level >= _DEPTH - 1:
            # Nested deeper than the parser reads: it is shown as it was written.
            self.code("\n".join(self.source[begins:ends]), begins, ends)

    # --- containers ---

    def open_list(self, token: Token) -> None:
        """A list within whatever stands open; the item around it is drawn first."""
        self._mark()
        start = int(token.attrs.get("start", 1))
        self.inside.append(_List(token.type == "ordered_list_open", start - 1))

    def open_item(self, token: Token) -> None:
        """The next item of the list at hand."""
        if at := self._list:
            at.number, at.fresh = at.number + 1, True

    def close_item(self, token: Token) -> None:
        """The end of an item; an empty one keeps its place."""
        self._mark()

    def open_quote(self, token: Token) -> None:
        """A quotation."""
        self.inside.append(None)

    def close(self, token: Token) -> None:
        """The end of a list or a quotation."""
        self.inside.pop()

    def heading(self, token: Token) -> None:
        """A heading: bold, and a block of its own at the top level."""
        self.loud = token.nesting > 0
        if self.loud and not self.inside and self.blocks[-1] and len(self.blocks) < _BLOCKS:
            self.blocks.append([])

    def rule(self, token: Token) -> None:
        """A line across."""
        begins, ends = token.map or (0, 0)
        self.words([_text("———")], begins, ends)

    def head_of_table(self, token: Token) -> None:
        """The names of the columns are bold; the rows below them are items of a list."""
        self.loud = token.nesting > 0

    def open_rows(self, token: Token) -> None:
        """The rows of a table."""
        self._mark()
        self.inside.append(_List(ordered=False, number=0))

    def open_row(self, token: Token) -> None:
        """A row: below the head, an item."""
        self.row, self.row_at = [], token.map or [0, 0]
        if not self.loud:
            self.open_item(token)

    def close_row(self, token: Token) -> None:
        """The end of a row: its cells side by side; one without words keeps its place."""
        drawn: list[Json] = []
        for place, cell in enumerate(self.row or []):
            inline.join(drawn, [*[_text(" | ")] * (place > 0), *cell])
        self.row = None
        self.words(drawn, *self.row_at)
        self._mark()

    # --- what is shown ---

    def words(self, drawn: list[Json], begins: int, ends: int) -> None:
        """A paragraph, or as much of it as there is room for."""
        if not any(span["text"].strip() for span in drawn):
            return
        kept = self._fitting(drawn, begins)
        if kept is None:
            return
        if kept is not drawn:
            self.missing_from = ends
        self._place(kept)

    def code(self, content: str, begins: int, ends: int) -> None:
        """Lines as they are, or as many of them as there is room for."""
        lines = [visible.clean(line.expandtabs(4)) for line in content.rstrip("\n").split("\n")]
        text = "\n".join(lines)
        if not text.strip():
            return
        self._mark()
        if len(text) > (room := max(self.room - _EDGE, 0)):
            whole = text.rfind("\n", 0, room + 1)
            self.missing_from = ends if whole < 0 else begins + text.count("\n", 0, whole) + 1
            text = text if whole < 0 else text[:whole]
            if not text.strip():
                self.missing_from = begins
                return
        kept = self._fitting([_text(text)], begins)
        if kept is not None:
            self._part({"type": "rich_text_preformatted", "elements": kept, **self._border})

    def done(self) -> list[Json]:
        """The blocks, with a last line about what is missing."""
        rest = self.source[self.missing_from :] if self.missing_from is not None else []
        if missing := sum(not line.isspace() and line != "" for line in rest):
            note = _text(f"… (+{missing} more line{'s' * (missing > 1)})")
            self.blocks[-1].append({"type": "rich_text_section", "elements": [note]})
        return [{"type": "rich_text", "elements": parts} for parts in self.blocks if parts]

    # --- room and place ---

    def _fitting(self, drawn: list[Json], begins: int) -> list[Json] | None:
        """The spans that fit, None (and a note of where it ended) when hardly any would."""
        needed = inline.size(drawn)
        if self.elements < 5 or self.room < min(needed, 2 * inline.MARK) + _EDGE:
            self.missing_from = begins
            return None
        kept = inline.cut(drawn, self.room - _EDGE, self.elements - 4)
        self.room -= inline.size(kept) + _EDGE
        self.elements -= len(kept) + 2
        return kept

    def _place(self, drawn: list[Json]) -> None:
        at = self._list
        quoted = bool(self.inside) and self.inside[-1] is None
        if at and (at.fresh or at.part is self._last):
            drawn = [_text("> "), *drawn] if quoted else drawn
            self._item(at, drawn)
        else:
            kind = "rich_text_quote" if None in self.inside else "rich_text_section"
            if self._last and self._last["type"] == kind:
                inline.join(self._last["elements"], [_text(self.between), *drawn])
            else:
                self._part({"type": kind, "elements": drawn})
        self.between = "\n" if self.loud else "\n\n"

    def _item(self, at: _List, drawn: list[Json]) -> None:
        """Words of the item at hand: beside its number, or on a new line of it."""
        if not at.fresh and at.part:
            inline.join(at.part["elements"][-1]["elements"], [_text("\n"), *drawn])
            return
        at.fresh = False
        numbered = at.ordered and 1 <= at.number <= _OFFSET + 1
        if at.ordered and not numbered:
            drawn = inline.join([_text(f"{at.number}. ")], drawn)
        style = "ordered" if numbered else "bullet"
        if at.part is None or at.part is not self._last or at.part["style"] != style:
            depth = sum(one is not None for one in self.inside) - 1
            at.part = {
                "type": "rich_text_list",
                "style": style,
                "indent": min(depth, _INDENT),
                **({"offset": at.number - 1} if numbered and at.number > 1 else {}),
                **self._border,
                "elements": [],
            }
            self._part(at.part)
        at.part["elements"].append({"type": "rich_text_section", "elements": drawn})

    def _mark(self) -> None:
        """Draws the number or bullet of an item that has nothing beside it."""
        at = self._list
        if at and at.fresh and self.elements >= 5 and self.room > _EDGE:
            self.elements -= 3
            self.room -= _EDGE
            self._item(at, [_text(" ")])

    def _part(self, part: Json) -> None:
        self.elements -= 1
        self.blocks[-1].append(part)

    @property
    def _list(self) -> _List | None:
        return next((one for one in reversed(self.inside) if one is not None), None)

    @property
    def _last(self) -> Json | None:
        return self.blocks[-1][-1] if self.blocks[-1] else None

    @property
    def _border(self) -> Json:
        return {"border": 1} if None in self.inside else {}


_TAKES: Mapping[str, Callable[[_Drawing, Token], None]] = {
    "bullet_list_open": _Drawing.open_list,
    "ordered_list_open": _Drawing.open_list,
    "list_item_open": _Drawing.open_item,
    "list_item_close": _Drawing.close_item,
    "bullet_list_close": _Drawing.close,
    "ordered_list_close": _Drawing.close,
    "blockquote_open": _Drawing.open_quote,
    "blockquote_close": _Drawing.close,
    "heading_open": _Drawing.heading,
    "heading_close": _Drawing.heading,
    "hr": _Drawing.rule,
    "thead_open": _Drawing.head_of_table,
    "thead_close": _Drawing.head_of_table,
    "tr_open": _Drawing.open_row,
    "tr_close": _Drawing.close_row,
    "tbody_open": _Drawing.open_rows,
    "tbody_close": _Drawing.close,
}
