"""The head of a runbook: its form, what must be true of it by itself, and the runbook it becomes."""

import math
import re
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Annotated, Any, Literal, get_args

from pydantic import AfterValidator, Field

from bot import documents
from bot.documents import Document, Duration, Form, Pause, Wait, closest
from bot.errors import BadConfig, BadInput
from bot.model.matcher import Matcher
from bot.model.noise import Calm, Confirm, Grouping
from bot.model.runbook import TIERS, Action, Grade, Runbook, Tier
from bot.runbooks import canary as canaries
from bot.runbooks import gate as gates
from bot.runbooks import stages
from bot.runbooks.stages import StageForm
from bot.runbooks.targets import Targets

Parse = Callable[[str], Matcher]  #: how a condition is written

Severity = Literal["sev1", "sev2", "sev3", "sev4", "sev5"]
TierName = Literal["L1", "L2", "L3"]
Lever = Literal["evaluate", "pause", "promote", "retrain", "rollback"]
Act = Literal["evaluate", "pause", "promote", "retrain", "rollback", "silence"]
PARAMETERS, PARAMETER = 50, 500  #: of a lever, and characters of one that is a text
LARGEST = 2**53  #: of a whole number, which every reader of JSON takes as it is
TRAINER, OWN = "retrain", ("propose", "parameters")  #: the lever that has a trainer, and what is for that one alone
GROUPABLE = (
    *("entity", "model", "environment", "kind", "version", "source", "connection", "title", "metric"),
    *("feature", "segment", "model.team", "model.kind", "criticality"),
)


def _field(value: str) -> str:
    if value not in GROUPABLE and not re.fullmatch(r"label\.\S+", value):
        raise documents.Wrong("is nothing to group by.", closest(value, GROUPABLE) or f"Known: {', '.join(GROUPABLE)}.")
    return value


def _parameter(value: Any) -> Any:
    """A scalar, or a list of scalars, as JSON has them; what a trainer is handed has to be kept and read the same."""
    if isinstance(value, list):
        if len(value) > PARAMETERS:
            raise documents.Wrong("is too long.", f"At most {PARAMETERS} values.")
        if any(isinstance(one, list) for one in value):
            raise documents.Wrong("is a list of lists.", "Give one list of values.")
        return [_parameter(one) for one in value]
    if isinstance(value, str):
        if len(value) > PARAMETER or not value.isprintable():
            raise documents.Wrong("is no text to hand on.", f"At most {PARAMETER} printable characters, on one line.")
        return value
    if isinstance(value, bool) or (isinstance(value, float) and math.isfinite(value)):
        return value
    if isinstance(value, int) and abs(value) <= LARGEST:
        return value
    raise documents.Wrong("is no parameter.", "Give a text (dates in quotes), a number, true, false, or a list.")


Text = Annotated[str, Field(min_length=1, max_length=200)]
Key = Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_.-]{0,79}$")]
Parameter = Annotated[Any, AfterValidator(_parameter)]


class TierForm(Form):
    """One tier: who is paged and how long they have, or its stages; and what they may do alone."""

    page: Targets | None = None
    answer_within: Duration | None = None
    stages: list[StageForm] | None = None
    may: list[Act] = Field(default=[])


class GradeForm(Form):
    """One severity and its conditions."""

    severity: Severity = Field(alias="is")
    conditions: list[str] = Field(default=[], alias="if")


class ActionForm(Form):
    """One lever and the approval it needs."""

    approval: Literal["none", "one", "two", "tier"] = "one"
    metric: Text | None = None
    break_glass: bool = False
    verify_within: Duration | None = None
    gate: gates.GateForm | None = None
    canary: canaries.CanaryForm | None = None
    propose: bool = False
    parameters: Annotated[dict[Key, Parameter], Field(max_length=PARAMETERS)] = Field(default={})


class ConfirmForm(Form):
    """How many of the last evaluations must have breached before an incident opens."""

    breaches: Annotated[int, Field(ge=1, le=20)]
    of: Annotated[int, Field(ge=1, le=20)]
    shadow: bool = False


class CalmForm(Form):
    """What must hold before an incident ends by itself."""

    evaluations: Annotated[int, Field(ge=1, le=20)] = 1
    after: Wait = timedelta(0)
    shadow: bool = False


