"""Puts the environment into the text of the configuration: `${NAME}` and `${NAME:-default}`."""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from bot.documents import Document
from bot.errors import BadConfig

_NAMED = re.compile(
    r"\$\$\{|\$\{(?P<name>[A-Za-z_][A-Za-z0-9_]*)(?P<otherwise>:-(?P<default>[^}]*))?\}|(?P<wrong>\$\{)"
)


def expand(document: Document, env: Mapping[str, str]) -> tuple[Document, list[BadConfig]]:
    """The document with every `${NAME}` in its values filled in, and a complaint for each that is not there.

    `$${` stands for `${` itself. An empty variable counts as missing, or an empty secret would let everybody in.
    What is filled in is never read as YAML.
    """
    complaints: list[BadConfig] = []

    def filled(value: Any, *path: str | int) -> Any:
        if isinstance(value, dict):
            return {key: filled(inner, *path, key) for key, inner in value.items()}
        if isinstance(value, list):
            return [filled(inner, *path, index) for index, inner in enumerate(value)]
        if not isinstance(value, str):
            return value

        def one(found: re.Match[str]) -> str:
            if found["wrong"]:
                do = "Write ${NAME} or ${NAME:-default}; $${ stands for ${ itself."
                complaints.append(document.wrong("A `${` here is not closed or names no variable.", do, *path))
            name = found["name"]
            if not name:
                return "${"
            if text := env.get(name) or found["default"] or "":
                return text
            if not found["otherwise"]:
                do = f"Set it, or write ${{{name}:-default}}."
                complaints.append(document.wrong(f"The environment has no {name}.", do, *path))
            return ""

        return _NAMED.sub(one, value)

    return replace(document, data=filled(document.data)), complaints
