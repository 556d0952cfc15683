"""A bare bolt app in bolt's best pattern, as the peer of the chat door: it acks, and on a press edits the card.

It has no store, no rules and no log: a command is answered with a constant, which is the least any bot must do.
"""

import asyncio
import os
import sys
from typing import Any

import aiohttp
import uvicorn
import uvloop
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.adapter.starlette.async_handler import AsyncSlackRequestHandler
from slack_bolt.app.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_sdk.web.async_client import AsyncWebClient
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

HEADER: dict[str, Any] = {"type": "header", "text": {"type": "plain_text", "text": "SEV2 · churn v7 · Feature drift"}}
ACKNOWLEDGE: dict[str, Any] = {
    "type": "button",
    "action_id": "acknowledge",
    "value": "1",
    "text": {"type": "plain_text", "text": "Acknowledge"},
}
CARD = [HEADER, {"type": "actions", "elements": [ACKNOWLEDGE]}]
HELD = [HEADER, {"type": "section", "text": {"type": "plain_text", "text": "Held by ada"}}]


def built(client: AsyncWebClient, session: aiohttp.ClientSession) -> tuple[AsyncApp, set[asyncio.Task[object]]]:
    """Acks before anything else, hands the work to tasks it holds on to, and asks nobody for tokens."""
    token = os.environ["SLACK_BOT_TOKEN"]
    tasks: set[asyncio.Task[object]] = set()

    async def authorize() -> AuthorizeResult:
        return AuthorizeResult(enterprise_id=None, team_id="T", bot_token=token, bot_user_id="U", bot_id="B")

    app = AsyncApp(
        client=client,
        signing_secret=os.environ["SLACK_SIGNING_SECRET"],
        authorize=authorize,
        process_before_response=True,
        attaching_conversation_kwargs_enabled=False,
    )

    def start(work: object) -> None:
        task = asyncio.ensure_future(work)  # type: ignore[call-overload]
        tasks.add(task)
        task.add_done_callback(tasks.discard)

    async def answer(url: str) -> None:
        said = {"text": "No incident is open.", "response_type": "ephemeral"}
        async with session.post(url, json=said) as reply:
            await reply.read()

    async def command(ack, body) -> None:  # type: ignore[no-untyped-def]
        await ack()
        if body["text"] == "card":
            start(client.chat_postMessage(channel=body["channel_id"], text="SEV2 churn v7", blocks=CARD))
        else:
            start(answer(body["response_url"]))

    async def press(ack, body) -> None:  # type: ignore[no-untyped-def]
        await ack()
        place = body["container"]
        start(client.chat_update(channel=place["channel_id"], ts=place["message_ts"], text="Held by ada", blocks=HELD))

    app.command("/incident")(command)
    app.action("acknowledge")(press)
    return app, tasks


async def main(transport: str, port: int) -> None:
    """Serve until killed; answers /health/ready on `port` as Tocsin does."""
    for name in ("SLACK_CLIENT_ID", "SLACK_CLIENT_SECRET"):
        os.environ.pop(name, None)
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=10)) as session:
        client = AsyncWebClient(os.environ["SLACK_BOT_TOKEN"], base_url=os.environ["SLACK_API_URL"], session=session)
        client.proxy = None
        app, _ = built(client, session)
        if transport == "socket":
            handlers = [AsyncSocketModeHandler(app, os.environ["SLACK_APP_TOKEN"]) for _ in range(2)]
            for handler in handlers:
                handler.client.proxy = None
                await handler.connect_async()  # type: ignore[no-untyped-call]
        slack = AsyncSlackRequestHandler(app)

        async def ready(_: Request) -> Response:
            return PlainTextResponse("ready")

        async def events(request: Request) -> Response:
            return await slack.handle(request)

        web = Starlette(
            routes=[Route("/health/ready", ready), Route("/slack/events", events, methods=["POST"])],
        )
        config = uvicorn.Config(web, host="127.0.0.1", port=port, log_level="warning", access_log=False)
        await uvicorn.Server(config).serve()


if __name__ == "__main__":
    uvloop.run(main(sys.argv[1], int(sys.argv[2])))
