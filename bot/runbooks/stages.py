"""The stages of a tier as they are written in a runbook's head, what makes no sense of them, and what they become."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from bot.documents import Duration, Form
from bot.model import target
from bot.model.runbook import Only, Stage
from bot.runbooks import hours
from bot.runbooks.targets import Staged

MOST = 20  #: stages of one tier
Fault = tuple[str, str, tuple[str | int, ...]]  #: what is wrong, the cure, and where below `stages`


def _windows(value: Any) -> Any:
    return [value] if isinstance(value, dict) else value


Windows = Annotated[list[hours.HoursForm], BeforeValidator(_windows), Field(max_length=20)]


class OnlyForm(Form):
    """When a stage is taken."""

    more_than: Annotated[int, Field(ge=1, le=100_000)] | None = None
    within: Duration | None = None
    hours: Windows | None = None


class StageForm(Form):
    """One thing a tier does."""

    page: Staged | None = None
    wait: Duration | None = None
    until: Windows | None = None
    only: OnlyForm | None = None
    in_turn: bool = False
    all_must: bool = False
    back_to: Annotated[int, Field(ge=1, le=MOST)] | None = None
    times: Annotated[int, Field(ge=1, le=20)] | None = None
    spend: Annotated[float, Field(ge=0, strict=False)] | None = None


def stage(form: StageForm) -> Stage:
    """The form as a noun."""
    only = form.only
    return Stage(
        page=tuple(form.page or ()),
        wait=form.wait or timedelta(0),
        until=_nouns(form.until),
        only=Only(only.more_than or 0, only.within or timedelta(0), _nouns(only.hours)) if only else None,
        in_turn=form.in_turn,
        all_must=form.all_must,
        back_to=form.back_to,
        times=form.times or 0,
        spend=form.spend or 0.0,
    )


def faults(forms: list[StageForm]) -> Iterator[Fault]:
    """What is wrong with the stages of a tier though each key of them is right."""
    if not any(form.page for form in forms):
        yield "It only waits, and pages nobody.", "Add a stage with `page`.", ()
    if len(forms) > MOST:
        yield f"It has {len(forms)} stages.", f"At most {MOST}; move some to the tier above.", ()
    loops = [number for number, form in enumerate(forms) if form.back_to is not None]
    for number in loops[1:]:
        yield "It goes back a second time.", "One stage of a tier goes back; take this one out.", (number, "back_to")
    for number, form in enumerate(forms):
        for what, do, keys in (*_whole(form), *_waits(form), *_back(form, forms, number)):
            yield what, do, (number, *keys)


def _whole(form: StageForm) -> Iterator[Fault]:
    """What belongs to a page, and stands without one or beside the wrong one."""
    targets = form.page or []
    agents = [one for one in targets if one.startswith(f"{target.AGENT}:")]
    places = [one for one in targets if one.partition(":")[0] in target.PLACES]
    if not targets:
        for key in ("in_turn", "all_must"):
            if getattr(form, key):
                yield f"`{key}` is for a stage that pages.", "Add `page`, or take it out.", (key,)
    if form.spend is not None and not agents:
        yield "`spend` is for an agent.", "Name one, as in page: agent:triage, or take it out.", ("spend",)
    if agents and form.wait is None:
        yield "An agent needs to know how long it may look.", "Add `wait`, as in wait: 3m.", ("page",)
    for key in ("all_must", "in_turn"):
        if getattr(form, key) and (places or agents):
            named = ", ".join((*places, *agents))
            yield f"`{key}` is for people; {named} is none.", "Name a rota, a team or persons.", (key,)
    if form.all_must and form.in_turn:
        yield "`all_must` stands beside `in_turn`.", "One person takes a turn: take one of the two out.", ("in_turn",)


def _waits(form: StageForm) -> Iterator[Fault]:
    """Hours and conditions that say nothing, and stages that do."""
    if form.page and form.wait is None and not any(one.startswith(f"{target.AGENT}:") for one in form.page):
        yield "Nobody says how long they have to answer.", "Add `wait`, as in wait: 5m.", ("page",)
    if not (form.page or form.wait or form.until or form.back_to):
        yield "It does nothing.", "Give it `page`, `wait`, `until` or `back_to`, or take it out.", ()
    if form.until is not None and not _given(form.until):
        do = 'Write it as in until: {days: mon-fri, from: "09:00", to: "18:00"}.'
        yield "`until` names no hours.", do, ("until",)
    only = form.only
    if only is None:
        return
    if not only.model_fields_set:
        yield "`only` names no condition.", "Add `more_than` with `within`, or `hours`.", ("only",)
    if (only.more_than is None) != (only.within is None):
        do = "Write both, as in only: {more_than: 10, within: 5m}."
        yield "`more_than` and `within` belong together.", do, ("only",)
    if only.hours is not None and not _given(only.hours):
        do = 'Write them as in hours: {days: mon-fri, from: "09:00", to: "18:00"}.'
        yield "`hours` names none.", do, ("only", "hours")


def _back(form: StageForm, forms: list[StageForm], number: int) -> Iterator[Fault]:
    """Going back to where nothing is, or for ever."""
    if form.back_to is None:
        if form.times is not None:
            yield "`times` says how often to go back, and nothing goes back.", "Add `back_to`.", ("times",)
        return
    if form.times is None:
        yield "Nobody says how often it goes back.", "Add `times`, as in times: 2.", ("back_to",)
    if form.back_to > number:
        do = f"Name an earlier stage, from 1 to {number}." if number else "Take it out of the first stage."
        yield f"Stage {form.back_to} is not before it.", do, ("back_to",)
    if form.page or form.until:
        yield "It pages or waits for hours, and goes back.", "Write `back_to` as a stage of its own.", ("back_to",)


def _given(forms: list[hours.HoursForm]) -> bool:
    return bool(forms) and all(form.model_fields_set for form in forms)


def _nouns(forms: list[hours.HoursForm] | None) -> tuple[Any, ...]:
    return tuple(hours.window(form) for form in forms or ())
