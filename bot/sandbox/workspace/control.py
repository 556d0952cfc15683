"""The control API: what the workspace's Python does, for another process that knows the control token."""

import hmac
from collections.abc import Awaitable, Callable
from dataclasses import asdict

import orjson
from starlette.requests import Request
from starlette.responses import Response

from bot.sandbox.workspace.desk import Desk
from bot.sandbox.workspace.hands import Reply
from bot.sandbox.workspace.nouns import Call, Change, Channel, Failure, Json, Message, Person, View
from bot.sandbox.workspace.wire import Receive, Scope, Send

LONGEST_WAIT = 60.0


class Control:
    """An ASGI application over /control/{act}: questions by GET with a query, acts by POST with a JSON object."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.acts: dict[str, Callable[[Json], Awaitable[object]]] = {
            name.removeprefix("_on_"): getattr(self, name) for name in dir(self) if name.startswith("_on_")
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves one request: 401 without the token, 404 for an unknown act, 400 with the reason otherwise."""
        request = Request(scope, receive)
        status, said = await self._answer(request)
        body = orjson.dumps(said, default=told, option=orjson.OPT_PASSTHROUGH_DATACLASS)
        await Response(body, status, media_type="application/json")(scope, receive, send)

    async def _answer(self, request: Request) -> tuple[int, object]:
        given = request.headers.get("x-control-token", "")
        if not hmac.compare_digest(given.encode(), self.desk.control_token.encode()):
            return 401, {"error": "Send the control token in X-Control-Token."}
        act = self.acts.get(request.url.path.removeprefix("/control/"))
        if act is None:
            return 404, {"error": f"There are: {sorted(self.acts)}"}
        try:
            body = await request.body()
            args = orjson.loads(body) if body else dict(request.query_params)
            return 200, await act(args)
        except (LookupError, ValueError, TypeError) as problem:
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
        """The journal after an entry; waits up to `wait` seconds for one."""
        after, wait = int(args.get("after", 0)), min(float(args.get("wait", 0)), LONGEST_WAIT)
        if wait > 0:
            try:
                await self.desk.until(lambda: self.desk.counter > after, within=wait)
            except AssertionError:
                pass  # nothing happened: the answer says so
        return {
            "counter": self.desk.counter,
            "changes": self.desk.journal[after : after + int(args.get("limit", 1000))],
        }

    async def _on_calls(self, args: Json) -> object:
        return {"calls": self.desk.calls[int(args.get("after", 0)) :]}

    async def _on_failures(self, args: Json) -> object:
        return {"failures": self.desk.failures}

    async def _on_state(self, args: Json) -> object:
        people = [asdict(person) for person in self.desk.state.people.values()]
        channels = [{"id": c.id, "name": c.name, "archived": c.archived} for c in self.desk.state.channels.values()]
        return {"counter": self.desk.counter, "sockets": self.desk.sockets, "people": people, "channels": channels}

    # --- doing ---

    async def _on_press(self, args: Json) -> object:
        """In a message (channel and ts), in what only `by` sees (ts), or in the modal on top of their screen."""
        on: Message | View | None
        if "channel" in args:
            on = next((m for m in self.desk.messages(args["channel"]) if m.ts == args["ts"]), None)
        elif "ts" in args:
            on = next(
                (m for m in [*self.desk.ephemerals(args["by"]), *self.desk.dms(args["by"])] if m.ts == args["ts"]), None
            )
        else:
            on = self.desk.view(args["by"]) or self.desk.home(args["by"])
        if on is None:
            raise LookupError("There is no such message or view.")
        return await self.desk.press(on, args["button"], by=args["by"], value=args.get("value"))

    async def _on_command(self, args: Json) -> object:
        return await self.desk.command(args["name"], args.get("text", ""), by=args["by"], channel=args.get("channel"))

    async def _on_submit(self, args: Json) -> object:
        view = self.desk.view(args["by"])
        if view is None:
            raise LookupError(f"{args['by']} has no modal open.")
        return await self.desk.submit(view, args.get("values", {}), by=args["by"])

    async def _on_say(self, args: Json) -> object:
        return await self.desk.say(args["channel"], args["text"], by=args["by"], thread=args.get("thread"))

    async def _on_event(self, args: Json) -> object:
        return {"acked": await self.desk.event(args)}

    # --- changing and breaking ---

    async def _on_person(self, args: Json) -> object:
        return asdict(self.desk.add_person(Person(**args)))

    async def _on_channel(self, args: Json) -> object:
        return {"id": self.desk.add_channel(Channel(**args)).id}

    async def _on_fault(self, args: Json) -> object:
        self.desk.fault(**args)
        return {}

    async def _on_clear(self, args: Json) -> object:
        self.desk.clear_faults()
        return {}

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


def told(thing: object) -> object:
    """Anything of the workspace as JSON can say it."""
    if isinstance(thing, Message):
        return thing.to_api() | {
            "channel": thing.channel,
            "edits": thing.edits,
            "at": thing.at.isoformat(),
            "changed_at": thing.changed_at.isoformat(),
            "ephemeral_to": thing.ephemeral_to,
            "shown": thing.shown,
            "buttons": list(thing.buttons),
            "pinned": thing.pinned,
        }
    if isinstance(thing, View):
        return {
            "id": thing.id,
            "user": thing.user,
            "content": thing.content,
            "shown": thing.shown,
            "errors": dict(thing.errors),
        }
    if isinstance(thing, Change):
        return {"kind": thing.kind, "at": thing.at, "user": thing.user, "message": thing.message, "view": thing.view}
    if isinstance(thing, Reply):
        said = {"acked": thing.acked, "error": thing.error, "text": thing.text, "body": thing.body}
        return said | {"errors": thing.errors, "responses": thing.responses}
    if isinstance(thing, Call | Failure):
        return dict(thing.__dict__)
    raise TypeError(f"{type(thing).__name__} has no form in JSON")
