"""Markdown as Notion's blocks, within its limits: 2,000 characters a text, 100 texts a block, 100 blocks a request."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from bot.contract import outline

TEXT, TEXTS, BLOCKS = 2_000, 100, 100
BYTES = 300_000  # of one request; Notion takes 500 KB
LINK = 2_000  # characters of an address
COLUMNS = 50  # ours
Json = dict[str, Any]


def of(markdown: str, pictures: Mapping[str, str]) -> list[Json]:
    """The blocks of a text; `pictures` are the ids of files sent to Notion, by name."""
    return [one for block in outline.read(markdown) for one in _block(block, pictures, 0)]


def batches(blocks: Sequence[Json]) -> Iterator[list[Json]]:
    """As many as one request may carry, in their order."""
    batch: list[Json] = []
    count = size = 0
    for block in blocks:
        weight, number = len(json.dumps(block)), 1 + _below(block)
        # A request may have 1,000 blocks in all, and 100 side by side.
        if batch and (len(batch) == BLOCKS or size + weight > BYTES or count + number > 900):
            yield batch
            batch, count, size = [], 0, 0
        batch.append(block)
        count, size = count + number, size + weight
    if batch:
        yield batch


def text(words: str) -> list[Json]:
    """Plain words as rich text."""
    return _texts((outline.Span(words),))


def block(kind: str, **inner: Any) -> Json:
    """One block of that kind."""
    return {"object": "block", "type": kind, kind: inner}


def _block(one: outline.Block, pictures: Mapping[str, str], depth: int) -> Iterator[Json]:
    match one:
        case outline.Heading(level, spans):
            yield block(f"heading_{min(level, 3)}", rich_text=_texts(spans))
        case outline.Paragraph(spans):
            yield from (block("paragraph", rich_text=some) for some in _many(spans))
        case outline.Listing(items, ordered, _):
            kind = "numbered_list_item" if ordered else "bulleted_list_item"
            for item in items:
                yield from _item(kind, item, pictures, depth)
        case outline.Quote(blocks):
            for inner in blocks:
                spans = inner.spans if isinstance(inner, outline.Paragraph | outline.Heading) else ()
                if spans:
                    yield from (block("quote", rich_text=some) for some in _many(spans))
                else:
                    yield from _block(inner, pictures, depth)
        case outline.Code(words):
            for some in _many((outline.Span(words),)):
                yield block("code", rich_text=some, language="plain text")
        case outline.Table():
            yield from _table(one)
        case outline.Figure(name, alt):
            yield _figure(pictures.get(name), alt)
        case outline.Rule():
            yield block("divider")


def _item(kind: str, item: Sequence[outline.Block], pictures: Mapping[str, str], depth: int) -> Iterator[Json]:
    """An item, what stands in it below it; deeper than Notion takes in one request, beside it."""
    first = item[0].spans if item and isinstance(item[0], outline.Paragraph) else ()
    rest = item[1:] if first else item
    below = [one for inner in rest for one in _block(inner, pictures, depth + 1)]
    texts = _texts(first)
    nests = depth < 1 and len(below) <= BLOCKS and not any(one["type"] == "table" for one in below)
    yield block(kind, rich_text=texts, **({"children": below} if below and nests else {}))
    if below and not nests:
        yield from below


def _table(one: outline.Table) -> Iterator[Json]:
    """A table; a long one goes on as another with the same head."""
    width = min(len(one.head), COLUMNS)
    head = _row(one.head[:width])
    step = BLOCKS - 1
    for start in range(0, max(len(one.rows), 1), step):
        rows = [_row(row[:width]) for row in one.rows[start : start + step]]
        yield block("table", table_width=width, has_column_header=True, has_row_header=False, children=[head, *rows])


def _row(cells: Iterable[outline.Spans]) -> Json:
    return block("table_row", cells=[_texts(cell) for cell in cells])


def _figure(upload: str | None, alt: str) -> Json:
    if upload is None:
        return block("paragraph", rich_text=text(f"[{alt}]"))
    return block("image", type="file_upload", file_upload={"id": upload}, caption=text(alt))


def _texts(spans: outline.Spans) -> list[Json]:
    """Rich text of one block; what does not fit is cut, and says so."""
    pieces = list(_pieces(spans))
    if len(pieces) > TEXTS:
        pieces = [*pieces[: TEXTS - 1], *_pieces((outline.Span(" …"),))]
    return pieces


def _many(spans: outline.Spans) -> Iterator[list[Json]]:
    """Rich text of as many blocks as it takes."""
    pieces = list(_pieces(spans))
    for start in range(0, max(len(pieces), 1), TEXTS):
        yield pieces[start : start + TEXTS]


def _pieces(spans: Iterable[outline.Span]) -> Iterator[Json]:
    for span in spans:
        looks = {"bold": span.bold, "italic": span.italic, "code": span.code, "strikethrough": span.struck}
        worn = {name: True for name, on in looks.items() if on}
        for start in range(0, len(span.text), TEXT // 2):  # Notion counts UTF-16, in which a sign may be two
            words: Json = {"content": span.text[start : start + TEXT // 2]}
            if span.link and len(span.link) <= LINK:
                words["link"] = {"url": span.link}
            yield {"type": "text", "text": words, **({"annotations": worn} if worn else {})}


def _below(one: Json) -> int:
    children = one[one["type"]].get("children", ())
    return sum(1 + _below(child) for child in children)
