"""How far a fault has reached and the legal hold, as the card says them: in both languages, literally, and valid."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot import words
from bot.model.blast import Blast
from bot.model.freeze import LegalHold
from bot.slack import cards, reached, validate
from bot.slack.pieces import Message
from tests.unit import seen
from tests.unit.seen import NOW
from tests.unit.test_cards import shown

EN, TR = words.ENGLISH, words.TURKISH
SINCE = NOW - timedelta(hours=2)
BLAST = Blast(SINCE, NOW, 12_400, "access log", ("eu",), ("age", "tenure"), ("retail",), {"eu": 9_000})
HOLD = LegalHold("INC-7", "person:cy", "the auditors asked for it", SINCE)
HOSTILE = "<!channel> <https://evil|here> *b* \u202e\n@here {x}"


def said(w: words.Words = EN, blast: Blast | None = BLAST, hold: LegalHold | None = None) -> str:
    """The lines of a card with these."""
    return shown(Message("", tuple(reached.lines(replace(seen.view(), blast=blast, hold=hold), w))))


def test_the_number_is_an_estimate_and_says_so() -> None:
    assert said() == "About 12,400 predictions since 2026-11-23 01:40 UTC (estimate), segment eu, feature age, tenure"
    assert said(TR) == (
        "2026-11-23 01:40 UTC zamanından beri yaklaşık 12.400 tahmin (kestirim), dilim: eu, özellik: age, tenure"
    )


def test_what_is_unknown_is_said_to_be() -> None:
    unknown = replace(BLAST, predictions=None, how="no traffic log", features=())
    text = "How many predictions since 2026-11-23 01:40 UTC is not known, segment eu: no traffic log"
    assert said(blast=unknown) == text
    assert said(blast=replace(unknown, how="")).endswith(": the platform does not say")


def test_many_names_are_counted_and_several_entities_told() -> None:
    wide = replace(BLAST, segments=tuple("abcdef"), features=(), entities=("retail", "market"))
    assert said(blast=wide).endswith(", segment a, b, c and 3 more, entities retail, market")


def test_a_legal_hold_is_on_the_card() -> None:
    text = "INC-7 is under legal hold since 2026-11-23 01:40 UTC by cy, so nothing is changed before it is lifted: "
    assert said(blast=None, hold=HOLD) == f"{text}the auditors asked for it"
    assert "hukuki koruma altında (cy)" in said(TR, None, HOLD)


def test_without_either_the_card_is_as_it_was() -> None:
    assert reached.lines(seen.view(), EN) == []


@pytest.mark.parametrize("w", [EN, TR], ids=["en", "tr"])
def test_hostile_words_stay_words(w: words.Words) -> None:
    blast = replace(BLAST, predictions=None, how=HOSTILE, segments=(HOSTILE,) * 2, features=(HOSTILE * 50,))
    drawn = cards.incident_card(replace(seen.view(), blast=blast, hold=replace(HOLD, why=HOSTILE)), NOW, w)
    assert validate.validate(drawn.payload(), "message") == []
    kinds = {span["type"] for block in reached.lines(replace(seen.view(), blast=blast), w) for span in _spans(block)}
    assert kinds == {"text", "date"}


def _spans(block: dict[str, object]) -> list[dict[str, str]]:
    return [span for part in block["elements"] for span in part["elements"]]  # type: ignore[attr-defined]
