"""The page over all documents of a folder, newest first."""

import html
import json
from pathlib import Path
from typing import Any

from bot.contract import Document

_STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}"
    "table{border-collapse:collapse;width:100%}th,td{text-align:left;padding:.4rem .6rem;border-bottom:1px solid #8885}"
)
_HEAD = ("Postmortem", "Title", "Incident", "Entity", "Severity", "Changed (UTC)")


def row(document: Document) -> bytes:
    """What the page has to know of a document."""
    said = {
        "id": document.id,
        "title": document.title,
        "incident": document.incident,
        "entity": document.entity,
        "severity": document.labels.get("severity", ""),
        "at": f"{document.at:%Y-%m-%d %H:%M}",
        "version": document.version,
    }
    return json.dumps(said).encode()


def page(rows: Path) -> bytes:
    """The page of the rows in that folder; one that cannot be read is left out."""
    found = sorted(filter(None, map(_read, rows.glob("*.json"))), key=lambda one: (one["at"], one["id"]), reverse=True)
    lines = "\n".join(_line(one) for one in found)
    head = "".join(f"<th>{name}</th>" for name in _HEAD)
    text = (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<title>Postmortems</title>\n'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
        f"<style>{_STYLE}</style>\n</head>\n<body>\n<h1>Postmortems</h1>\n<table>\n<tr>{head}</tr>\n{lines}\n"
        "</table>\n</body>\n</html>\n"
    )
    return text.encode("utf-8", "replace")


def _line(one: dict[str, Any]) -> str:
    its = html.escape(one["id"])
    words = (one["title"], one["incident"], one["entity"], one["severity"], one["at"])
    return (
        f'<tr><td><a href="{its}.html">{its}</a></td>{"".join(f"<td>{html.escape(word)}</td>" for word in words)}</tr>'
    )


def _read(path: Path) -> dict[str, Any] | None:
    try:
        said = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return None
    names = ("id", "title", "incident", "entity", "severity", "at")
    good = isinstance(said, dict) and all(isinstance(said.get(name), str) for name in names)
    return said if good and said["id"] == path.stem else None
