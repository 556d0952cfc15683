"""A Slack message as a box in a terminal: pure, line by line, every word of it made harmless."""

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from bot.cli import say

Json = dict[str, Any]
NARROWEST, WIDEST = 40, 96


def message(blocks: Sequence[Json], title: str, names: Mapping[str, str], width: int) -> list[str]:
    """The box, `title` in its frame; `names` says whom ids mean; every line is `width` columns at most."""
    inside = min(max(width, NARROWEST), WIDEST) - 4
    top = f"─ {say.harmless(title)[: inside - 4]} "
    lines = [wrapped for block in blocks for line in _block(block, names) for wrapped in _wrap(line, inside)]
    body = [f"│ {line.ljust(inside)} │" for line in lines]
    return [f"╭{top.ljust(inside + 2, '─')}╮", *body, f"╰{'─' * (inside + 2)}╯"]


def _wrap(line: str, width: int) -> list[str]:
    return textwrap.wrap(say.harmless(line), width, break_on_hyphens=False) or [""]


def _block(block: Json, names: Mapping[str, str]) -> Iterator[str]:
    match block.get("type"):
        case "header" | "section":
            yield str(block.get("text", {}).get("text", ""))
        case "rich_text":
            for section in block.get("elements", []):
                yield from "".join(_span(span, names) for span in section.get("elements", [])).split("\n")
        case "context":
            yield "  ".join(str(one.get("text", "")) for one in block.get("elements", []))
        case "actions":
            yield "  ".join(f"[ {one['text']['text']} ]" for one in block.get("elements", []) if "text" in one)
        case "divider":
            yield ""


def _span(span: Json, names: Mapping[str, str]) -> str:
    match span.get("type"):
        case "user":
            return f"@{names.get(span['user_id'], span['user_id'])}"
        case "channel":
            return f"#{names.get(span['channel_id'], span['channel_id'])}"
        case "date":
            return clock(datetime.fromtimestamp(span["timestamp"], UTC))
        case "link":
            return str(span.get("text") or span.get("url", ""))
        case _:
            return str(span.get("text", ""))


def hanging(head: str, text: str, width: int) -> list[str]:
    """`head` with `text` behind it, wrapped so that what follows stands under the text."""
    room = max(width - len(head), NARROWEST // 2)
    first, *rest = _wrap(text, room)
    return [f"{head}{first}".rstrip(), *(f"{' ' * len(head)}{line}" for line in rest)]


def clock(at: datetime) -> str:
    """The time of day in this machine's zone, to the second."""
    return at.astimezone().strftime("%H:%M:%S")
