"""`postmortems:` of tocsin.yaml: which incidents get one, by when, from which template, and where it goes."""

from datetime import timedelta
from pathlib import Path

from pydantic import Field

from bot import documents
from bot.documents import Duration, Form
from bot.errors import BadConfig
from bot.model.incident import SEVERITIES
from bot.rules import sections
from bot.runbooks import document, document_sample
from bot.settings.forms import Name
from bot.settings.known import Known
from bot.settings.nouns import Postmortems
from bot.settings.sheet import Sheet

OFTEN = timedelta(hours=1)  #: nobody is to be reminded more often than that


class PostmortemsForm(Form):
    """The whole section."""

    severities: list[Name] = Field(default=sorted(Postmortems().severities))
    due: Duration = Postmortems().due
    remind: Duration = Postmortems().remind
    template: str | None = None
    exports: list[Name] = Field(default=[])


def read(sheet: Sheet, known: Known) -> Postmortems:
    """The section, or what stands for it when it is left out; what does not fit is in the sheet's complaints."""
    form = sheet.section("postmortems", PostmortemsForm)
    if form is None:
        return Postmortems()
    for place, severity in enumerate(form.severities):
        if severity not in SEVERITIES:
            do = documents.closest(severity, SEVERITIES) or f"There are {', '.join(SEVERITIES)}."
            sheet.wrong(f"There is no severity '{severity}'.", do, "postmortems", "severities", place)
    for place, name in enumerate(form.exports):
        if fault := known.missing("connection", name):
            sheet.wrong(*fault, "postmortems", "exports", place)
    if form.remind < OFTEN:
        do = "Write 1h or more; 1d is usual."
        sheet.wrong("That would remind people more than once an hour.", do, "postmortems", "remind")
    template = _template(sheet, form.template) if form.template else None
    return Postmortems(frozenset(form.severities), form.due, form.remind, template, tuple(form.exports))


def _template(sheet: Sheet, named: str) -> Path:
    """Where it stands, beside the file that names it; it is tried on two incidents that never were."""
    file = Path(sheet.document.file).parent / named
    try:
        text = documents.text(file)
    except BadConfig as error:
        do = "It is a Jinja2 template, and its path counts from the folder of tocsin.yaml; see docs/postmortem.md."
        sheet.wrong(f"The template {file} cannot be used: {error.what}", do, "postmortems", "template")
        return file
    for what, line in (*sections.faults(text), *document.faults(text, *document_sample.SAMPLES)):
        sheet.complaints.append(BadConfig(what, "Mend it; see docs/postmortem.md.", file=str(file), line=line))
    return file
