"""Slack's Web API, as far as a canvas of ours needs it."""

import hashlib
from typing import Any

from bot.contract import NotDelivered, http, reading, refusal
from bot.contract.exporter import Picture
from plugins.canvas.settings import CanvasSettings

_PAGES = 50  # pages of the listing of our files that are read
#: What passes by itself.
_PASSING = frozenset({"ratelimited", "internal_error", "fatal_error", "service_unavailable", "request_timeout"})
_TOKEN = frozenset(
    {"invalid_auth", "not_authed", "account_inactive", "token_revoked", "token_expired", "missing_scope"}
)
_CURES = {
    "channel_not_found": "Correct `channel`, and invite our bot there.",
    "not_in_channel": "Invite our bot to the channel.",
    "free_teams_cannot_create_non_tabbed_canvases": "Slack's free plan has no canvases of their own.",
}
Json = dict[str, Any]


class Client:
    """What the exporter asks of one workspace; each question raises NotDelivered."""

    def __init__(self, settings: CanvasSettings) -> None:
        """Nothing is opened."""
        proof = {"Authorization": f"Bearer {settings.token.get_secret_value()}"}
        self._peer = http.Peer(settings.url, proof, repeatable=True)

    async def me(self) -> Json:
        """Who we are: `user_id`, `team`."""
        return await self.ask("auth.test")

    async def ask(self, method: str, **given: Any) -> Json:
        """An answer that is well."""
        said = await self.said(method, **given)
        if not said.get("ok"):
            raise _refused(method, said)
        return said

    async def said(self, method: str, **given: Any) -> Json:
        """An answer, well or not; what passes by itself is raised."""
        reply = await self._peer.ask("POST", method, json=given)
        if reply.status != 200:
            raise refusal.of("Slack", reply, rights="use canvases and files")
        said = reply.json()
        if not isinstance(said, dict):
            raise NotDelivered("The answer is none of Slack's.", "Look whether `url` is right.")
        if said.get("error") in _PASSING:
            raise NotDelivered(f"Slack answered {said['error']}.", retry=True, after=http.wait(reply))
        return said

    async def files(self) -> list[Json]:
        """Our own files, canvases among them, newest first."""
        found: list[Json] = []
        user = str((await self.me()).get("user_id") or "")
        for number in range(1, _PAGES + 1):
            form = {"user": user, "count": "200", "page": str(number)}
            reply = await self._peer.ask("POST", "files.list", form=form)
            if reply.status != 200:
                raise refusal.of("Slack", reply, rights="read files")
            said = reply.json()
            if not isinstance(said, dict) or not said.get("ok"):
                raise _refused("files.list", said if isinstance(said, dict) else {})
            found += [one for one in said.get("files") or [] if isinstance(one, dict)]
            if number >= int((said.get("paging") or {}).get("pages") or 1):
                break
        return found

    async def send(self, document_id: str, picture: Picture, known: list[Json]) -> str:
        """A link to the picture within Slack; one that was sent before is not sent again."""
        title = f"{document_id} {picture.name} {hashlib.sha256(picture.png).hexdigest()[:12]}"
        for one in known:
            if one.get("title") == title and (link := reading.link(one.get("permalink"))):
                return link
        form = {"filename": picture.name, "length": str(len(picture.png)), "alt_txt": picture.alt[:1000]}
        reply = await self._peer.ask("POST", "files.getUploadURLExternal", form=form)
        asked = reply.json() if reply.status == 200 else None
        if not isinstance(asked, dict):
            raise refusal.of("Slack", reply, rights="write files")
        if not asked.get("ok"):
            raise _refused("files.getUploadURLExternal", asked)
        await http.send(
            "POST", str(asked.get("upload_url")), content=picture.png, headers={"Content-Type": "image/png"}
        )
        done = await self.ask("files.completeUploadExternal", files=[{"id": asked.get("file_id"), "title": title}])
        files = done.get("files") or [{}]
        link = reading.link(files[0].get("permalink"))
        if link is None:
            raise NotDelivered("Slack does not say where the picture stands.", retry=True)
        return link


def _refused(method: str, said: Json) -> NotDelivered:
    error = reading.clean(str(said.get("error") or "nothing that can be read"))[:100]
    if error in _PASSING:
        return NotDelivered(f"Slack answered {error}.", retry=True)
    if error in _TOKEN:
        needed = reading.clean(str(said.get("needed") or ""))[:100]
        return NotDelivered(
            f"Slack answered {error} to {method}.", f"Give the bot {needed or 'a token that is in force'}."
        )
    return NotDelivered(f"Slack answered {error} to {method}.", _CURES.get(error, "Check the connection's options."))
