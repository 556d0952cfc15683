"""Every order, typed as a command, said to the bot by its name and written to it directly; over both transports."""

from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from bot.model.incident import Incident, Phase
from bot.sandbox.workspace import App, Message, Reply, Workspace
from bot.slack import commands, manifest
from bot.testing.clock import FakeClock
from bot.testing.house import House
from tests.story.place import CHANNELS, PEOPLE

Say = Callable[..., Awaitable[str]]


@pytest.fixture
async def workspace(clock: FakeClock) -> AsyncIterator[Workspace]:
    """Everybody's Slack, with the app as its manifest makes it."""
    app = App(events=tuple(manifest.EVENTS), commands=tuple(command.name for command in manifest.COMMANDS))
    async with Workspace(clock=clock, people=PEOPLE, channels=CHANNELS, app=app) as one:
        yield one


def read(messages: list[Message]) -> str:
    """What somebody reads, on one line."""
    return " ".join("\n".join(message.shown for message in messages).split())


async def breathe(house: House) -> None:
    """Five seconds go by, once every event has reached the bot: on the way the clock would pass those of its ack."""
    await house.settle()
    await house.workspace.until(lambda: not house.workspace.courier.busy)
    await house.pass_time(seconds=5)


@pytest.fixture(params=["command", "mention", "message"])
def say(request: pytest.FixtureRequest, either: House) -> Say:
    """Say an order to the bot in one of the three ways, and read what it answers."""

    async def say(text: str, *, by: str = "ada") -> str:
        await breathe(either)
        if request.param == "command":
            slash = {"oncall": "/oncall", "page": "/page", "menu": "/tocsin", "help": "/tocsin", "link": "/tocsin"}
            first, _, rest = text.partition(" ")
            name = slash.get(first, "/incident")
            typed = rest if name in ("/oncall", "/page") or first == "menu" else text
            reply = await either.command(name, typed, by=by)
            assert reply.acked, reply.error
            assert all(message.ephemeral_to for message in reply.responses)
            return read(reply.responses)
        if request.param == "mention":
            return read(await either.mention("" if text == "menu" else text, by=by))
        return read(await either.tell("menu" if text == "menu" else text, by=by))

    return say


async def test_declare_opens_an_incident_and_pages(either: House, say: Say) -> None:
    told = await say("declare The scores of churn are all zero")
    assert "INC-1" in told
    incident = await either.incident("INC-1")
    assert incident.title == "The scores of churn are all zero"
    assert [person for person, _ in either.paged()] == ["ada"]


async def test_list_and_show(either: House, say: Say) -> None:
    assert await say("list") == "No incident is open."
    incident = await either.alert("accuracy fell")
    assert f"{incident.id} SEV2 · churn · accuracy fell · waiting for L1 · since" in await say("list")
    shown = await say(f"show {incident.id}")
    assert "accuracy fell" in shown
    assert "Waiting for L1" in shown


async def test_mine_lists_what_waits_for_its_reader(either: House, say: Say) -> None:
    incident = await either.alert("accuracy fell")
    assert incident.id in await say("mine")
    assert await say("mine", by="dee") == "You hold nothing, and nothing waits for you."


async def test_ack_and_resolve(either: House, say: Say) -> None:
    incident = await either.alert("accuracy fell")
    assert f"{incident.id} is yours" in await say("ack")
    assert (await either.incident(incident.id)).holder == "ada"
    assert f"{incident.id} is resolved" in await say(f"resolve {incident.id.removeprefix('INC-')}")
    assert (await either.incident(incident.id)).phase is Phase.RESOLVED


async def test_escalate(either: House, say: Say) -> None:
    incident = await either.alert("accuracy fell")
    assert "bo" in await say(f"escalate {incident.id}")
    assert [person for person, _ in either.paged()] == ["ada", "bo"]


async def test_handover_by_mention_and_by_name(either: House, say: Say) -> None:
    incident = await either.alert("accuracy fell")
    assert "bo" in await say("handover <@U01BO> I must leave")
    assert either.pages_to("bo")
    assert "cy" in await say(f"handover {incident.id} cy", by="bo")
    assert either.pages_to("cy")


async def test_snooze(either: House, say: Say) -> None:
    incident = await either.alert("accuracy fell")
    assert incident.id in await say("snooze 2h")
    snoozed = await either.incident(incident.id)
    assert snoozed.snoozed_until is not None
    assert (snoozed.snoozed_until - either.clock.now()).total_seconds() == pytest.approx(7200, abs=60)


async def test_note(either: House, say: Say) -> None:
    incident = await either.alert("accuracy fell")
    assert incident.id in await say(f"note {incident.id} the upstream table is late, says <@U01BO>")
    assert "note.added" in await either.story(incident.id)


