"""The small forms that settings are made of: names, zones, targets, channels."""

import re
from functools import cache
from typing import Annotated, Any, Literal
from zoneinfo import available_timezones

from pydantic import AfterValidator, BeforeValidator, Field

from bot import documents
from bot.rules import reach
from bot.runbooks.targets import Written

Severity = Literal["sev1", "sev2", "sev3", "sev4", "sev5"]
Urgency = Literal["high", "low"]


def _name(value: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", value):
        do = "Use letters, digits, dots, dashes and underscores, at most 64, and begin with a letter or digit."
        raise documents.Wrong("is no plain name.", do)
    return value


@cache
def zones() -> frozenset[str]:
    """Every time zone the machine knows."""
    return frozenset(available_timezones())


def _zone(value: str) -> str:
    if value not in zones():
        raise documents.Wrong(
            "is no time zone.", documents.closest(value, zones()) or "Write one as in Europe/Istanbul."
        )
    return value


def channel(value: str) -> str:
    """The same value; documents.Wrong where it is no channel of Slack."""
    if not re.fullmatch(r"#[^\s#@<>&,A-Z]{1,80}|[CG][A-Z0-9]{6,}", value):
        raise documents.Wrong(
            "is no Slack channel.", 'Write "#name" (quoted: # begins a comment) or its id, as in C012AB3CD.'
        )
    return value


def _slack_id(value: str) -> str:
    if not re.fullmatch(r"[UW][A-Z0-9]{2,}", value):
        do = "Open the profile in Slack, press the three dots, Copy member ID: it looks like U01ADA2BC."
        raise documents.Wrong("is no Slack member id.", do)
    return value


def _team(value: str) -> str:
    if not re.fullmatch(r"T[A-Z0-9]{2,30}", value):
        do = "It stands in the address of Slack in a browser: app.slack.com/client/T0123ABCD/..."
        raise documents.Wrong("is no team id.", do)
    return value


def _target(value: str) -> str:
    kind, _, name = value.partition(":")
    if kind not in reach.KINDS or not name:
        shapes = ", ".join(f"{kind}:NAME" for kind in reach.KINDS)
        raise documents.Wrong("is no target.", f"Write one of {shapes}.")
    return value


def _listed(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


Name = Annotated[str, AfterValidator(_name)]
Zone = Annotated[str, AfterValidator(_zone)]
Channel = Annotated[str, AfterValidator(channel)]
SlackId = Annotated[str, AfterValidator(_slack_id)]
Team = Annotated[str, AfterValidator(_team)]  #: of a workspace
Target = Annotated[str, AfterValidator(_target)]
Targets = Annotated[list[Target], BeforeValidator(_listed)]
Reachables = Annotated[
    list[Written], BeforeValidator(_listed)
]  #: places in Slack among them: they page, and approve nothing
#: a number that may come from the environment, where everything is text
Number = Annotated[int, Field(strict=False)]
