"""Markdown as blocks and spans, for exporters whose destination has a form of its own: what it says, never its markup.

The parser is markdown-it-py (CommonMark with tables and strikethrough). HTML and bare addresses are words, and a link
leads to http, https or mailto, or is none.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode

DEPTH = 60  #: of lists, items and quotations within each other; what is deeper is left out
LONGEST = 1_000_000  #: characters that are read; of a longer text the last block says so
_SCHEMES = frozenset({"http", "https", "mailto"})
_MARKS = {"strong": "bold", "em": "italic", "s": "struck"}


@dataclass(frozen=True, slots=True)
class Span:
    """Some words of one look; a line break is `\\n` among them."""

    text: str
    bold: bool = False
    italic: bool = False
    code: bool = False
    struck: bool = False
    link: str = ""  #: http, https or mailto


Spans = tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading of level 1 to 6."""

    level: int
    spans: Spans


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Words."""

    spans: Spans


@dataclass(frozen=True, slots=True)
class Listing:
    """A list: each item is blocks, other lists among them."""

    items: tuple[tuple["Block", ...], ...]
    ordered: bool = False
    start: int = 1


@dataclass(frozen=True, slots=True)
class Quote:
    """A quotation."""

    blocks: tuple["Block", ...]


@dataclass(frozen=True, slots=True)
class Code:
    """Lines as they are."""

    text: str


@dataclass(frozen=True, slots=True)
class Table:
    """A table: its rows have as many cells as its head."""

    head: tuple[Spans, ...]
    rows: tuple[tuple[Spans, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Figure:
    """A picture by the name that the Markdown has for it; it need not be one of the document's."""

    name: str
    alt: str


@dataclass(frozen=True, slots=True)
class Rule:
    """A line across."""


Block = Heading | Paragraph | Listing | Quote | Code | Table | Figure | Rule
_PARSER = MarkdownIt("commonmark", {"html": False, "maxNesting": DEPTH}).enable(["table", "strikethrough"])


def read(markdown: str) -> tuple[Block, ...]:
    """What a Markdown text says; never raises. A picture within words comes after them."""
    whole = markdown[:LONGEST].encode("utf-8", "replace").decode().replace("\x00", "")
    read = tuple(_blocks(SyntaxTreeNode(_PARSER.parse(whole)).children))
    return (*read, Paragraph((Span("The rest is too long to be shown.", italic=True),))) if markdown[LONGEST:] else read


def words(spans: Sequence[Span]) -> str:
    """The bare words of spans."""
    return "".join(span.text for span in spans)


def allowed(address: str) -> str:
    """The address when a link may lead there, else nothing."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return ""
    leads = parts.scheme.lower() in _SCHEMES and bool(parts.netloc or parts.scheme.lower() == "mailto")
    return address if leads and not any(sign.isspace() or sign < " " for sign in address) else ""


def _blocks(nodes: Sequence[SyntaxTreeNode]) -> Iterator[Block]:
    for node in nodes:
        match node.type:
            case "heading":
                yield Heading(int(node.tag[1:]), _spans(node))
            case "paragraph":
                if (spans := _spans(node)) and words(spans).strip():
                    yield Paragraph(spans)
                yield from _figures(node)
            case "bullet_list" | "ordered_list":
                start = int(node.attrs.get("start", 1))
                items = tuple(tuple(_blocks(item.children)) for item in node.children)
                yield Listing(items, node.type == "ordered_list", start)
            case "blockquote":
                yield Quote(tuple(_blocks(node.children)))
            case "fence" | "code_block":
                yield Code(node.content.rstrip("\n"))
            case "table":
                yield _table(node)
            case "hr":
                yield Rule()


def _table(node: SyntaxTreeNode) -> Table:
    rows = [tuple(_spans(cell) for cell in row.children) for part in node.children for row in part.children]
    return Table(rows[0], tuple(rows[1:]))


def _figures(node: SyntaxTreeNode) -> Iterator[Figure]:
    for one in node.walk():
        if one.type == "image":
            yield Figure(str(one.attrs.get("src", "")), one.content)


def _spans(node: SyntaxTreeNode) -> Spans:
    """Its words; those beside each other that look the same are one."""
    found: list[Span] = []
    for span in _inline(node.children, Span("")):
        if found and replace(found[-1], text="") == replace(span, text=""):
            found[-1] = replace(span, text=found[-1].text + span.text)
        elif span.text:
            found.append(span)
    return tuple(found)


def _inline(nodes: Sequence[SyntaxTreeNode], look: Span) -> Iterator[Span]:
    for node in nodes:
        match node.type:
            case "text" | "text_special":
                yield replace(look, text=node.content)
            case "softbreak":
                yield replace(look, text=" ")
            case "hardbreak":
                yield replace(look, text="\n")
            case "code_inline":
                yield replace(look, text=node.content, code=True)
            case "image":
                continue  # drawn after the words
            case "link":
                yield from _inline(node.children, replace(look, link=allowed(str(node.attrs.get("href", "")))))
            case kind if kind in _MARKS:
                # One look more; the names of the fields are those of the table above.
                yield from _inline(node.children, _marked(look, _MARKS[kind]))
            case _:
                yield from _inline(node.children, look)


def _marked(look: Span, mark: str) -> Span:
    return replace(look, **{mark: True})  # type: ignore[arg-type]  # the names are the table's
