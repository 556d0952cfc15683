"""Markdown as one HTML page that needs nothing beside it: its pictures are within, and nothing in it can run or call.

HTML in the text is shown as it is written, links lead to http, https and mailto alone, and a picture that is not among
those given is shown as its words.
"""

import base64
import html
import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from markdown_it import MarkdownIt
from markdown_it.token import Token

#: Where the bot's own parts begin and end: of no use to whoever reads the page.
_MARK = re.compile(r"^[ \t]*<!-- ?/?tocsin\b[^\n]*?-->[ \t]*$\n?", re.MULTILINE)
_SCHEMES = frozenset({"http", "https", "mailto"})
#: Nothing is fetched, and no script runs, wherever the page is opened.
_POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
_STYLE = """\
:root { color-scheme: light dark; }
body { font: 16px/1.55 system-ui, sans-serif; max-width: 52rem; margin: 2rem auto; padding: 0 1rem; }
h1, h2, h3 { line-height: 1.25; margin: 2rem 0 .6rem; }
h2 { border-bottom: 1px solid #8885; padding-bottom: .2rem; }
img { max-width: 100%; height: auto; display: block; margin: 1rem 0; background: #fff; }
table { border-collapse: collapse; margin: 1rem 0; display: block; overflow-x: auto; }
th, td { border: 1px solid #8886; padding: .3rem .6rem; text-align: left; vertical-align: top; }
pre, code { font: .9em/1.45 ui-monospace, monospace; background: #8882; border-radius: 3px; }
code { padding: .1em .3em; overflow-wrap: anywhere; }
pre { padding: .7rem; overflow-x: auto; }
pre code { padding: 0; background: none; }
blockquote { border-left: 4px solid #8886; margin: 1rem 0; padding-left: 1rem; }
.absent { color: #777; font-style: italic; }
@media print {
  :root { color-scheme: light; }
  body { max-width: none; margin: 0; font-size: 11pt; }
  h1, h2, h3 { break-after: avoid; }
  img, tr, pre, blockquote { break-inside: avoid; }
  a[href^="http"]::after { content: " (" attr(href) ")"; font-size: .8em; overflow-wrap: anywhere; }
}"""


def bare(markdown: str) -> str:
    """The text without the marks around what the bot owns."""
    return _MARK.sub("", markdown)


def html_of(title: str, markdown: str, pictures: Mapping[str, bytes]) -> str:
    """The page; `pictures` are PNG by the name under which the Markdown has them. Never raises."""
    text = bare(markdown).encode("utf-8", "replace").decode().replace("\x00", "")
    body = _parser(pictures).render(text)
    named = html.escape(title.encode("utf-8", "replace").decode().replace("\x00", ""))
    return (
        '<!DOCTYPE html>\n<html>\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{html.escape(_POLICY)}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="referrer" content="no-referrer">\n'
        f"<title>{named}</title>\n<style>\n{_STYLE}\n</style>\n</head>\n<body>\n{body}</body>\n</html>\n"
    )


def _parser(pictures: Mapping[str, bytes]) -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False, "maxNesting": 60}).enable(["table", "strikethrough"])

    def picture(_: Any, tokens: Sequence[Token], at: int, *__: Any) -> str:
        """The picture itself, or its words in its place."""
        said = html.escape(tokens[at].content)
        png = pictures.get(str(tokens[at].attrs.get("src", "")))
        if png is None:
            return f'<span class="absent">[picture: {said}]</span>'
        return f'<img alt="{said}" src="data:image/png;base64,{base64.b64encode(png).decode()}">'

    def opened(_: Any, tokens: Sequence[Token], at: int, *__: Any) -> str:
        """A link, or the mere beginning of words where it may not lead there."""
        address = str(tokens[at].attrs.get("href", ""))
        if not _leads(address):
            return "<span>"
        return f'<a href="{html.escape(address)}" rel="noopener noreferrer nofollow">'

    def closed(_: Any, tokens: Sequence[Token], at: int, *__: Any) -> str:
        """The end of the link that was opened last: links do not stand within each other."""
        began = next(one for one in reversed(tokens[:at]) if one.type == "link_open")
        return "</a>" if _leads(str(began.attrs.get("href", ""))) else "</span>"

    for name, rule in (("image", picture), ("link_open", opened), ("link_close", closed)):
        parser.add_render_rule(name, rule)
    return parser


def _leads(address: str) -> bool:
    try:
        return urlsplit(address).scheme.lower() in _SCHEMES
    except ValueError:
        return False
