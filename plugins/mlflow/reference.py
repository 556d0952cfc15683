"""How the catalogue names what MLflow serves: an alias of a registered model, or of a prompt, which is one too."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from bot.contract import NotFound, Refused

PROMPT = "prompt"
MODEL = "registered_model"
_SHAPE = "Write ref: {registered_model: churn, alias: champion}, or {prompt: greeting, alias: production}."
_RESERVED = re.compile(r"latest|v\d+", re.ASCII | re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Reference:
    """One alias of one registered model."""

    name: str
    alias: str
    prompt: bool = False

    @property
    def what(self) -> str:
        """What people call it."""
        return f"the {'prompt' if self.prompt else 'model'} {self.name}"


def read(ref: Mapping[str, str]) -> Reference:
    """What the catalogue's `ref` names; Refused with how to write it."""
    kind = PROMPT if PROMPT in ref else MODEL
    name, alias = ref.get(kind, ""), ref.get("alias", "")
    if set(ref) != {kind, "alias"} or not name or not alias:
        raise Refused("The catalogue's `ref` names no alias of a registered model.", _SHAPE)
    if _RESERVED.fullmatch(alias):
        raise Refused(
            f"{alias} is no alias that can be moved: MLflow keeps that name for itself.",
            "Give the version that serves an alias such as champion, and load models:/NAME@champion.",
        )
    return Reference(name, alias, kind == PROMPT)


def version(said: object) -> str:
    """A version as MLflow writes it; NotFound where that is none, Refused where none is named."""
    words = str(said).strip() if isinstance(said, str | int) and not isinstance(said, bool) else ""
    if not words:
        raise Refused("No version is named.", "Name the version that shall serve.")
    if not (words.isascii() and words.isdecimal()):
        raise NotFound(f"There is no version {words[:40]!r}: MLflow numbers them.", "Name one such as 7.")
    return str(int(words[:18]))
