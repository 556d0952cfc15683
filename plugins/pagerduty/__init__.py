"""PagerDuty both ways: its Events API v2 as a door, and people paged through it who may answer there."""

from bot.contract import Plugin
from plugins.pagerduty.pager import PagerDutyPager
from plugins.pagerduty.receiver import PagerDutyReceiver
from plugins.pagerduty.settings import PagerDutySettings
from plugins.pagerduty.source import PagerDuty

plugin = Plugin(
    name="pagerduty",
    settings=PagerDutySettings,
    sources=(PagerDuty,),
    pagers=(PagerDutyPager,),
    receivers=(PagerDutyReceiver,),
    summary="PagerDuty: its Events API v2 at its own addresses, and as the phone leg of pages",
    hosts=("{url}",),
)
