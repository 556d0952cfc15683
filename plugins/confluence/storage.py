"""A document in Confluence's storage format: XHTML of which every word is escaped, between two marks of ours.

What people write above the first mark or below the second one stays.
"""

import html
import re
from collections.abc import Iterable, Iterator, Mapping

from bot.contract import Document, outline

LIMIT = 1_500_000  #: characters of a body; Confluence takes a little more
_BAD = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # what no XML may hold


def part(document: Document) -> str:
    """Our part of the page, its marks included; what is too long is cut, and says so."""
    names = {picture.name: picture.alt for picture in document.pictures}
    drawn, size = [], 0
    for block in outline.read(document.markdown):
        piece = _block(block, names)
        size += len(piece)
        if size > LIMIT:
            drawn.append("<p><em>The rest is too long for a page: see Tocsin.</em></p>")
            break
        drawn.append(piece)
    return f"{_mark(document.id)}</p>{''.join(drawn)}<p>{_mark(f'{document.id}-end')}"


def new(document: Document) -> str:
    """The body of a new page."""
    return f"<p>{part(document)}</p>"


def renewed(document: Document, body: str) -> str | None:
    """The page's body with our part in its newest version; None where our marks are gone."""
    first, last = _marked(document.id, body), _marked(f"{document.id}-end", body)
    if first is None or last is None or first.start() > last.start():
        return None
    return f"{body[: first.start()]}{part(document)}{body[last.end() :]}"


def ours(document_id: str, body: str) -> bool:
    """Whether a page was made for this document."""
    return _marked(document_id, body) is not None


def _mark(name: str) -> str:
    """An anchor, which nobody sees."""
    return (
        '<ac:structured-macro ac:name="anchor" ac:schema-version="1">'
        f'<ac:parameter ac:name="">tocsin-{name}</ac:parameter></ac:structured-macro>'
    )


def _marked(name: str, body: str) -> re.Match[str] | None:
    """The mark, however Confluence has written it down."""
    macro = r'<ac:structured-macro\b[^>]*\bac:name="anchor"[^>]*>\s*<ac:parameter\s+ac:name=""\s*>\s*'
    return re.search(rf"{macro}tocsin-{re.escape(name)}\s*</ac:parameter>\s*</ac:structured-macro>", body)


def _block(block: outline.Block, names: Mapping[str, str]) -> str:
    match block:
        case outline.Heading(level, spans):
            return f"<h{level}>{_spans(spans)}</h{level}>"
        case outline.Paragraph(spans):
            return f"<p>{_spans(spans)}</p>"
        case outline.Listing(items, ordered, start):
            tag = "ol" if ordered else "ul"
            begins = f' start="{start}"' if ordered and start != 1 else ""
            inner = "".join(f"<li>{_blocks(item, names) or '<p></p>'}</li>" for item in items)
            return f"<{tag}{begins}>{inner}</{tag}>"
        case outline.Quote(blocks):
            return f"<blockquote>{_blocks(blocks, names)}</blockquote>"
        case outline.Code(text):
            return f"<pre>{_text(text)}</pre>"
        case outline.Table(head, rows):
            return f"<table><tbody>{_row(head, 'th')}{''.join(_row(row, 'td') for row in rows)}</tbody></table>"
        case outline.Figure(name, alt):
            return _figure(name, names.get(name) or alt) if name in names else f"<p><em>[{_text(alt)}]</em></p>"
    return "<hr />"


def _blocks(blocks: Iterable[outline.Block], names: Mapping[str, str]) -> str:
    return "".join(_block(block, names) for block in blocks)


def _figure(name: str, alt: str) -> str:
    return f'<p><ac:image ac:alt="{_text(alt)}"><ri:attachment ri:filename="{_text(name)}" /></ac:image></p>'


def _row(cells: Iterable[outline.Spans], tag: str) -> str:
    return f"<tr>{''.join(f'<{tag}><p>{_spans(cell)}</p></{tag}>' for cell in cells)}</tr>"


def _spans(spans: Iterable[outline.Span]) -> str:
    return "".join(_looks(spans))


def _looks(spans: Iterable[outline.Span]) -> Iterator[str]:
    for span in spans:
        said = _text(span.text).replace("\n", "<br />")
        for worn, tag in ((span.code, "code"), (span.bold, "strong"), (span.italic, "em"), (span.struck, "del")):
            said = f"<{tag}>{said}</{tag}>" if worn else said
        yield f'<a href="{_text(span.link)}">{said}</a>' if span.link else said


def _text(words: str) -> str:
    return html.escape(_BAD.sub("\ufffd", words))
