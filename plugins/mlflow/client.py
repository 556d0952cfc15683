"""Speaks MLflow's REST API, and turns what it says when it will not into errors that name the cure."""

import base64
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from bot.contract import NotDelivered, NotFound, Refused, Unreadable, http, reading
from bot.contract.http import Reply
from plugins.mlflow.settings import MlflowSettings

API = "api/2.0/mlflow"
_LARGEST = 8 * 1024 * 1024  # bytes: fifty runs carry all their tags
_GONE = {"RESOURCE_DOES_NOT_EXIST", "RESOURCE_NOT_FOUND"}
_LATER = frozenset({408, 425, 429, 500, 502, 503, 504})


class Client:
    """One MLflow server as one user sees it."""

    def __init__(self, peer: http.Peer, line: http.Line | None = None) -> None:
        """Without a `line` every question has a connection of its own; nothing is opened here."""
        self._peer = peer
        self._line = line or peer

    @classmethod
    def of(cls, settings: MlflowSettings) -> "Client":
        """As a connection's settings say."""
        headers = {"Accept": "application/json", **_proof(settings)}
        seconds = settings.timeout.total_seconds()
        return cls(http.Peer(settings.url, headers, settings.ca, settings.verify, seconds, _LARGEST))

    @asynccontextmanager
    async def kept(self) -> AsyncIterator["Client"]:
        """The same over one connection, for several questions in a row."""
        async with self._peer.line() as line:
            yield Client(self._peer, line)

    async def get(self, path: str, **query: str) -> dict[str, Any]:
        """What stands at a path of the API. NotFound, Refused, NotDelivered."""
        reply = await self._line.ask("GET", f"{API}/{path}", query=query)
        return _read(reply, "GET")

    async def post(self, path: str, **body: Any) -> dict[str, Any]:
        """The answer to a POST; NotDelivered without `retry` where nobody knows whether it was done."""
        reply = await self._line.ask("POST", f"{API}/{path}", json=body)
        return _read(reply, "POST")

    async def file(self, name: str, version: str, path: str) -> bytes | None:
        """A file of a model version's artifacts; None where the server cannot hand it out."""
        query = {"name": name, "version": version, "path": path}
        reply = await self._line.ask("GET", "model-versions/get-artifact", query=query)
        return reply.body if reply.status == 200 else None

    async def artifact(self, run: str, path: str) -> bytes | None:
        """A file of a run's artifacts; None where the server cannot hand it out, or there is none."""
        reply = await self._line.ask("GET", "get-artifact", query={"run_id": run, "path": path})
        return reply.body if reply.status == 200 else None


def _proof(settings: MlflowSettings) -> Mapping[str, str]:
    if settings.token is not None:
        return {"Authorization": f"Bearer {settings.token.get_secret_value()}"}
    if settings.username is not None and settings.password is not None:
        pair = f"{settings.username}:{settings.password.get_secret_value()}".encode()
        return {"Authorization": f"Basic {base64.b64encode(pair).decode()}"}
    return {}


def _read(reply: Reply, method: str) -> dict[str, Any]:
    """The JSON object of an answer. An empty list is left out of it altogether."""
    if 200 <= reply.status < 300:
        said = reply.json()
        if not isinstance(said, dict):
            raise NotDelivered("MLflow's answer is no JSON object.", "Look whether the address is right.")
        return said
    if reply.status in _LATER:
        # A server that broke while it wrote may have written; one that is busy has taken nothing.
        after = http.wait(reply) if reply.status in (429, 503) else None
        retry = method == "GET" or reply.status in (429, 503)
        raise NotDelivered(f"MLflow answered {reply.status}.", "Look whether it is up.", retry=retry, after=after)
    raise _refused(reply)


def _refused(reply: Reply) -> NotFound | Refused:
    """What a refusal means: JSON with a code, plain text of its doors, or the HTML of a web server."""
    code, message = _complaint(reply.body)
    if code in _GONE:
        return NotFound(f"MLflow: {message}.", "Look at its registry.")
    if code and reply.status not in (401, 403):
        return Refused(f"MLflow: {message}.")
    if reply.status == 401:
        return Refused(
            "MLflow does not know who asks (401).", "Set the connection's `token`, or `username` and `password`."
        )
    if reply.status == 403 and b"host header" in reply.body[:200].lower():
        return Refused(
            "MLflow does not serve under the host name of `url` (403, Invalid Host header).",
            "Start it with that name: mlflow server --allowed-hosts NAME (or MLFLOW_SERVER_ALLOWED_HOSTS).",
        )
    if reply.status == 403:
        return Refused(
            f"MLflow does not permit it (403){f': {message}' if message else ''}.",
            "Give the connection's user the permission EDIT on the registered model.",
        )
    if 300 <= reply.status < 400:
        return Refused(f"MLflow's address leads elsewhere ({reply.status}).", "Set `url` to where it leads.")
    if reply.status == 404:
        return Refused(
            "There is no REST API of MLflow at `url` (404).",
            "Set `url` to the tracking server's root, with its static prefix if it has one.",
        )
    return Refused(f"MLflow answered {reply.status}.", "Look at its log.")


def _complaint(body: bytes) -> tuple[str, str]:
    """Code and message of MLflow's own errors; empty where it is none of them."""
    try:
        said = reading.loads(body)
    except Unreadable:
        return "", ""
    if not isinstance(said, dict):
        return "", ""
    message = reading.clean(reading.text(said.get("message"), 300) or "")
    return reading.text(said.get("error_code"), 60) or "", message.rstrip(".")
