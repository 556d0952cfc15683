"""Which columns a version wants, as the signature in its `MLmodel` file says."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from bot.contract import Unreadable, reading

MOST = 1_000  #: columns of a version
_INPUTS = re.compile(rb"^signature:[^\n]*\n(?:[ \t]+[^\n]*\n)*?[ \t]+inputs:\s*'((?:[^']|'')*)'", re.MULTILINE)
_FOLD = re.compile(rb"\s*\n\s*")  # YAML breaks long lines at a space


def read(described: bytes) -> Mapping[str, str]:
    """The columns that must be given, each with its type; empty where the file does not name every one of them."""
    found = _INPUTS.search(described)
    if found is None:
        return {}
    try:
        said = reading.loads(_FOLD.sub(b" ", found[1]).replace(b"''", b"'"))
    except Unreadable:
        return {}
    columns = [one for one in said if isinstance(one, dict)] if isinstance(said, list) else []
    if not isinstance(said, list) or len(columns) != len(said) or len(said) > MOST:
        return {}
    return _named(columns)


def _named(columns: Iterable[Mapping[str, Any]]) -> Mapping[str, str]:
    """Half of the columns would be a guess: one without a name or a type, and nothing is known."""
    wanted: dict[str, str] = {}
    for one in columns:
        if one.get("required") is False:
            continue
        tensor = one.get("tensor-spec")
        kind = tensor.get("dtype") if isinstance(tensor, dict) else one.get("type")
        name = one.get("name")
        if not all(isinstance(part, str) and 0 < len(part) <= reading.NAME for part in (name, kind)):
            return {}
        wanted[str(name)] = str(kind)
    return wanted
