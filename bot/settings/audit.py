"""`audit:` of tocsin.yaml: what signs checkpoints of the log and where they go, how long entries keep what they say."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import Field

from bot.documents import Duration, Form, Wrong
from bot.errors import BadConfig, BadInput
from bot.model.serious import REGIMES, Duty, Regime
from bot.settings import forms
from bot.settings.forms import Name
from bot.settings.known import Known
from bot.settings.nouns import Audit
from bot.settings.sheet import Sheet

PAGED = ("person", "team", "lead", "rota")  #: whom `serious_to` may name
_PEOPLE = f"Write one of {', '.join(f'{kind}:NAME' for kind in PAGED)}."
LEAST = timedelta(days=184)  #: EU AI Act, Art. 19(1) and 26(6): logs of high-risk systems are kept six months at least
SOONEST = timedelta(minutes=1)  #: what is due is looked at each minute
CHANNEL = "channel:"
NO_KEY = "Checkpoints of the log are not signed: whoever can write the database could rewrite all of it unseen."


class DutyForm(Form):
    """A report that is wanted."""

    step: Name
    title: str = Field(min_length=1, max_length=200)
    within: Duration
    source: str = ""


class RegimeForm(Form):
    """One law, for one kind of incident."""

    name: Name
    title: str = Field(min_length=1, max_length=200)
    duties: list[DutyForm] = Field(min_length=1)


class AuditForm(Form):
    """The whole section."""

    name: Name = Audit().name
    key: str | None = None
    every: Duration = Audit().every
    post: list[str] = Field(default=[])
    keep: Duration | None = None
    high_risk: Duration | None = None
    serious: list[RegimeForm] = Field(default=[])
    serious_to: list[str] = Field(default=[])


def read(sheet: Sheet, known: Known) -> Audit:
    """The section, or what stands for it when it is left out; what does not fit is in the sheet's complaints."""
    form = sheet.section("audit", AuditForm)
    if form is None:
        return Audit()
    for key in ("keep", "high_risk"):
        span = getattr(form, key)
        if span is not None and span < LEAST:
            do = "Write 184d or more, or leave it out to keep everything."
            sheet.wrong("Logs of high-risk systems are kept six months at least.", do, "audit", key)
    _complain(sheet, form, known)
    if form.every < SOONEST:
        sheet.wrong("That is more often than anything is looked at.", "Write 1m or more.", "audit", "every")
    folder = Path(sheet.document.file).parent
    signs = folder / form.key if form.key else None
    if signs and (fault := _unfit(signs)):
        sheet.wrong(*fault, "audit", "key")
    post = tuple(_place(sheet, folder, number, given) for number, given in enumerate(form.post))
    own = {one.name: _regime(one) for one in form.serious}
    regimes = {one.name: one for one in REGIMES} | own
    return Audit(
        name=form.name,
        key=signs,
        every=form.every,
        post=tuple(dict.fromkeys(post)),
        keep=form.keep,
        high_risk=form.high_risk,
        regimes=tuple(regimes.values()),
        serious_to=tuple(form.serious_to),
    )


def _complain(sheet: Sheet, form: AuditForm, known: Known) -> None:
    """What is wrong with the regimes, and with whom their reports are for."""
    seen: dict[str, int] = {}
    for place, one in enumerate(form.serious):
        if one.name in seen:
            first = sheet.document.line("audit", "serious", seen[one.name])
            what = f"The name '{one.name}' is taken already, in line {first}."
            sheet.wrong(what, "Rename one.", "audit", "serious", place, "name")
        seen.setdefault(one.name, place)
        steps: set[str] = set()
        for nth, duty in enumerate(one.duties):
            if duty.step in steps:
                what = f"The step '{duty.step}' stands in regime '{one.name}' twice."
                sheet.wrong(what, "Rename one.", "audit", "serious", place, "duties", nth, "step")
            steps.add(duty.step)
    for place, target in enumerate(form.serious_to):
        kind = target.partition(":")[0]
        fault = known.missing_target(target) if kind in PAGED else (f"'{target}' names no people.", _PEOPLE)
        if fault:
            sheet.wrong(*fault, "audit", "serious_to", place)


def _regime(form: RegimeForm) -> Regime:
    duties = tuple(Duty(one.step, one.title, one.within, one.source) for one in form.duties)
    return Regime(form.name, form.title, duties)


def kind(place: str) -> str:
    """What one of `post` is: `channel`, `address` or `file`."""
    if place.startswith(CHANNEL):
        return "channel"
    return "address" if place.lower().startswith(("http://", "https://")) else "file"


def shown(place: str) -> str:
    """One of `post` without any secret in it: an address without user, password, query and fragment."""
    if kind(place) != "address":
        return place
    parts = urlsplit(place)
    host = parts.netloc.rpartition("@")[2]
    return f"{parts.scheme}://{host}{parts.path}"


def unsigned(audit: Audit, file: Path | str) -> Iterator[BadConfig]:
    """What `tocsin check` warns of."""
    if audit.key is None:
        do = "Make a key with `tocsin audit key`; it prints what `audit.key` and `audit.post` may be."
        yield BadConfig(NO_KEY, do, file=file)
    elif not audit.post:
        do = "Let `audit.post` name a channel, a file or an address that is not the database."
        yield BadConfig("Checkpoints of the log are kept in the database alone.", do, file=file)


def _unfit(key: Path) -> tuple[str, str] | None:
    """Why that file signs nothing, and the cure."""
    from bot.rules import signing  # 25 ms that a configuration without a key need not pay

    try:
        signing.read_private(key)
    except BadInput as error:
        return error.what, error.do
    return None


def _place(sheet: Sheet, folder: Path, number: int, given: str) -> str:
    """One of `post` as it is used; what is wrong with it is complained of."""
    its = ("audit", "post", number)
    if kind(given) == "channel":
        try:
            forms.channel(given.removeprefix(CHANNEL))
        except Wrong as wrong:
            sheet.wrong(f"That {wrong.what}", f"{wrong.do} Before it stands `channel:`.", *its)
        return given
    if kind(given) == "address":
        if not _host(given):
            sheet.wrong("That is no address.", "Write https://HOST/PATH.", *its)
        return given
    if "/" not in given:
        do = "Write channel:#name, a path with a slash in it (./checkpoints.txt), or https://HOST/PATH."
        sheet.wrong("That is no place for checkpoints.", do, *its)
        return given
    file = folder / given
    if file.is_dir() or not file.parent.is_dir():
        what = "That is a folder." if file.is_dir() else f"There is no folder {file.parent}."
        sheet.wrong(what, "Name a file in a folder that exists; better one of another machine.", *its)
    return str(file)


def _host(address: str) -> bool:
    try:
        parts = urlsplit(address)
        return bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
