"""What somebody wanted while nobody knew who they were, kept so that it can be done once they are known."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from datetime import datetime, timedelta
from typing import Any

from bot.slack import buttons, pieces
from bot.slack.payloads import Asked, Body, Click, Sent

FRESH = timedelta(minutes=15)  #: older than that, and whoever wanted it looks again first
_KEPT = ("id", "hash", "callback_id", "private_metadata", "state")  # of a view


@dataclass(frozen=True, slots=True)
class Wanted:
    """One press, order or form as it came, version seen and all; `what` is it in a few words."""

    kind: str  #: press | order | form
    asked: Asked
    at: datetime
    value: str = ""  #: of the button; the words of an order; the name of a form
    action: str = ""
    what: str = ""
    view: Body | None = None

    @classmethod
    def press(cls, click: Click, at: datetime) -> "Wanted":
        """A button of ours."""
        meant = buttons.decode(click.value)
        what = f"{meant.verb} {meant.incident} {meant.detail}" if meant.incident else meant.verb
        return cls("press", click.asked, at, click.value, click.action, pieces.shorten(what, 80))

    @classmethod
    def order(cls, asked: Asked, text: str, at: datetime) -> "Wanted":
        """Words that are an order."""
        return cls("order", asked, at, text, what=pieces.shorten(text, 80))

    @classmethod
    def form(cls, sent: Sent, at: datetime) -> "Wanted":
        """A form with all that was typed into it."""
        view = {name: sent.view[name] for name in _KEPT if name in sent.view}
        return cls("form", sent.asked, at, sent.form, what=pieces.shorten(sent.form, 80), view=view)

    def pack(self) -> dict[str, Any]:
        """As JSON."""
        return asdict(self) | {"at": self.at.isoformat()}

    @classmethod
    def unpack(cls, packed: Mapping[str, Any]) -> "Wanted | None":
        """The reverse; None when nothing was wanted but to be known."""
        if not packed:
            return None
        asked = Asked(**{each.name: packed["asked"].get(each.name) for each in fields(Asked)})
        known = {each.name: packed[each.name] for each in fields(cls) if each.name in packed}
        return cls(**known | {"asked": asked, "at": datetime.fromisoformat(packed["at"])})

    def again(self, key: str) -> "Wanted":
        """As it is done later: under a key of its own, and answered without what was good for a moment only."""
        return replace(self, asked=replace(self.asked, key=key, response_url=None, trigger=None))

    def clicked(self) -> Click:
        """The press."""
        return Click(self.asked, self.action, self.value)

    def sent(self) -> Sent:
        """The form."""
        return Sent(self.asked, self.value, self.view or {})
