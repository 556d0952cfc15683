"""Make the plan that a wish comes to, whichever lever it pulls; what is asked is read, nothing is written."""

from datetime import datetime

from bot.engine import canary, drafting, retrain_plan
from bot.engine.desk import Desk
from bot.engine.drafting import Wish
from bot.model.change import Lever, Plan


async def draft(desk: Desk, wish: Wish, at: datetime) -> Plan:
    """The plan that would be proposed now; raises what `drafting.draft` or `retrain_plan.draft` raises."""
    if wish.lever is Lever.RETRAIN:
        return await retrain_plan.draft(desk, wish, at)
    return await canary.stepped(desk, wish, await drafting.draft(desk, wish, at))
