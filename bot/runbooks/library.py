"""All runbooks of a folder; a file that is wrong keeps its last good revision in force."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from bot import documents
from bot.documents import Document
from bot.errors import BadConfig
from bot.model.runbook import Runbook
from bot.runbooks import templates
from bot.runbooks.head import Parse, runbook


@dataclass(frozen=True)
class Library:
    """The runbooks in force, by name, everything that is wrong with their files, and where their keys stand."""

    runbooks: tuple[Runbook, ...] = ()
    complaints: tuple[BadConfig, ...] = ()
    documents: Mapping[str, Document] = field(default_factory=dict, repr=False)

    def get(self, name: str) -> Runbook | None:
        """The runbook that bears `name`."""
        return next((runbook for runbook in self.runbooks if runbook.name == name), None)


def load(folder: Path, parse: Parse, previous: Library | None = None) -> Library:
    """The runbooks of every `*.md` in `folder` (a README is none); never raises, the complaints are in the library.

    `parse` reads a condition. A file that is wrong counts with its revision in `previous`, or not at all.
    """
    previous = previous or Library()
    files = sorted(file for file in folder.glob("*.md") if file.stem.lower() != "readme")
    if not files:
        do = "`tocsin init` writes the default ones."
        what = "There are no runbooks in this folder."
        return Library(previous.runbooks, (BadConfig(what, do, file=folder),), previous.documents)
    found: dict[str, tuple[Runbook, Document]] = {}
    complaints: list[BadConfig] = []
    for file in files:
        try:
            found[file.stem] = _read(file, parse)
        except BadConfig as error:
            complaints += documents.each(error)
            if kept := previous.get(file.stem):
                found[file.stem] = kept, previous.documents[file.stem]
                what = f"Revision {kept.revision} of {kept.name} stays in force."
                complaints.append(BadConfig(what, "Mend the file, then reload.", file=file))
    return Library(
        tuple(runbook for runbook, _ in found.values()),
        tuple(complaints),
        {name: document for name, (_, document) in found.items()},
    )


def draft(file: Path, parse: Parse, others: Library) -> Library:
    """`others` with the runbook in `file`, which need not stand in their folder, in place of the one of its name."""
    name = file.stem
    kept = tuple(one for one in others.runbooks if one.name != name)
    papers = {key: value for key, value in others.documents.items() if key != name}
    ours = tuple(one for one in others.complaints if Path(one.file).stem != name)
    try:
        found, document = _read(file, parse)
    except BadConfig as error:
        return Library(kept, (*ours, *documents.each(error)), papers)
    return Library((*kept, found), ours, {**papers, name: document})


def _read(file: Path, parse: Parse) -> tuple[Runbook, Document]:
    text = documents.text(file)
    document, body = documents.head(text, str(file))
    complaints = []
    if not re.fullmatch(r"[A-Za-z0-9][\w.-]*", file.stem):
        complaints.append(BadConfig("A runbook's name is a plain word.", "Rename the file.", file=file))
    first_line = text[: len(text) - len(body)].count("\n") + 1
    for what, line in templates.faults(body):
        complaints.append(BadConfig(what, "See the keys in config/README.md.", file=file, line=first_line + line - 1))
    try:
        found = runbook(file.stem, hashlib.sha256(text.encode()).hexdigest()[:12], document, body, parse)
    except BadConfig as error:
        complaints += documents.each(error)
    if complaints:
        raise documents.BadConfigs(complaints)
    return found, document
