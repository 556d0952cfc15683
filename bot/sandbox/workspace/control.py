"""The control API: what the workspace's Python does, for another process that knows the control token."""

import asyncio
import hmac
from dataclasses import asdict
from datetime import datetime

import orjson
from starlette.requests import Request
from starlette.responses import Response

from bot.sandbox.workspace import oauth, screen
from bot.sandbox.workspace.desk import Act, Desk
from bot.sandbox.workspace.nouns import Channel, Json, Message, Person, UserGroup, View
from bot.sandbox.workspace.permits import Denied
from bot.sandbox.workspace.telling import told
from bot.sandbox.workspace.wire import Receive, Scope, Send

HEADER = "X-Control-Token"
LONGEST_WAIT = 60.0
EXTRAS = ("people", "tour", "setup", "speed")  # what the page shows where somebody offers it


class Control:
    """An ASGI application over /control/{act}: questions by GET with a query, acts by POST with a JSON object."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.acts: dict[str, Act] = {
            name.removeprefix("_on_"): getattr(self, name) for name in dir(self) if name.startswith("_on_")
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves one request: 401 without the token, 404 for an unknown act, 400 with the reason otherwise."""
        request = Request(scope, receive)
        status, said = await self._answer(request)
        if isinstance(said, Response):
            await said(scope, receive, send)
            return
        body = orjson.dumps(said, default=told, option=orjson.OPT_PASSTHROUGH_DATACLASS)
        await Response(body, status, media_type="application/json")(scope, receive, send)

    async def _answer(self, request: Request) -> tuple[int, object]:
        given = request.headers.get(HEADER, "")
        if not hmac.compare_digest(given.encode(), self.desk.control_token.encode()):
            return 401, {"error": "Send the control token in X-Control-Token."}
        acts = self.desk.offers | self.acts
        act = acts.get(request.url.path.removeprefix("/control/"))
        if act is None:
            return 404, {"error": f"There are: {sorted(acts)}"}
        try:
            body = await request.body()
            args = orjson.loads(body) if body else dict(request.query_params)
            return 200, await act(args)
        except (LookupError, ValueError, TypeError, Denied) as problem:
            return 400, {"error": str(problem)}

    # --- looking ---

    async def _on_messages(self, args: Json) -> object:
        found = self.desk.messages(args["channel"])
        return {"counter": self.desk.counter, "messages": [m for m in found if m.ts > args.get("after", "")]}

    async def _on_dms(self, args: Json) -> object:
        return {"counter": self.desk.counter, "messages": self.desk.dms(args["user"])}

    async def _on_ephemerals(self, args: Json) -> object:
        return {"counter": self.desk.counter, "messages": self.desk.ephemerals(args["user"])}

    async def _on_views(self, args: Json) -> object:
        return {"views": self.desk.views(args["user"]), "home": self.desk.home(args["user"])}

    async def _on_changes(self, args: Json) -> object:
        """The journal after an entry, waiting up to `wait` seconds for one; `reached` is where the answer ends.

        Fewer changes than `reached` - `after`: the journal remembers no more of what the asker has missed.
        """
        after, wait = int(args.get("after", 0)), min(float(args.get("wait", 0)), LONGEST_WAIT)
        try:
            async with asyncio.timeout(wait):
                while self.desk.counter <= after and not self.desk.closing:
                    await self.desk.state.changed(wait)
        except TimeoutError:
            pass  # nothing happened: the answer says so
        changes = self.desk.since(after)[: int(args.get("limit", 1000))]
        reached = max(min(after, self.desk.counter), self.desk.state.forgotten) + len(changes)
        return {"counter": self.desk.counter, "reached": reached, "changes": changes}

    async def _on_calls(self, args: Json) -> object:
        return {"calls": self.desk.calls[int(args.get("after", 0)) :]}

    async def _on_failures(self, args: Json) -> object:
        return {"failures": self.desk.failures}

    async def _on_files(self, args: Json) -> object:
        return {"files": self.desk.files, "canvases": self.desk.canvases}

    async def _on_file(self, args: Json) -> object:
        """The bytes of one file."""
        found = self.desk.state.files.get(args["id"])
        if found is None or found.content is None:
            raise LookupError(f"There is no file {args['id']!r} with content.")
        return screen.download(found)

    async def _on_about(self, args: Json) -> object:
        """What the page offers of the app: its commands and shortcuts, and what other rooms have added."""
        manifest = self.desk.about.get("manifest", {})
        features, shown = manifest.get("features", {}), manifest.get("display_information", {})
        return {
            "name": shown.get("name", self.desk.state.app.name),
            "commands": features.get("slash_commands", []),
            "shortcuts": features.get("shortcuts", []),
            "extras": [name for name in EXTRAS if name in self.desk.offers or name in self.acts],
        }

    async def _on_bookmarks(self, args: Json) -> object:
        return {"bookmarks": self.desk.bookmarks(args["channel"]), "pins": self.desk.pins(args["channel"])}

    async def _on_state(self, args: Json) -> object:
        people = [asdict(person) for person in self.desk.state.people.values()]
        channels = [
            {"id": c.id, "name": c.name, "archived": c.archived, "topic": c.topic, "members": sorted(c.inside)}
            | {"private": c.private, "im_with": c.im_with, "purpose": c.purpose}
            for c in self.desk.state.channels.values()
        ]
        said = {"counter": self.desk.counter, "sockets": self.desk.sockets, "installed": self.desk.state.installed}
        return said | {"people": people, "channels": channels, "groups": self.desk.groups}

    # --- doing ---

    async def _on_press(self, args: Json) -> object:
        return await self.desk.press(self._on_screen(args), args["button"], by=args["by"], value=args.get("value"))

    async def _on_suggest(self, args: Json) -> object:
        on = self._on_screen(args)
        return {"options": await self.desk.suggest(on, args["action_id"], args["typed"], by=args["by"])}

    def _on_screen(self, args: Json) -> Message | View:
        """In a message (channel and ts), in what only `by` sees (ts), or in the modal on top of their screen."""
        if "ts" in args:
            return self._message(args)
        on = self.desk.view(args["by"]) or self.desk.home(args["by"])
        if on is None:
            raise LookupError("There is no such message or view.")
        return on

    def _message(self, args: Json) -> Message:
        if "channel" in args:
            seen = self.desk.messages(args["channel"])
        else:
            seen = [*self.desk.ephemerals(args["by"]), *self.desk.dms(args["by"])]
        on = next((message for message in seen if message.ts == args["ts"]), None)
        if on is None:
            raise LookupError("There is no such message or view.")
        return on

    def _modal(self, args: Json) -> View:
        view = self.desk.view(args["by"])
        if view is None:
            raise LookupError(f"{args['by']} has no modal open.")
        return view

    async def _on_command(self, args: Json) -> object:
        where = {name: args[name] for name in ("channel", "thread") if args.get(name)}
        return await self.desk.command(args["name"], args.get("text", ""), by=args["by"], **where)

    async def _on_fill(self, args: Json) -> object:
        view = self.desk.view(args["by"]) or self.desk.home(args["by"])
        if view is None:
            raise LookupError(f"{args['by']} has no view open.")
        quietly = bool(args.get("quietly"))
        return {"replies": await self.desk.fill(view, args["values"], by=args["by"], quietly=quietly)}

    async def _on_submit(self, args: Json) -> object:
        return await self.desk.submit(self._modal(args), args.get("values", {}), by=args["by"])

    async def _on_close(self, args: Json) -> object:
        return {"reply": await self.desk.close(self._modal(args), by=args["by"], clear=bool(args.get("clear")))}

    async def _on_shortcut(self, args: Json) -> object:
        message = self._message(args) if "ts" in args else None
        return await self.desk.shortcut(args["callback_id"], by=args["by"], message=message)

    async def _on_react(self, args: Json) -> object:
        await self.desk.react(self._message(args), args["emoji"], by=args["by"])
        return {}

    async def _on_unreact(self, args: Json) -> object:
        await self.desk.unreact(self._message(args), args["emoji"], by=args["by"])
        return {}

    async def _on_edit(self, args: Json) -> object:
        return await self.desk.edit(self._message(args), args["text"], by=args["by"])

    async def _on_delete(self, args: Json) -> object:
        await self.desk.delete(self._message(args), by=args["by"])
        return {}

    async def _on_home(self, args: Json) -> object:
        await self.desk.open_home(by=args["by"])
        return {}

    async def _on_walk(self, args: Json) -> object:
        """Somebody joins, leaves, archives, unarchives or renames a channel."""
        match args["do"]:
            case "join" | "leave" | "archive" | "unarchive":
                await getattr(self.desk, args["do"])(args["channel"], by=args["by"])
            case "rename":
                await self.desk.rename(args["channel"], args["name"], by=args["by"])
            case other:
                raise ValueError(f"A channel knows join, leave, archive, unarchive and rename, not {other!r}.")
        return {}

    async def _on_say(self, args: Json) -> object:
        return await self.desk.say(args["channel"], args["text"], by=args["by"], thread=args.get("thread"))

    async def _on_event(self, args: Json) -> object:
        return {"acked": await self.desk.event(args)}

    # --- changing and breaking ---

    async def _on_person(self, args: Json) -> object:
        return self.desk.add_person(Person(**_dated(args)))

    async def _on_change(self, args: Json) -> object:
        """Changes what is known of a person."""
        who, fields = args["who"], {name: value for name, value in args.items() if name != "who"}
        return self.desk.change_person(who, **_dated(fields))

    async def _on_group(self, args: Json) -> object:
        return self.desk.add_group(UserGroup(**args | {"users": tuple(args.get("users", ()))}))

    async def _on_channel(self, args: Json) -> object:
        return {"id": self.desk.add_channel(Channel(**args)).id}

    async def _on_fault(self, args: Json) -> object:
        self.desk.fault(**args)
        return {}

    async def _on_clear(self, args: Json) -> object:
        self.desk.clear_faults()
        return {}

    async def _on_revoke(self, args: Json) -> object:
        """Takes scopes from the bot token, or ends it when none are named."""
        if args.get("scopes"):
            self.desk.revoke(*args["scopes"])
        else:
            self.desk.revoke_token()
        return {}

    async def _on_uninstall(self, args: Json) -> object:
        await self.desk.uninstall()
        return {}

    async def _on_consent(self, args: Json) -> object:
        """A person's yes to an authorize address."""
        return oauth.consent(self.desk.state, self.desk.person(args["by"]).id, args["url"])

    async def _on_sockets(self, args: Json) -> object:
        match args["do"]:
            case "drop":
                await self.desk.drop_sockets()
            case "refresh":
                await self.desk.refresh_sockets()
            case "blackhole" | "restore":
                self.desk.blackhole(args["do"] == "blackhole", api=bool(args.get("api")))
            case "duplicate":
                self.desk.duplicate_next(int(args.get("n", 1)))
            case other:
                raise ValueError(f"Sockets know drop, refresh, blackhole, restore and duplicate, not {other!r}.")
        return {"sockets": self.desk.sockets}


def _dated(fields: Json) -> Json:
    """The facts of a person, with the one that is a moment read as one."""
    until = fields.get("dnd_until")
    return fields | {"dnd_until": datetime.fromisoformat(until)} if until else fields
