"""Channel topics say who is on call; what people wrote there stays, and what Slack refuses is said once."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot import ticker, words
from bot.model.entry import Sealed
from bot.model.rota import Amendment, Every, Holder, Layer, Override, Rota, Shift, Unit
from bot.slack import topics
from bot.store import log, posts
from tests.slack.room import START, Room

LAYER = Layer("hourly", datetime(2026, 11, 23), Every(1, Unit.HOUR), ("bo", "ada"))  # ada is on call from three to four
FOUR = datetime(2026, 11, 23, 4, tzinfo=UTC)
SET, INFO = "conversations.setTopic", "conversations.info"
ADA = "On call for first-line: ada until 2026-11-23 04:00 UTC"
BO = "On call for first-line: bo until 2026-11-23 05:00 UTC"


def configure(room: Room, channel: str = "#ml-retail", *, language: str = "en", **rota: object) -> None:
    """The topic says who has first-line, in which Ada and Bo take turns by the hour."""
    own = room.desk.settings
    hourly = replace(Rota("first-line", "UTC", (LAYER,)), **rota)  # type: ignore[arg-type]
    slack = replace(own.slack, topics={"first-line": channel}, language=language)
    room.desk.settings = replace(own, slack=slack, rotas={"first-line": hourly})


async def tick(room: Room, minutes: int = 1) -> None:
    """The time door rings, and what it asked for is done at the next full minute; so many times."""
    for _ in range(minutes):
        now, titled = room.clock.now(), room.desk.settings.slack.topics
        await room.desk.store.write(lambda tx, now=now, titled=titled: ticker.recur(tx, now, titled=titled))  # type: ignore[misc]
        await room.settle(60)


def topic(room: Room, channel: str = "#ml-retail") -> str:
    """What stands on top of the channel."""
    return room.ws.channel(channel).topic


def by_hand(room: Room, said: str, channel: str = "#ml-retail") -> None:
    """Somebody else writes the topic."""
    room.ws.channel(channel).topic = said


async def synced(room: Room) -> list[Sealed]:
    """What the log says of the rota's topic."""
    found = await room.desk.store.read(lambda tx: log.of(tx.sql, "rota:first-line", 100))
    return [one for one in found if one.entry.kind == "topic.synced"]


def told(room: Room) -> list[str]:
    """What everybody was told."""
    return [message.text for message in room.ws.messages("#ml-oncall")]


async def test_the_topic_says_who_is_on_call_and_the_log_says_why(room: Room) -> None:
    configure(room)
    await tick(room)
    assert topic(room) == ADA
    (one,) = await synced(room)
    assert (one.entry.before, one.entry.after) == ({"topic": ""}, {"topic": ADA})
    assert "ada's turn" in one.entry.why
    assert told(room) == []


async def test_it_follows_the_shift_at_the_instant_it_changes(room: Room) -> None:
    configure(room)
    await tick(room)
    await room.clock.advance(FOUR - timedelta(seconds=1) - room.clock.now())
    await room.worker.drain()
    assert topic(room) == ADA
    await room.settle(1)
    assert topic(room) == BO


async def test_an_override_and_a_gap_are_told(room: Room) -> None:
    configure(room)
    override = Override("o1", "first-line", Amendment.COVER, START, START + timedelta(minutes=10), "cy")
    room.desk.settings = replace(room.desk.settings, overrides=(override,))
    await tick(room)
    assert topic(room) == "On call for first-line: ada, cy until 2026-11-23 03:48 UTC"
    absence = Override("o2", "first-line", Amendment.ABSENCE, START, FOUR, "ada")
    room.desk.settings = replace(room.desk.settings, overrides=(absence,))
    await tick(room)
    assert topic(room) == "Nobody is on call for first-line until 2026-11-23 04:00 UTC"


async def test_what_people_wrote_before_and_after_stays(room: Room) -> None:
    by_hand(room, "Churn & friends | wiki: go/churn")
    configure(room)
    await tick(room)
    assert topic(room) == f"{ADA} | Churn & friends | wiki: go/churn"
    by_hand(room, f"{ADA} | only this")
    await room.clock.advance(FOUR - room.clock.now())
    await room.settle()
    assert topic(room) == f"{BO} | only this"


async def test_who_writes_over_it_is_put_behind_the_bar_within_minutes(room: Room) -> None:
    configure(room)
    await tick(room)
    by_hand(room, "Release freeze")
    await tick(room, 6)
    assert topic(room) == f"{ADA} | Release freeze"


async def test_equal_is_left_alone_and_looked_at_now_and_then(room: Room) -> None:
    by_hand(room, ADA)
    configure(room)
    await tick(room, 5)
    assert room.calls(SET) == []
    assert room.calls(INFO) == [None]


async def test_our_part_is_known_again_where_the_store_has_forgotten_it(room: Room) -> None:
    configure(room)
    by_hand(room, "first-line nöbetçisi: cy, şu zamana kadar: 2026-11-22 09:00 UTC | wiki")
    await tick(room)
    assert topic(room) == f"{ADA} | wiki"
    await room.desk.store.write(lambda tx: posts.forget(tx, "topic/first-line"))
    await room.clock.advance(FOUR - room.clock.now())
    await room.settle()
    assert topic(room) == f"{BO} | wiki"