async def test_severity(either: House, say: Say) -> None:
    incident = await either.alert("accuracy fell")
    assert incident.id in await say(f"severity {incident.id} SEV-1")
    assert (await either.incident(incident.id)).severity == "sev1"
    assert "is no severity; there are sev1" in await say("severity enormous")


async def test_merge(either: House, say: Say) -> None:
    first, second = await either.alert("accuracy fell"), await either.alert("scores drifted", model="price")
    assert second.id in await say(f"merge {first.id} {second.id}")
    merged = await either.incident(first.id)
    assert (merged.phase, merged.merged_into) == (Phase.RESOLVED, second.id)


async def test_falsealarm(either: House, say: Say) -> None:
    incident = await either.alert("accuracy fell")
    assert incident.id in await say("falsealarm the monitor was wrong")
    assert (await either.incident(incident.id)).resolution == "false alarm"


async def test_explain(either: House, say: Say) -> None:
    incident = await either.alert("accuracy fell")
    told = await say(f"explain {incident.id}")
    assert incident.why in told
    assert "L1, at once: ada" in told
    assert "L2, 10 min after it opened: bo" in told


async def test_page_with_an_incident_asks_people_to_join(either: House, say: Say) -> None:
    incident = await either.alert("accuracy fell")
    assert "cy" in await say(f"page cy {incident.id}")
    assert either.pages_to("cy")
    assert (await either.incident(incident.id)).phase is Phase.TRIGGERED


async def test_page_without_an_incident_opens_one(either: House, say: Say) -> None:
    await say("page <@U01CY> the gateway answers nobody")
    assert either.pages_to("cy")
    assert (await either.incident("INC-1")).title == "the gateway answers nobody"


async def test_who_is_on_call(either: House, say: Say) -> None:
    assert "first-line: @U01ADA until" in await say("oncall")
    for asked in ("oncall churn", "oncall churn-ml", "oncall first-line", "oncall retail"):
        assert "ada" in (await say(asked)).lower()
    assert "Nothing is called 'chrun'" in await say("oncall chrun")


async def test_help_and_the_menu_fit_their_reader(either: House, say: Say) -> None:
    told = await say("help")
    for command in commands.TABLE:
        assert (command.usage in told) is (command.name != "link")
    told = await say("help", by="guy")
    assert "/tocsin link" in told
    assert "/incident list" in told
    assert "/incident ack" not in told
    assert "What would you like to do?" in await say("menu")
    assert "I do not know you yet" in await say("menu", by="guy")


async def test_what_is_unknown_gets_the_closest_names(either: House, say: Say) -> None:
    assert "Did you mean resolve?" in await say("resolv INC-1")
    assert "/tocsin help" in await say("frobnicate")


async def test_an_incident_that_is_not_there_and_one_that_is_not_named(either: House, say: Say) -> None:
    assert "There is no incident INC-999" in await say("ack INC-999")
    await either.alert("accuracy fell")
    await either.alert("scores drifted", model="price")
    told = await say("ack")
    assert "Which one? For example: /incident ack INC-2" in told


@pytest.mark.parametrize(
    "hostile",
    ["x" * 10_000, "\u202edeclare\u202c", "note \x00\x07", "<!channel>", "ack " + "9" * 500, "page <@>", "&amp;lt;"],
)
async def test_hostile_words_end_in_a_sentence(either: House, hostile: str) -> None:
    reply = await either.command("/incident", hostile, by="ada")
    assert reply.acked
    assert read(reply.responses) or either.workspace.view("ada")  # a form is an answer, too
    assert "log has the details" not in read(reply.responses)
    (answer,) = await either.tell(hostile, by="ada")
    assert "log has the details" not in answer.shown


# --- natural questions ---


@pytest.mark.parametrize("asked", ["who is on call for churn?", "Who\u2019s on call for the churn?", "nöbetçi kim?"])
async def test_the_bot_answers_who_is_on_call(either: House, asked: str) -> None:
    (answer,) = await either.mention(asked, by="guy")
    assert "ada" in answer.text


@pytest.mark.parametrize("asked", ["what is open?", "what's open", "any open incidents?", "LIST"])
async def test_the_bot_answers_what_is_open(either: House, asked: str) -> None:
    incident = await either.alert("accuracy fell")
    answers = await either.mention("show me" if asked == "" else asked.replace("any ", ""), by="guy")
    assert incident.id in read(answers)


# --- menus: whatever a command does, a button does too ---


