"""The exporter to Slack: one canvas for each document, which the channel's members read and nobody but us writes.

Slack cannot keep parts of a canvas apart, so people are given it to read: what they have to say stands in the comments,
which a newer version leaves alone.
"""

from bot.contract import Check, Context, Document, Exported, Health, NotDelivered, reading
from plugins.canvas import markdown
from plugins.canvas.client import Client, Json
from plugins.canvas.settings import CanvasSettings

_TITLE = 200  # characters
_GONE = frozenset({"canvas_not_found", "canvas_deleted", "file_not_found", "file_deleted"})
_KINDS = frozenset({"quip", "canvas"})  # what Slack calls a canvas among files
_SCOPES = ("canvases:write", "files:read", "files:write")


class Canvases:
    """Implements `Exporter`; a reference is the canvas's id."""

    def __init__(self, settings: CanvasSettings, context: Context) -> None:
        """Nothing is opened."""
        self._own, self._client = settings, Client(settings)

    async def put(self, document: Document) -> Exported:
        """Make the canvas or write it anew; NotDelivered."""
        known = await self._client.files()
        pictures = {one.name: await self._client.send(document.id, one, known) for one in document.pictures}
        content = {"type": "markdown", "markdown": markdown.of(document.markdown, pictures)}
        for canvas in dict.fromkeys([document.reference, *(str(one.get("id")) for one in _ours(document, known))]):
            if canvas and await self._edit(document, canvas, content):
                return await self._shown(canvas)
        made = await self._client.ask("canvases.create", title=_titled(document), document_content=content)
        canvas = str(made.get("canvas_id") or "")
        if not canvas:
            raise NotDelivered("Slack does not say which canvas it made.", retry=True)
        return await self._shown(canvas)

    async def check(self) -> list[Check]:
        """Whether the token is in force and may look at files; whether it may write canvases shows at the first."""
        try:
            await self._client.files()
        except NotDelivered as error:
            return [Check("token", Health.UNKNOWN if error.retry else Health.MISSING, str(error))]
        return [Check("token", Health.OK)]

    async def _edit(self, document: Document, canvas: str, content: Json) -> bool:
        """Whether it was still there, and has this version now."""
        changes: tuple[Json, ...] = (
            {"operation": "replace", "document_content": content},
            {"operation": "rename", "title_content": {"type": "markdown", "markdown": _titled(document)}},
        )
        for change in changes:  # Slack takes one of them at a time
            said = await self._client.said("canvases.edit", canvas_id=canvas, changes=[change])
            if said.get("error") in _GONE:
                return False
            if not said.get("ok"):
                await self._client.ask("canvases.edit", canvas_id=canvas, changes=[change])
        return True

    async def _shown(self, canvas: str) -> Exported:
        """Let the channel read it, and say where it is."""
        asked = {"canvas_id": canvas, "access_level": "read", "channel_ids": [self._own.channel]}
        await self._client.ask("canvases.access.set", **asked)
        found = next((one for one in await self._client.files() if one.get("id") == canvas), {})
        return Exported(canvas, reading.link(found.get("permalink")) or "")


def _titled(document: Document) -> str:
    """It begins with the id, by which it is found among our files."""
    return f"{document.id}: {reading.clean(document.title)}"[:_TITLE]


def _ours(document: Document, files: list[Json]) -> list[Json]:
    """Canvases of ours with the document's id, oldest first."""
    found = [
        one
        for one in files
        if one.get("filetype") in _KINDS and str(one.get("title") or "").startswith(f"{document.id}:")
    ]
    return sorted(found, key=lambda one: (int(one.get("created") or 0), str(one.get("id"))))
