"""The last line of a document kept as a file: by it anybody sees whether people have changed what Tocsin wrote."""

import hashlib
import re

from bot.contract.exporter import Document

_LINE = re.compile(r"<!-- Written by Tocsin: (?P<id>[A-Za-z0-9-]+), version \d+, sha256 (?P<sum>[0-9a-f]{64}) -->\n?")


def stamped(document: Document, markdown: str) -> str:
    """The text with the line below it; a second one in the text itself changes nothing."""
    text = markdown.replace("\r\n", "\n").replace("\r", "\n").rstrip("\n") + "\n"
    line = f"<!-- Written by Tocsin: {document.id}, version {document.version}, sha256 {_sum(text)} -->\n"
    return f"{text}\n{line}"


def untouched(text: str, document_id: str) -> bool:
    """True when the text is a version of this document as Tocsin wrote it, to the letter."""
    above, gap, line = text.rpartition("\n\n")
    found = _LINE.fullmatch(line)
    if not gap or found is None or found["id"] != document_id:
        return False
    return found["sum"] == _sum(f"{above}\n")


def beside(document: Document, folder: str) -> str:
    """The document's Markdown, its pictures named as those of a folder beside it."""
    text = document.markdown
    for picture in document.pictures:
        text = text.replace(f"]({picture.name})", f"]({folder}/{picture.name})")
    return text


def _sum(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()
