"""The story: a model drifts, the first on call sleeps, the second answers, the drift ends. All of it happens."""

from collections.abc import AsyncGenerator

from bot.engine.respond import Verb
from bot.errors import NotFound
from bot.model.incident import Phase
from bot.model.page import Page, PageState
from bot.sandbox.demo import monitor
from bot.sandbox.demo.beats import Audited, Beat, Ledger, Posted, Pressed, Said, Shown
from bot.sandbox.demo.stage import STRANGER, Stage
from bot.sandbox.workspace import Message
from bot.store import log


async def told(stage: Stage) -> AsyncGenerator[Beat, None]:
    """The beats as they happen; TocsinError when the bot does not do what it is for."""
    settings = stage.app.loaded.settings
    model = next((one for one in settings.estate.models.values() if one.kind == "model"), None)
    if model is None:
        raise NotFound("The example configuration has no model.")
    started = stage.clock.now()
    yield Said(f"Alertmanager posts an alert about {model.name}, a model of the team {model.team}.")
    posted = await stage.post(monitor.delivery(model.name, started))
    yield posted
    incident = _incident(posted)
    first = await _paged(stage, incident, 1)
    yield Shown(*await _card(stage, incident, first))
    yield Shown(*await _page(stage, first))

    book = (await stage.view(incident)).incident.runbook
    yield Said(
        f"Nobody presses anything. The runbook {book} waits {', '.join(stage.waits.get(book, ()))} for its tiers; "
        f"in this demo every wait is {stage.wait} s."
    )
    second = await _paged(stage, incident, 2)
    yield Shown(*await _card(stage, incident, second))
    place, page = await _page(stage, second)
    yield Shown(place, page)

    yield Said(f"{STRANGER}, whom the configuration does not name, presses Acknowledge; then {second.person} does.")
    place, card = await _card(stage, incident, second)
    yield await _press(stage, card, STRANGER)
    yield await _press(stage, page, second.person)
    await stage.until(lambda: _phase(stage, incident, Phase.ACKNOWLEDGED), "the incident to be acknowledged")
    yield Shown(place, await _redrawn(stage, incident, Verb.ACKNOWLEDGE))
    yield Shown(*await _answered(stage, first))

    yield Said("The drift ends: Alertmanager posts the same alert as resolved.")
    yield await stage.post(monitor.delivery(model.name, started, stage.clock.now()))
    await stage.until(lambda: _phase(stage, incident, Phase.RESOLVED), "the incident to be resolved")
    yield Shown(place, await _redrawn(stage, incident, Verb.RESOLVE))
    yield Ledger(await stage.view(incident))
    entries, broken = await stage.app.store.read(lambda tx: log.verify(tx.sql))
    yield Audited(entries, tuple(broken))


async def watched(stage: Stage) -> AsyncGenerator[Beat, None]:
    """Whatever changes in the workspace from now on, for as long as somebody listens."""
    seen = stage.workspace.counter
    while True:
        for change in stage.workspace.journal[seen:]:
            seen += 1
            if change.message is not None and change.kind in ("post", "edit", "ephemeral"):
                yield Shown(stage.place(change.message), change.message)
        await stage.clock.sleep(0.1)


def _incident(posted: Posted) -> str:
    found: list[str] = posted.reply["incidents"]
    return found[0]


async def _paged(stage: Stage, incident: str, step: int) -> Page:
    """The first page of a step, once it was sent."""

    async def sent() -> Page | None:
        found = (await stage.view(incident)).pages
        return next((p for p in found if p.step == step and p.state is PageState.SENT), None)

    return await stage.until(sent, f"a page of step {step} to be sent")


async def _card(stage: Stage, incident: str, page: Page) -> tuple[str, Message]:
    """The card, once it says that this page's person is waited for."""
    person = stage.app.loaded.settings.people.persons[page.person].slack or ""

    async def names() -> Message | None:
        card = await stage.card(incident)
        now = card.shown.partition("Next: ")[0] if card else ""
        return card if page.tier in now and f"@{person}" in now else None

    card = await stage.until(names, f"the card to name {page.person}")
    return stage.place(card), card


async def _page(stage: Stage, page: Page) -> tuple[str, Message]:
    """The page as its person reads it."""
    channel, _, ts = (page.provider_id or "").partition(":")
    message = stage.message(channel, ts)
    if message is None:
        raise NotFound(f"The page {page.id} does not stand in the workspace.")
    return stage.place(message), message


async def _press(stage: Stage, message: Message, by: str) -> Pressed:
    """Acknowledge on what this person sees now, and wait for what is whispered back to a stranger."""
    verb = Verb.ACKNOWLEDGE.value
    label = next(label for label, element in message.buttons.items() if element["action_id"] == verb)
    reply = await stage.workspace.press(message, verb, by=by)
    if by == STRANGER:

        async def whispered() -> list[Message]:
            return reply.responses

        await stage.until(whispered, "the reason to be whispered")
    return Pressed(label, by, reply.acked, tuple(message.shown for message in reply.responses))


async def _phase(stage: Stage, incident: str, phase: Phase) -> bool:
    return (await stage.view(incident)).incident.phase is phase


async def _redrawn(stage: Stage, incident: str, gone: Verb) -> Message:
    """The card, once it no longer offers a button."""

    async def without() -> Message | None:
        card = await stage.card(incident)
        verbs = {element["action_id"] for element in card.buttons.values()} if card else {gone.value}
        return None if gone.value in verbs else card

    return await stage.until(without, "the card to be drawn anew")


async def _answered(stage: Stage, page: Page) -> tuple[str, Message]:
    """An unanswered page, once it says that somebody else has answered."""

    async def done() -> tuple[str, Message] | None:
        place, message = await _page(stage, page)
        return None if message.buttons else (place, message)

    return await stage.until(done, f"the page to {page.person} to be drawn anew")
