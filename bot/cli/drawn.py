"""Pictures that a command writes: where to, and in which form."""

import sys
from pathlib import Path
from typing import Literal

from bot.errors import BadInput


def form(target: Path) -> Literal["png", "svg"]:
    """By the end of its name; `-` is a PNG. BadInput for any other."""
    match target.suffix.lower():
        case ".svg":
            return "svg"
        case ".png":
            return "png"
    if str(target) == "-":
        return "png"
    raise BadInput(f"{str(target)!r} is no name of a picture.", "Let it end in .png or .svg.")


def write(target: Path, content: bytes) -> None:
    """To the file, or down a pipe where it is `-`; BadInput where it cannot be written."""
    if str(target) == "-":
        sys.stdout.buffer.write(content)
        return
    try:
        target.write_bytes(content)
    except OSError as error:
        raise BadInput(f"{target} cannot be written: {error.strerror}.", "Name another place with --to.") from None