async def test_every_button_of_the_menu_does_what_it_says(either: House) -> None:
    incident = await either.alert("accuracy fell")
    menu = await either.command("/tocsin", by="ada")
    (message,) = menu.responses
    known = ["Open incidents", "Declare an incident", "Who is on call", "My incidents", "Silences"]
    assert list(message.buttons) == [*known, "Models and agents", "Approvals", "Figures"]
    listed = await either.press(message, "Open incidents", by="ada")
    assert incident.id in read(listed.responses)
    on_call = await either.press(message, "Who is on call", by="ada")
    assert "first-line" in read(on_call.responses)
    mine = await either.press(message, "My incidents", by="ada")
    assert incident.id in read(mine.responses)
    silences = await either.press(message, "Silences", by="ada")
    assert "No silence holds or is planned." in read(silences.responses)
    models = await either.press(message, "Models and agents", by="ada")
    assert "churn (churn-ml): no platform runs it" in read(models.responses)
    waiting = await either.press(message, "Approvals", by="ada")
    assert "No change waits for anybody." in read(waiting.responses)
    figures = await either.press(message, "Figures", by="ada")
    assert "Figures of everything" in read(figures.responses)
    await either.press(message, "Declare an incident", by="ada")
    assert either.workspace.view("ada") is not None


async def test_the_menu_in_the_thread_of_a_card_is_the_incident_s(either: House) -> None:
    incident = await either.alert("accuracy fell")
    card = await either.card(incident.id)
    (menu,) = await either.mention("", by="ada", thread=card)
    assert f"{incident.id} · SEV2 · churn" in menu.shown
    assert {"Acknowledge", "Escalate", "Hand over", "Snooze", "Resolve", "Show", "Explain"} <= set(menu.buttons)
    (strange,) = await either.mention("", by="guy", thread=card)
    assert "Acknowledge" not in strange.buttons
    assert "Link my account" in strange.buttons
    await breathe(either)
    await either.press(menu, "Acknowledge", by="ada")
    assert (await either.incident(incident.id)).holder == "ada"


async def test_in_the_thread_of_a_card_no_incident_need_be_named(either: House) -> None:
    first, second = await either.alert("accuracy fell"), await either.alert("scores drifted", model="price")
    await either.mention("ack", by="ada", thread=await either.card(first.id))
    assert (await either.incident(first.id)).holder == "ada"
    assert (await either.incident(second.id)).holder is None
    await either.mention("note 7 customers wrote", by="ada", thread=await either.card(first.id))
    (remark,) = [each async for each in remarks(either, first)]
    assert remark == "7 customers wrote"


async def remarks(house: House, incident: Incident) -> AsyncIterator[str]:
    """The notes of an incident."""
    from bot.engine import report

    for remark in (await report.view(house.app.desk, incident.id, whole=True)).notes:
        yield remark.text


async def test_the_menu_of_an_entity_s_channel_lists_its_incidents(either: House) -> None:
    incident = await either.alert("accuracy fell")
    reply = await either.command("/incident", "", by="ada", channel="ml-retail")
    assert incident.id in read(reply.responses) or "What would you like" in read(reply.responses)


# --- forms ---


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("/incident", "declare"),
        ("/page", ""),
        ("/incident", "handover"),
        ("/incident", "snooze INC-1"),
        ("/incident", "severity"),
        ("/incident", "merge"),
        ("/incident", "note"),
    ],
)
async def test_what_is_missing_is_asked_by_a_form(either: House, name: str, typed: str) -> None:
    await either.alert("accuracy fell")
    reply: Reply = await either.command(name, typed, by="ada")
    assert reply.acked
    assert either.workspace.view("ada") is not None
    assert not reply.responses


async def test_in_a_mention_a_button_opens_the_form(either: House) -> None:
    await either.alert("accuracy fell")
    (answer,) = await either.mention("snooze", by="ada")
    (button,) = answer.buttons
    await either.press(answer, button, by="ada")
    assert either.workspace.view("ada") is not None


# --- who speaks, and how often ---


async def test_an_edit_is_no_order_and_the_bot_does_not_talk_to_itself(either: House) -> None:
    said = await either.workspace.say(either.workspace.bot_user, "list", by="ada")
    await either.heard()
    before = len(either.workspace.dms("ada"))
    await either.workspace.edit(said, "declare everything is broken", by="ada")
    await either.heard()
    assert len(either.workspace.dms("ada")) == before
    assert await either.tell("list", by="ada")
    assert len(either.workspace.dms("ada")) == before + 2


async def test_an_event_that_comes_twice_is_answered_once(either: House) -> None:
    either.workspace.duplicate_next()
    assert len(await either.mention("list", by="ada")) == 1


async def test_the_same_message_under_another_event_id_is_answered_once(either: House) -> None:
    said = await either.workspace.say("ml-oncall", "good morning", by="ada")
    event = {
        "type": "app_mention",
        "channel": said.channel,
        "user": "U01ADA",
        "team": either.workspace.team_id,
        "text": f"<@{either.workspace.bot_user}> list",
        "ts": said.ts,
        "event_ts": said.ts,
    }
    assert await either.workspace.event(dict(event))
    assert await either.workspace.event(dict(event))
    await either.settle()
    answers = [m for m in either.workspace.messages("ml-oncall") if m.user == either.workspace.bot_user]
    assert len(answers) == 1