@pytest.mark.parametrize(
    ("code", "cure"),
    [
        ("channel_not_found", "Invite me, or correct slack.topics"),
        ("restricted_action", "An admin allows it"),
        ("user_is_restricted", "An admin allows it"),
        ("missing_scope", "channels:write.topic"),
        ("is_archived", "the channel is archived"),
        ("something_new", "Slack says something_new. I try again every hour."),
    ],
)
async def test_what_slack_refuses_is_said_once_and_tried_again_after_an_hour(room: Room, code: str, cure: str) -> None:
    configure(room, layers=(replace(LAYER, members=("ada",)),))
    room.ws.fault(SET, code, times=2)
    await tick(room, 10)
    assert len(room.calls(SET)) == 1
    (said,) = told(room)
    assert said.startswith("The topic of #ml-retail does not say who is on call for first-line: ")
    assert cure in said
    await tick(room, 52)
    assert len(room.calls(SET)) == 2  # an hour later: the same again, and nobody hears of it
    assert len(told(room)) == 1
    await tick(room, 62)
    assert topic(room) == "On call for first-line until further notice: ada"
    by_hand(room, "something else")
    room.ws.fault(SET, code)
    await tick(room, 6)
    assert len(told(room)) == 2  # it was good in between, so this is news


async def test_what_leaves_no_room_stays_whole(room: Room) -> None:
    by_hand(room, "x" * 240)
    configure(room)
    await tick(room, 3)
    assert topic(room) == "x" * 240
    assert "longer than the 250 characters" in told(room)[0]
    assert len(told(room)) == 1


async def test_it_walks_into_a_public_channel(room: Room) -> None:
    room.ws.channel("#ml-retail").inside.discard(room.ws.bot_user)
    configure(room)
    await tick(room)
    assert topic(room) == ADA


async def test_everybody_is_told_in_the_language_of_the_workspace(room: Room) -> None:
    configure(room, "#not-there", language="tr")
    await tick(room)
    assert told(room)[0].startswith("#not-there kanalının konusu şu nöbeti göstermiyor: first-line.")


@pytest.mark.parametrize("fault", ["500", "ratelimited", "internal_error", "drop"])
async def test_an_outage_is_waited_for_in_silence(room: Room, fault: str) -> None:
    configure(room)
    room.ws.fault(INFO, fault, times=3, retry_after=5)
    await tick(room, 4)
    assert topic(room) == ADA
    assert told(room) == []


async def test_a_change_in_doubt_stands_in_the_log_once(room: Room) -> None:
    configure(room)
    await tick(room)
    room.ws.fault(SET, "500", after_effect=True)
    await room.clock.advance(FOUR - room.clock.now())
    await room.settle(30)
    assert topic(room) == BO
    assert room.calls(SET) == [None, "500"]
    assert [one.entry.after["topic"] for one in await synced(room)] == [ADA, BO]


async def test_many_topics_keep_to_slacks_pace_and_never_use_the_page_lane(room: Room) -> None:
    own, names = room.desk.settings, [f"rota-{number}" for number in range(30)]
    rotas = {name: Rota(name, "UTC", (LAYER,)) for name in names}
    for name in names:
        room.ws.add_channel(f"#c-{name}")
    slack = replace(own.slack, topics={name: f"#c-{name}" for name in names})
    room.desk.settings = replace(own, slack=slack, rotas=rotas)
    await tick(room, 4)
    assert all(topic(room, f"#c-{name}").startswith("On call for") for name in names)
    assert {"ratelimited"}.isdisjoint(room.calls(SET) + room.calls(INFO))
    assert topics.look("first-line", START).lane.name == "DIGEST"


async def test_what_was_taken_out_of_the_configuration_is_left_alone(room: Room) -> None:
    configure(room)
    await tick(room)
    room.desk.settings = replace(room.desk.settings, slack=replace(room.desk.settings.slack, topics={}))
    await room.clock.advance(FOUR - room.clock.now())
    await room.settle()
    assert topic(room) == ADA


@pytest.mark.parametrize("w", words.LANGUAGES.values(), ids=words.LANGUAGES.keys())
@pytest.mark.parametrize("holders", [(), tuple(Holder(f"somebody-{n}|", "", "") for n in range(60))])
@pytest.mark.parametrize("end", [FOUR, START + topics.AHEAD])
def test_our_part_is_short_and_known_again(w: words.Words, holders: tuple[Holder, ...], end: datetime) -> None:
    one = Rota("r" * 80, "Europe/Istanbul", (LAYER,))
    said = topics.head(one, Shift(one.name, START, end, holders), w)
    assert len(said) <= topics.LONGEST
    assert topics.kept(f"{said} | theirs | too", "") == "theirs | too"
    assert topics.kept("Questions: ask ada until noon", "") == "Questions: ask ada until noon"