class Head(Form):
    """The whole head."""

    title: Text
    owner: Annotated[str, Field(pattern=r"^((team|person|lead|rota):)?[A-Za-z0-9][\w.-]*$")]
    review_by: date
    match: dict[str, str | int | float] | list[str]
    severity: Annotated[list[GradeForm], Field(min_length=1)]
    tiers: Annotated[dict[TierName, TierForm], Field(min_length=1)]
    start: dict[Severity, TierName] = Field(default={})
    actions: dict[Lever, ActionForm] = Field(default={})
    group_by: list[Annotated[str, AfterValidator(_field)]] = Field(
        default=["entity", "model", "environment", "kind"], min_length=1
    )
    group_wait: Wait = timedelta(0)
    group_interval: Wait = Grouping().interval
    group_window: Duration | None = None
    confirm: ConfirmForm | None = None
    calm: CalmForm = CalmForm()
    repeats: Annotated[int, Field(ge=0, le=20)] | None = None
    fallback: Targets | None = None
    urgency: dict[Severity, Literal["high", "low"]] = Field(default={})
    remind: Pause | None = None
    give_back: Pause | None = None


def runbook(name: str, revision: str, document: Document, body: str, parse: Parse) -> Runbook:
    """The runbook a head and a body make; BadConfigs with everything that is wrong with them."""
    head, complaints = documents.fit(Head, document.data, document)
    if head is None:
        raise documents.BadConfigs(complaints)
    complaints += [*_unreachable(head, document), *_ungraded(head, document), *_unconfirmable(head, document)]
    complaints += [
        *_unstaged(head, document),
        *_ungated(head, document),
        *_unsteady(head, document),
        *_untrained(head, document),
    ]
    match = _conditions(head.match, parse, document, complaints, "match")
    grades = tuple(
        Grade(grade.severity, _conditions(grade.conditions, parse, document, complaints, "severity", number, "if"))
        for number, grade in enumerate(head.severity)
    )
    if complaints:
        raise documents.BadConfigs(complaints)
    tiers = tuple(
        _tier(tier, form)
        for tier in TIERS
        if (form := head.tiers.get(tier))  # type: ignore[call-overload]
    )
    return Runbook(
        name=name,
        file=document.file,
        revision=revision,
        title=head.title,
        owner=head.owner if ":" in head.owner else f"team:{head.owner}",
        review_by=head.review_by,
        match=match,
        severity=grades,
        tiers=tiers,
        start={str(severity): str(tier) for severity, tier in head.start.items()}
        or {grade.severity: tiers[0].name for grade in grades},
        actions=tuple(
            Action(lever, form.approval, _options(form), form.break_glass) for lever, form in head.actions.items()
        ),
        group=Grouping(tuple(head.group_by), head.group_wait, head.group_interval, head.group_window),
        confirm=Confirm(**head.confirm.model_dump()) if head.confirm else None,
        calm=Calm(**head.calm.model_dump()),
        repeats=head.repeats,
        fallback=tuple(head.fallback or ()),
        urgency={str(severity): str(urgency) for severity, urgency in head.urgency.items()},
        remind=head.remind,
        give_back=head.give_back,
        body=body.strip("\n"),
    )


def _tier(name: str, form: TierForm) -> Tier:
    if form.stages is None:
        return Tier(name, tuple(form.page or ()), form.answer_within or timedelta(0), tuple(form.may))
    course = tuple(map(stages.stage, form.stages))
    targets = dict.fromkeys(target for stage in course for target in stage.page)
    return Tier(name, tuple(targets), sum((one.wait for one in course), timedelta(0)), tuple(form.may), course)


def _unstaged(head: Head, document: Document) -> Iterator[BadConfig]:
    """Tiers that are neither plain nor staged, or both, and stages that make no sense."""
    for name, form in head.tiers.items():
        plain = {"page": form.page, "answer_within": form.answer_within}
        if form.stages is None:
            for key in (key for key, value in plain.items() if value is None):
                yield document.wrong(f"`tiers.{name}.{key}` is missing.", "Add it, or write `stages`.", "tiers", name)
            continue
        for key in (key for key, value in plain.items() if value is not None):
            what = f"`{key}` stands beside `stages`."
            yield document.wrong(what, "Move it into a stage.", "tiers", name, key)
        for what, do, path in stages.faults(form.stages):
            yield document.wrong(what, do, "tiers", name, "stages", *path)


