"""PagerDuty's Events API v2, as a door: whoever sends there needs only another URL."""

from bot.contract import Plugin
from plugins.pagerduty.settings import PagerDutySettings
from plugins.pagerduty.source import PagerDuty

plugin = Plugin(
    name="pagerduty",
    settings=PagerDutySettings,
    sources=(PagerDuty,),
    summary="PagerDuty's Events API v2: alerts and change events, at PagerDuty's own addresses",
)
