"""What people say to the bot: by its name in a channel, or in a direct message; answered where it was said."""

import re

from bot.slack import orders, payloads, postmortem_file
from bot.slack.payloads import Body, Happened
from bot.slack.talk import Talk

#: Subtypes of a message that a person wrote; every other is an edit, a deletion, a joining, a bot's.
WRITTEN = {"", "file_share", "thread_broadcast"}


async def heard(talk: Talk, happened: Happened) -> None:
    """Obey what was said to the bot, or take the file that came along; what a bot said, or was edited, is no order."""
    said = happened.event
    office = talk.offices.of(happened.team)
    direct = happened.kind == "message"
    if not _spoken(said, office.bot_user) or (direct and said.get("channel_type") != "im"):
        return
    if file := postmortem_file.found(said):
        caller = await talk.identity.caller(payloads.wrote(happened))
        if caller.person is not None:
            await talk.answer(caller.asked, await postmortem_file.taken(talk, caller, file))
            return
    text = said.get("text")
    whole = text[: payloads.LONGEST] if isinstance(text, str) else ""
    await orders.answer(talk, payloads.wrote(happened), addressed(whole, office.bot_user))


def addressed(text: str, bot_user: str) -> str:
    """What was said without the bot's own name before or after it."""
    name = rf"<@{re.escape(bot_user)}(?:\|[^<>]*)?>"
    return re.sub(rf"^[\s:,]*(?:{name}[\s:,]*)+|[\s,]*{name}\s*$", "", text) if bot_user else text


def _spoken(said: Body, bot_user: str) -> bool:
    user = said.get("user")
    by_bot = said.get("bot_id") or said.get("bot_profile") or user in (None, "", bot_user, "USLACKBOT")
    return not by_bot and str(said.get("subtype") or "") in WRITTEN and not said.get("edited")
