"""The spans of one stretch of Markdown: words, styles, code and links, and how they are cut to a length."""

from collections import Counter
from collections.abc import Sequence

from markdown_it.token import Token

from bot.slack import links, visible
from bot.slack.pieces import Json

_STYLES = {"strong": "bold", "em": "italic", "s": "strike"}
MARK = 30  #: characters kept for the mark of a cut


def spans(tokens: Sequence[Token], *worn: str) -> list[Json]:
    """Text and link elements for the children of an inline token; `worn` are styles that all of them have."""
    drawn: list[Json] = []
    label: list[Json] = []
    href: str | None = None
    styles = Counter(worn)
    for token in tokens:
        name = token.type.rpartition("_")[0]
        if name in _STYLES:
            styles[_STYLES[name]] += token.nesting
        elif token.type == "link_open":
            href = str(token.attrs.get("href", ""))
        elif token.type == "link_close":
            _link(drawn, label, href or "", styles)
            href = None
            label.clear()
        else:
            style = styles + Counter(["code"]) if token.type == "code_inline" else styles
            join(drawn if href is None else label, _text(_words(token), style))
    return drawn


def _link(drawn: list[Json], label: list[Json], href: str, styles: Counter[str]) -> None:
    span = links.draw("".join(span["text"] for span in label), href)
    style = label[0].get("style", {}) if label else {}
    join(drawn, _text(span["text"], styles) if span["type"] == "text" else [span | ({"style": style} if style else {})])


def _text(text: str, styles: Counter[str]) -> list[Json]:
    style = {name: True for name, times in sorted(styles.items()) if times > 0}
    return [{"type": "text", "text": text} | ({"style": style} if style else {})] if text else []


def _words(token: Token) -> str:
    if token.type == "softbreak":
        return " "
    if token.type == "hardbreak":
        return "\n"
    if token.type == "image":
        return links.words(token.content or "picture", str(token.attrs.get("src", "")))
    return visible.clean(token.content) if token.type == "code_inline" else visible.words(token.content)


def join(drawn: list[Json], more: Sequence[Json]) -> list[Json]:
    """The same list with more spans behind it, look-alikes in one element."""
    for span in more:
        last = drawn[-1] if drawn else {}
        if span["type"] == last.get("type") == "text" and span.get("style") == last.get("style"):
            drawn[-1] = last | {"text": last["text"] + span["text"]}
        else:
            drawn.append(span)
    return drawn


def size(drawn: Sequence[Json]) -> int:
    """How much of a message spans take: their characters and, to be on the safe side, those of their addresses."""
    return sum(len(span["text"]) + len(span.get("url", "")) for span in drawn)


def cut(drawn: list[Json], most: int, elements: int, *, gone: int = 0) -> list[Json]:
    """Spans of at most `most` characters in at most `elements`; the last says how many are missing when some are.

    `gone` are characters that were left out before.
    """
    if size(drawn) <= most and len(drawn) <= elements and not gone:
        return drawn
    kept: list[Json] = []
    room = most - MARK
    for span in drawn[: elements - 1]:
        if size([span]) > room:
            if span["type"] == "text" and room > 0:
                kept.append(span | {"text": span["text"][:room]})
            break
        kept.append(span)
        room -= size([span])
    missing = sum(len(span["text"]) for span in drawn) - sum(len(span["text"]) for span in kept) + gone
    return join(kept, [{"type": "text", "text": f"… (+{missing} characters)"}])
