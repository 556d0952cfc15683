"""The catalogue of words: whole in every language, used by the code, and short enough for what Slack shows it in."""

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from pathlib import Path

import pytest

from bot import words
from bot.slack import commands, pieces
from bot.words import ENGLISH, TURKISH, Words

ROOT = Path(__file__).resolve().parents[2] / "bot"
#: Said alike in both languages: nothing but names, numbers and marks, or a word that is the same.
ALIKE = re.compile(r"(?:\{[a-z_]+\}|[\W\d_]|SEV|INC|Tocsin|Slack|Home|n =|App)*")


def areas(w: Words) -> Iterator[tuple[str, object]]:
    """Each area of a language by name."""
    for each in fields(w):
        if is_dataclass(part := getattr(w, each.name)):
            yield each.name, part


def said(w: Words) -> dict[str, str]:
    """Every sentence of a language, by area.field or area.field.key."""
    found: dict[str, str] = {}
    for area, part in areas(w):
        for each in fields(part):  # type: ignore[arg-type]
            value = getattr(part, each.name)
            if isinstance(value, Mapping):
                found |= {f"{area}.{each.name}.{key}": text for key, text in value.items()}
            else:
                found[f"{area}.{each.name}"] = value
    return found


def placeholders(template: str) -> set[str]:
    """The names in a template."""
    return {name for _, name in words.split(template) if name is not None}


ENGLISH_SAID, TURKISH_SAID = said(ENGLISH), said(TURKISH)


def test_every_sentence_is_there_in_every_language() -> None:
    # The sentences of verdicts stand in the verdicts themselves in English.
    missing = {name for name in ENGLISH_SAID if name not in TURKISH_SAID}
    assert missing == set()
    alone = {name for name in TURKISH_SAID if name not in ENGLISH_SAID and not name.startswith("answer.verdicts.")}
    assert alone == set()


@pytest.mark.parametrize("name", sorted(ENGLISH_SAID))
def test_a_translation_has_the_same_placeholders(name: str) -> None:
    assert placeholders(TURKISH_SAID[name]) == placeholders(ENGLISH_SAID[name])


def test_nothing_was_forgotten_in_english() -> None:
    same = {name for name, text in ENGLISH_SAID.items() if TURKISH_SAID.get(name) == text}
    assert {name for name in same if not ALIKE.fullmatch(ENGLISH_SAID[name])} <= SAME


#: Words that are the same in both languages.
SAME: set[str] = {"form.model", "form.agent", "home.tier"}


def test_no_sentence_is_empty_or_breaks_a_line_of_its_own() -> None:
    for name, text in (ENGLISH_SAID | TURKISH_SAID).items():
        assert text.strip(), name
        assert "\N{OBJECT REPLACEMENT CHARACTER}" not in text, name


def test_every_sentence_is_used() -> None:
    used = {name for path in ROOT.rglob("*.py") if path.parent.name != "words" for name in _names(path)}
    fields_of = {name.split(".")[1] for name in ENGLISH_SAID}
    composed = tuple(name for name in used if name.endswith("_") and len(name) > 2)  # as in f"do_{verb}"
    assert {name for name in fields_of if name not in used and not name.startswith(composed)} == set()


def _names(path: Path) -> Iterator[str]:
    """Every attribute and every string of a file: a field is read by either."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Attribute):
            yield node.attr
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


@pytest.mark.parametrize("w", words.LANGUAGES.values(), ids=words.LANGUAGES.keys())
def test_each_order_has_its_help_and_its_button(w: Words) -> None:
    for command in commands.TABLE:
        assert w.talk.help[command.name]
        assert 0 < len(commands.label(command, w)) <= pieces.BUTTON
    assert set(w.talk.help) == set(commands.COMMANDS)
    assert set(w.talk.labels) <= set(commands.COMMANDS)


@pytest.mark.parametrize(
    ("asked", "language"),
    [("tr", "tr"), ("tr-TR", "tr"), ("TR_tr", "tr"), ("en-GB", "en"), ("de-DE", "en"), ("", "en"), (None, "en")],
)
def test_a_locale_leads_to_a_language_we_speak(asked: str | None, language: str) -> None:
    assert words.of(asked).language == language


def test_a_template_takes_its_parts_as_they_are() -> None:
    assert words.fill("Held by {who} ({tier})", who="{tier}", tier="L1") == "Held by {tier} (L1)"
    with pytest.raises(KeyError):
        words.fill("Held by {who}", tier="L1")


def test_labels_carry_no_emoji() -> None:
    for name, text in (ENGLISH_SAID | TURKISH_SAID).items():
        assert not re.search(r":[a-z_]+:|[\u2600-\u27bf\U0001f000-\U0001faff]", text), name
