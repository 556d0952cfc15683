"""Posts in the form of Slack's incoming webhooks: read as a person would read them, answered as Slack does."""

import dataclasses
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote_plus

import pytest

from bot.contract import Alert, Context, Health, NotAuthentic, Request, Status, Taken, TooLarge, Unreadable
from bot.errors import StoreDown, TocsinError
from bot.testing import conformance, hostile
from plugins import slackhook
from plugins.slackhook import markup

SAMPLES = Path(slackhook.__file__).parent / "samples"
NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


def source(**options: Any) -> slackhook.Slackhook:
    return slackhook.Slackhook(slackhook.SlackhookSettings.model_validate(options), Context("chat"))


def request(body: object, key: str | None = None) -> Request:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Request(raw, NOW, params={} if key is None else {"team": "T0", "bot": "B0", "key": key})


def read(body: object, **options: Any) -> Alert:
    (alert,) = source(**options).parse(request(body)).alerts
    return alert


def answered(body: object, outcome: Taken | TocsinError) -> tuple[int, bytes]:
    answer = source(secret="k3y").answer(request(body, "k3y"), outcome)
    return answer.status, answer.body


async def test_it_keeps_the_contract() -> None:
    def in_the_path(asked: Request, key: str) -> Request:
        return dataclasses.replace(asked, params={**asked.params, "key": key})

    await conformance.conforms(slackhook.plugin, SAMPLES, prove_at=in_the_path)


def test_a_form_says_the_same_as_json() -> None:
    body = json.dumps({"text": "Latency of price + fraud is 80% up"})
    form = b"payload=" + quote_plus(body).encode()
    assert read(form) == read(body.encode())


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [
        ("PSI of tenure is 0.31", "PSI of tenure is 0.44", True),
        ("[FIRING:1] Drift (1 alert)", "[FIRING:12] Drift (12 alerts)", True),
        ("Job failed at 2026-11-23 03:38:01", "Job failed at 2026-11-24 04:00:59", True),
        ("Run 0d3f2c1a failed: 27 % null", "Run 77ab01cd failed: 3.5% null", True),
        ("accuracy of churn fell to 0.8", "accuracy of fraud fell to 0.8", False),
        ("p95 of price is high", "p99 of price is high", False),
        ("gpt-2 is slow", "gpt-3 is slow", False),
        ("model v7 is off", "model v8 is off", False),
        ("1 2", "3 4", False),
    ],
)
def test_a_problem_stays_the_same_while_its_numbers_move(first: str, second: str, same: bool) -> None:
    assert (read({"text": first}).problem == read({"text": second}).problem) is same


def test_the_models_of_one_title_are_two_problems() -> None:
    one, other = ({"text": "Drift", "attachments": [{"fields": [{"title": "Model", "value": m}]}]} for m in "ab")
    assert read(one).problem != read(other).problem


@pytest.mark.parametrize(
    ("message", "status"),
    [
        ({"text": "[RESOLVED] Drift"}, Status.RESOLVED),
        ({"text": "[FIRING:1, RESOLVED:2] Drift"}, Status.FIRING),
        ({"text": "[No Data] Drift"}, Status.NO_DATA),
        ({"text": ":white_check_mark: *Recovered*: Drift"}, Status.RESOLVED),
        ({"text": "Resolved the wrong host name"}, Status.FIRING),
        ({"text": "Drift", "attachments": [{"color": "good", "text": "a"}]}, Status.RESOLVED),
        ({"text": "Drift", "attachments": [{"color": "#2EB67D", "text": "a"}]}, Status.RESOLVED),
        ({"text": "Drift", "attachments": [{"color": "#E01E5A", "text": "a"}]}, Status.FIRING),
        ({"text": "Drift", "attachments": [{"color": "good"}, {"color": "danger"}]}, Status.FIRING),
        ({"text": "[FIRING:1] Drift", "attachments": [{"color": "good"}]}, Status.FIRING),
        ({"text": "Drift"}, Status.FIRING),
    ],
)
def test_marks_go_before_colours_and_colours_before_nothing(message: object, status: Status) -> None:
    assert read(message).status is status


