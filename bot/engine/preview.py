"""What a proposal would come to, shown before it is made: the plan, who must agree, and what forbids it now."""

from dataclasses import dataclass
from datetime import datetime

from bot.engine import approvers, drafting, forbidden, planning
from bot.engine.desk import Desk
from bot.engine.drafting import Wish
from bot.model.change import Change, Plan
from bot.store import Tx, changes


@dataclass(frozen=True, slots=True)
class Preview:
    """The plan as it would be proposed; people and policy are asked again when it is."""

    plan: Plan
    needs: int  #: how many others must agree
    approvers: tuple[str, ...]  #: who may, by name, without whoever asks
    forbidden: str | None = None  #: by which freeze or legal hold
    lock: Change | None = None  #: another open change of the same model

    @property
    def possible(self) -> bool:
        """Whether nothing stands in its way that is known now."""
        return not self.forbidden and self.lock is None and len(self.approvers) >= self.needs


async def preview(desk: Desk, wish: Wish, by: str, at: datetime) -> Preview:
    """What would be proposed if `by` asked for it now; nothing is written. Raises what `planning.draft` raises."""
    plan = await planning.draft(desk, wish, at)
    return await desk.store.read(lambda tx: _preview(tx, desk, wish, plan, (by, at)))


def _preview(tx: Tx, desk: Desk, wish: Wish, plan: Plan, asked: tuple[str, datetime]) -> Preview:
    by, at = asked
    person, model, roster = desk.person(tx, by), drafting.find(desk, plan.model), desk.roster(tx, at)
    rules = drafting.rules(tx, desk, wish, model, at)
    who = approvers.Requester(person, roster, at)
    about = forbidden.About(model.entity, wish.incident, model.name, wish.language)
    return Preview(
        plan=plan,
        needs=0 if wish.glass else approvers.needs_for(desk, model, plan, rules, who),
        approvers=tuple(sorted(approvers.of(desk, roster, model, at) - {person})),
        forbidden=forbidden.said(tx, desk, about, at),
        lock=changes.open_of(tx, model.name, plan.lock),
    )
