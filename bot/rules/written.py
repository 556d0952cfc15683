"""What a person wrote, made fit to be kept: literally, but with an end."""

_UNKEPT = "\ufffd"  # what stands for a character that no database takes


def line(text: str, most: int) -> str:
    """`text` as one line of at most `most` characters, `…` at its end where it was longer."""
    return _cut(" ".join(_kept(text).split()), most)


def text(text: str, most: int) -> str:
    """`text` with its lines and spaces, without those around it; at most `most` characters, `…` where it was longer."""
    return _cut(_kept(text).strip(), most)


def _kept(text: str) -> str:
    """Without NUL, and without half of a surrogate pair, which is no UTF-8."""
    return text.replace("\0", _UNKEPT).encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1].rstrip()}…"
