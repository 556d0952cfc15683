"""Alerts: the newest episode of each problem, counted, closed and superseded."""

from datetime import timedelta

import pytest

from bot.errors import Conflict
from bot.model.alert import Alert, KeptAlert, Kind, Measure, Status
from bot.store import Store, alerts, incidents
from tests.store import made
from tests.store.made import SOON, START


@pytest.fixture
async def kept(store: Store) -> Store:
    """A store with two incidents, to which alerts may belong."""
    await store.write(lambda tx: incidents.add(tx, [made.incident(1), made.incident(2)]))
    return store


async def add(store: Store, *new: Alert, supersede: tuple[str, ...] = (), to: str = "INC-1", at=START) -> None:
    await store.write(lambda tx: alerts.add(tx, [(alert, to, True) for alert in new], supersede, at))


async def latest(store: Store, *problems: str) -> dict[str, alerts.Episode]:
    return await store.read(lambda tx: alerts.latest(tx, problems))


async def of(store: Store, incident: str = "INC-1", limit: int = 20) -> list[KeptAlert]:
    return await store.read(lambda tx: alerts.of(tx, incident, limit))


FULL = made.alert(
    "Zürich/\u2028/'",
    kind=Kind.SAFETY,
    title="t" * 5000,
    started_inferred=True,
    ended_at=START + SOON,
    model="churn",
    version="7",
    environment="production",
    entity="retail",
    severity="critical",
    summary="a\nb",
    measures=(
        Measure("psi", 0.31, 0.2, ">", 0.1, 5000, "1h", "age", "country=TR", True),
        Measure("auc", value=0.0, breached=False),
        Measure("bare"),
    ),
    labels={"a": "1", "": "", r"\u0000": r"\u0000"},
    links=("https://example.com/a?b=c&d",),
)


@pytest.mark.parametrize("alert", [FULL, made.alert(title="")], ids=["full", "bare"])
async def test_an_alert_comes_back_as_it_was_said(kept: Store, alert: Alert) -> None:
    await add(kept, alert)
    (back,) = await of(kept)
    assert back == KeptAlert(alert, Status.FIRING, 0, START, START, alert.ended_at)


async def test_the_newest_episode_of_each_problem_is_known(kept: Store) -> None:
    await add(kept, made.alert("a"), made.alert("b"))
    await add(kept, made.alert("a", minute=5), supersede=("a",), to="INC-2")
    found = await latest(kept, "a", "b", "unknown")
    assert {p: (e.started_at, e.incident_id, e.status) for p, e in found.items()} == {
        "a": (START + 5 * SOON, "INC-2", Status.FIRING),
        "b": (START, "INC-1", Status.FIRING),
    }
    assert await latest(kept) == {}


async def test_many_problems_are_found_in_one_question(kept: Store) -> None:
    await add(kept, *(made.alert(f"p{n}") for n in range(1203)))
    assert len(await latest(kept, *(f"p{n}" for n in range(2000)))) == 1203


async def test_an_episode_that_is_superseded_is_over(kept: Store) -> None:
    await add(kept, made.alert("a"))
    await add(kept, made.alert("a", minute=5), supersede=("a",), at=START + 6 * SOON)
    new, old = await of(kept)
    assert (new.status, new.alert.started_at, new.ended_at) == (Status.FIRING, START + 5 * SOON, None)
    assert (old.status, old.alert.started_at, old.ended_at) == (Status.RESOLVED, START, START + 6 * SOON)


async def test_an_episode_that_ended_keeps_its_end_when_it_is_superseded(kept: Store) -> None:
    await add(kept, made.alert("a"))
    await kept.write(lambda tx: alerts.resolve(tx, {"a": START + SOON}, START + 2 * SOON))
    await add(kept, made.alert("a", minute=5), supersede=("a",), at=START + 6 * SOON)
    assert (await of(kept))[1].ended_at == START + SOON


async def test_one_problem_has_one_newest_episode(kept: Store) -> None:
    await add(kept, made.alert("a"))
    with pytest.raises(Conflict):
        await add(kept, made.alert("a", minute=5))
    assert len(await of(kept)) == 1


async def test_an_alert_needs_its_incident(kept: Store) -> None:
    with pytest.raises(Conflict):
        await add(kept, made.alert("a"), to="INC-99")


async def test_repeats_are_counted(kept: Store) -> None:
    await add(kept, made.alert("a"), made.alert("b"))
    ids = {problem: episode.id for problem, episode in (await latest(kept, "a", "b")).items()}
    await kept.write(lambda tx: alerts.repeat(tx, {ids["a"]: 3}, START + SOON))
    await kept.write(lambda tx: alerts.repeat(tx, {ids["a"]: 1, ids["b"]: 1}, START + 2 * SOON))
    await kept.write(lambda tx: alerts.repeat(tx, {}, START))
    assert {each.alert.problem: (each.repeats, each.last_seen_at) for each in await of(kept)} == {
        "a": (4, START + 2 * SOON),
        "b": (1, START + 2 * SOON),
    }


async def test_a_resolve_closes_the_newest_episode_alone(kept: Store) -> None:
    await add(kept, made.alert("a"), made.alert("b"))
    await add(kept, made.alert("a", minute=5), supersede=("a",), at=START + 5 * SOON)
    await kept.write(lambda tx: alerts.resolve(tx, {"a": START + 7 * SOON, "unknown": START}, START + 8 * SOON))
    episode = (await latest(kept, "a"))["a"]
    assert (episode.status, episode.started_at) == (Status.RESOLVED, START + 5 * SOON)
    ends = {each.alert.started_at: each.ended_at for each in await of(kept) if each.alert.problem == "a"}
    assert ends == {START: START + 5 * SOON, START + 5 * SOON: START + 7 * SOON}


async def test_firing_ones_come_first_then_the_newest(kept: Store) -> None:
    await add(kept, *(made.alert(name) for name in "abcd"))
    await add(kept, made.alert("elsewhere"), to="INC-2")
    await kept.write(lambda tx: alerts.resolve(tx, {"d": START, "b": START}, START))
    assert [each.alert.problem for each in await of(kept)] == ["c", "a", "d", "b"]
    assert [each.alert.problem for each in await of(kept, limit=1)] == ["c"]
    assert await of(kept, "INC-3") == []


async def test_a_moment_is_kept_to_the_microsecond(kept: Store) -> None:
    at = START + timedelta(microseconds=123457)
    await add(kept, made.alert("a", started_at=at))
    assert (await latest(kept, "a"))["a"].started_at == at


async def test_an_episode_that_was_over_before_it_was_written_is_not_the_newest(kept: Store) -> None:
    new = [(made.alert("a"), "INC-1", False), (made.alert("a", minute=5), "INC-1", True)]
    await kept.write(lambda tx: alerts.add(tx, new, (), START))
    assert (await latest(kept, "a"))["a"].started_at == START + 5 * SOON
    assert [(each.status, each.alert.started_at) for each in await of(kept)] == [
        (Status.FIRING, START + 5 * SOON),
        (Status.RESOLVED, START),
    ]
