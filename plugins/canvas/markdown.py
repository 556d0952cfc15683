"""A document in the Markdown of canvases: written anew from what it says, so that nothing in it mentions or embeds."""

import re
from collections.abc import Iterable, Iterator, Mapping

from bot.contract import outline

LIMIT = 900_000  #: bytes; Slack takes 1 MiB
CELLS = 300  #: of one table; Slack's own
_SPECIAL = re.compile(r"([\\`*_{}\[\]()<>#+!|~:@$=-])")
_CUT = "\n\n*The rest is too long for a canvas: see Tocsin.*\n"


def of(markdown: str, pictures: Mapping[str, str]) -> str:
    """The text; `pictures` are links to files within Slack, by the names the Markdown has for them."""
    drawn: list[str] = []
    size = 0
    for block in outline.read(markdown):
        piece = "\n".join(_block(block, pictures, ""))
        size += len(piece.encode("utf-8", "replace")) + 2
        if size > LIMIT:
            return "\n\n".join(drawn) + _CUT
        drawn.append(piece)
    return "\n\n".join(drawn) + "\n"


def _block(block: outline.Block, pictures: Mapping[str, str], indent: str) -> Iterator[str]:
    match block:
        case outline.Heading(level, spans):
            yield f"{indent}{'#' * min(level, 3)} {_line(spans)}"
        case outline.Paragraph(spans):
            yield f"{indent}{_line(spans)}"
        case outline.Listing(items, ordered, start):
            for number, item in enumerate(items, start):
                yield from _item(f"{number}." if ordered else "-", item, pictures, indent)
        case outline.Quote(blocks):
            for inner in blocks:
                yield from (f"> {line}" for line in _block(inner, pictures, ""))
        case outline.Code(text):
            # A fence longer than any within it.
            fence = "`" * max(3, max(map(len, re.findall(r"`+", text)), default=0) + 1)
            yield from (f"{indent}{line}" for line in (fence, *text.split("\n"), fence))
        case outline.Table():
            yield from _table(block)
        case outline.Figure(name, alt):
            yield f"{indent}![{_escaped(alt)}]({pictures[name]})" if name in pictures else f"{indent}{_escaped(alt)}"
        case outline.Rule():
            yield "---"


def _item(mark: str, item: Iterable[outline.Block], pictures: Mapping[str, str], indent: str) -> Iterator[str]:
    lines = [line for inner in item for line in _block(inner, pictures, "")]
    yield f"{indent}{mark} {lines[0] if lines else ''}".rstrip()
    yield from (f"{indent}{' ' * (len(mark) + 1)}{line}" for line in lines[1:])


def _table(table: outline.Table) -> Iterator[str]:
    """A table; one with more cells than Slack takes goes on as another with the same head."""
    width = len(table.head)
    step = max(1, CELLS // max(width, 1) - 1)
    head = [_row(table.head), f"|{'---|' * width}"]
    for start in range(0, max(len(table.rows), 1), step):
        yield from ([""] if start else [])
        yield from (*head, *(_row(row) for row in table.rows[start : start + step]))


def _row(cells: Iterable[outline.Spans]) -> str:
    return f"| {' | '.join(_line(cell) for cell in cells)} |"


def _line(spans: Iterable[outline.Span]) -> str:
    return "".join(_span(span) for span in spans).replace("\n", " ")


def _span(span: outline.Span) -> str:
    words = span.text
    if not words.strip():
        return words
    said = f"`{words}`" if span.code and "`" not in words else _escaped(words)
    for worn, mark in ((span.bold, "**"), (span.italic, "*"), (span.struck, "~~")):
        if worn:
            bare = said.strip()  # marks hold only where no space is within them
            said = said.replace(bare, f"{mark}{bare}{mark}", 1)
    return f"[{said}]({span.link.replace('(', '%28').replace(')', '%29')})" if span.link else said


def _escaped(words: str) -> str:
    return _SPECIAL.sub(r"\\\1", words.replace("\n", " "))
