"""Pages that are written into a channel, for whoever reads it or for a user group that is mentioned there."""

from dataclasses import replace

from bot.contract.pager import Call
from bot.engine.desk import Desk
from bot.model.job import Lane
from bot.slack.client import SlackFault
from bot.slack.office import Office, Offices
from bot.slack.pieces import Json, Message, lines
from bot.slack.postman import Parcel, Place

METHOD = "usergroups.list"


class Places:
    """Posts such pages; which id a handle has is learned once."""

    def __init__(self, desk: Desk, offices: Offices) -> None:
        """The incident says which workspace and which channel."""
        self._desk = desk
        self._offices = offices
        self._ids: dict[tuple[str, str], str] = {}  # by workspace and handle

    async def post(self, call: Call, parcel: Parcel) -> Place:
        """Post it where it belongs; SlackFault when that is not to be, or there is no such group."""
        office = self._offices.entity(call.view.incident.entity)
        kind, _, name = call.page.person.partition(":")
        if kind == "channel":
            return await office.postman.post(replace(parcel, channel=name))
        group = await self._group(office, name, call.key)
        channel = self._desk.channel(call.view.incident)
        return await office.postman.post(replace(parcel, channel=channel, message=mentioned(parcel.message, group)))

    async def _group(self, office: Office, handle: str, key: str) -> str:
        """The id behind a handle or an id; SlackFault when there is none that is enabled."""
        if (known := self._ids.get((office.team, handle))) is not None:
            return known
        if wait := office.limiter.ask(METHOD, "", Lane.PAGE, key):
            raise SlackFault(METHOD, "waiting", after=wait)
        answer = await office.client.call(METHOD)
        for one in answer.get("usergroups") or ():
            for name in (str(one["id"]), str(one.get("handle"))):
                self._ids[office.team, name] = str(one["id"])
        if (office.team, handle) not in self._ids:
            raise SlackFault(METHOD, "no_such_subteam")
        return self._ids[office.team, handle]


def mentioned(message: Message, group: str) -> Message:
    """The same with a mention of the group above it; its id is Slack's, never an alert's."""
    mention: Json = {"type": "usergroup", "usergroup_id": group}
    return Message(message.text, (lines([mention]), *message.blocks))