def test_a_colour_of_ones_own_may_say_that_it_is_over() -> None:
    body = {"text": "Drift", "attachments": [{"color": "#439FE0", "text": "a"}]}
    assert read(body).status is Status.FIRING
    assert read(body, resolved_colours=["#439fe0"]).status is Status.RESOLVED


def test_slacks_markup_is_read_as_people_read_it() -> None:
    text, links = markup.plain("<!here> <@U1|ada> &lt;b&gt; <https://e.example/?a=1&amp;b=2|the run> <#C1|ml> <x")
    assert text == "@here @ada <b> the run #ml <x"
    assert links == ["https://e.example/?a=1&b=2"]


@pytest.mark.parametrize(
    ("body", "word"),
    [
        (b"{", b"invalid_payload"),
        (b"payload=", b"invalid_payload"),
        (b"payload=%7B", b"invalid_payload"),
        (b"payload=1&payload=2", b"invalid_payload"),
        ([], b"invalid_payload"),
        ({}, b"no_text"),
        ({"text": ":fire:"}, b"no_text"),
        ({"attachments": "x"}, b"invalid_payload"),
        ({"attachments": [{}] * 101}, b"too_many_attachments"),
        ({"blocks": [{}] * 51}, b"invalid_blocks"),
    ],
)
def test_what_slack_refuses_is_refused_in_its_words(body: object, word: bytes) -> None:
    with pytest.raises(Unreadable) as caught:
        source().parse(request(body))
    assert answered(body, caught.value) == (400, word)
    assert answered(body, Taken(letter="dl-1", why=str(caught.value))) == (400, word)


def test_every_outcome_has_slacks_answer() -> None:
    body = {"text": "Drift"}
    assert answered(body, Taken(new=1)) == (200, b"ok")
    assert answered(body, NotAuthentic("Wrong.")) == (403, b"invalid_token")
    assert answered(body, TooLarge("Over.")) == (413, b"payload_too_large")
    assert answered(body, StoreDown("Away.")) == (503, b"service_unavailable")


def test_the_key_is_the_last_part_of_the_address() -> None:
    locked = source(secret="k3y")
    locked.authenticate(request({}, "k3y"))
    assert locked.mine(request({}, "k3y"))
    for wrong in ("", "k3", "k3y ", "K3Y"):
        assert not locked.mine(request({}, wrong))
        with pytest.raises(NotAuthentic) as caught:
            locked.authenticate(request({}, wrong))
        assert "k3y" not in str(caught.value)


async def test_without_a_secret_nobody_can_post_there_and_the_check_says_so() -> None:
    assert not source().mine(request({}, ""))
    (row,) = await source().check()
    assert (row.health, "/services/" in row.do) == (Health.MISSING, True)


def test_hostile_messages_stay_quick_and_short() -> None:
    deep: Any = {"type": "text", "text": "x"}
    for _ in range(60):
        deep = {"type": "rich_text_section", "elements": [deep]}
    bodies = [
        {"text": "<" * 200_000},
        {"text": "[" * 200_000},
        {"text": "1" * 200_000},
        {"text": "a " + "0.1," * 60_000},
        {"text": "a" + "*_~`" * 60_000},
        {"text": "a\n" + "@b " * 60_000},
        {"text": "a", "blocks": [{"type": "rich_text", "elements": [deep]}] * 50},
        {"text": "a", "attachments": [{"fields": [{"title": "x" * 5000, "value": "y" * 5000}] * 30}] * 10},
    ]
    for body in bodies:
        try:
            alert = read(body)
        except Unreadable:
            continue
        assert (len(alert.title) <= 300, len(alert.summary) <= 2000, len(alert.problem) <= 512) == (True,) * 3


def test_the_secret_of_the_suite_is_no_key_of_another() -> None:
    assert not source(secret="k3y").mine(request({}, hostile.SECRET))