def _options(form: ActionForm) -> dict[str, object]:
    given = form.model_dump(exclude={"approval", "break_glass"}, exclude_none=True, by_alias=True)
    given = {key: value for key, value in given.items() if value or key not in OWN}
    return {key: value.total_seconds() if isinstance(value, timedelta) else value for key, value in given.items()}


def _conditions(
    written: dict[str, str | int | float] | list[str],
    parse: Parse,
    document: Document,
    complaints: list[BadConfig],
    *path: str | int,
) -> tuple[Matcher, ...]:
    found = []
    for place, text in _spelt(written):
        try:
            found.append(parse(text))
        except BadInput as error:
            complaints.append(document.wrong(error.what, error.do, *path, place))
    return tuple(found)


def _spelt(written: dict[str, str | int | float] | list[str]) -> Iterator[tuple[str | int, str]]:
    """Each condition with its place: a mapping asks for equality."""
    if isinstance(written, list):
        yield from enumerate(written)
        return
    for field, value in written.items():
        quoted = str(value).replace("\\", "\\\\").replace('"', '\\"')
        yield field, f'{field} = "{quoted}"'


def _unreachable(head: Head, document: Document) -> Iterator[BadConfig]:
    """Start tiers that are not defined, and tiers below every start."""
    for severity, tier in head.start.items():
        if tier not in head.tiers:
            do = f"Define it, or start {severity} at {' or '.join(sorted(head.tiers))}."
            yield document.wrong(f"{severity} starts at {tier}, which is not defined.", do, "start", severity)
    starts = [TIERS.index(tier) for tier in head.start.values()]
    for tier in sorted(head.tiers):
        if starts and TIERS.index(tier) < min(starts):
            do = "Let a severity start there, or leave the tier out."
            yield document.wrong(f"{tier} cannot be reached: every severity starts above it.", do, "tiers", tier)


def _unconfirmable(head: Head, document: Document) -> Iterator[BadConfig]:
    """More breaches than evaluations."""
    if head.confirm and head.confirm.breaches > head.confirm.of:
        what = f"{head.confirm.breaches} of {head.confirm.of} evaluations can never breach."
        yield document.wrong(what, "Let `of` be the larger number.", "confirm", "breaches")


def _ungated(head: Head, document: Document) -> Iterator[BadConfig]:
    """Gates that no version could pass, or that every version does."""
    for lever, action in head.actions.items():
        for what, do, keys in gates.faults(action.gate) if action.gate else ():
            yield document.wrong(what, do, "actions", lever, "gate", *keys)


def _untrained(head: Head, document: Document) -> Iterator[BadConfig]:
    """What is for a trainer, under a lever that has none."""
    for lever, action in head.actions.items():
        for key in OWN:
            if lever != TRAINER and key in action.model_fields_set:
                do = f"Put it under {TRAINER}, or drop it."
                yield document.wrong(f"`{key}` is for {TRAINER}, not for {lever}.", do, "actions", lever, key)


def _unsteady(head: Head, document: Document) -> Iterator[BadConfig]:
    """Canaries whose steps do not rise, and those of levers that bring no new version into service."""
    for lever, action in head.actions.items():
        if action.canary and lever != "promote":
            do = "Put it under promote, or drop it."
            yield document.wrong(f"`{lever}` goes by no steps.", do, "actions", lever, "canary")
        for what, do, keys in canaries.faults(action.canary) if action.canary else ():
            yield document.wrong(what, do, "actions", lever, "canary", *keys)


def _ungraded(head: Head, document: Document) -> Iterator[BadConfig]:
    """A list of severities without a default, what stands behind one, and severities that start nowhere."""
    for number, grade in enumerate(head.severity):
        last = number == len(head.severity) - 1
        if last and grade.conditions:
            do = f"End the list with one that has no `if`, as in: - {{is: {get_args(Severity)[2]}}}"
            yield document.wrong("No severity is left when no condition holds.", do, "severity", number)
        if not last and not grade.conditions:
            do = "Move it to the end of the list, or give it an `if`."
            what = f"Nothing behind {grade.severity} is ever asked, for it has no `if`."
            yield document.wrong(what, do, "severity", number)
        if head.start and grade.severity not in head.start:
            yield document.wrong(f"{grade.severity} starts at no tier.", f"Add {grade.severity} to `start`.", "start")
