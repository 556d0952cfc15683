"""`tocsin incident serious`: marked, listed and settled in a terminal."""

import json
import zipfile
from pathlib import Path

import pytest

from tests.cli.conftest import Type
from tests.cli.deliveries import firing

pytestmark = pytest.mark.usefixtures("slack")
MARK = ("--why", "patients were harmed", "--as", "cy")


@pytest.fixture
def fired(typed: Type) -> Type:
    """The same, with INC-1 open about churn."""
    typed("migrate")
    typed("replay", "-", "--connection", "prom", "--json", given=firing())
    return typed


def test_a_serious_incident_from_its_mark_to_its_report(fired: Type) -> None:
    assert fired("incident", "serious").stdout == "No clock runs.\n"
    assert fired("incident", "serious", "1").stdout == "It is marked as serious under no regime.\n"
    made = fired("incident", "serious", "INC-1", "--regime", "eu-ai-act", "--regime", "nis2", *MARK).stdout
    assert made.startswith("INC-1 is marked as serious (eu-ai-act, nis2), counted from ")
    assert "  Early warning (Art. 23) due in " in made
    assert "Art. 73(6)" in made
    listed = fired("incident", "serious").stdout.splitlines()
    assert [line.split()[1] for line in listed] == ["nis2/warning", "nis2/notification", "eu-ai-act/report"]
    assert "  report:  Early warning (Art. 23) due " in fired("incident", "show", "1").stdout
    met = fired("incident", "serious", "1", "--met", "warning", "--reference", "BSI-1", "--as", "cy")
    assert met.stdout.startswith("Early warning (Art. 23): made, for INC-1.\n")
    dropped = fired("incident", "serious", "1", "--drop", "notification", "--why", "counsel", "--as", "cy", "--json")
    said = json.loads(dropped.stdout)
    assert (said["verdict"], [one["standing"] for one in said["clocks"]]) == ("GO", ["met", "dropped", "running"])
    back = fired("incident", "serious", "1", "--take-back", "notification", "--why", "x", "--as", "cy").stdout
    assert back.startswith("Incident notification (Art. 23): runs again, for INC-1.")
    assert "was made at" in fired("incident", "serious", "1").stdout
    assert "every chain is whole" in fired("audit", "verify").stdout


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("1", "--regime", "eu-ai-akt", *MARK), 1, "Did you mean 'eu-ai-act'?"),
        (("1", "--regime", "dora", "--as", "cy"), 2, "needs a reason"),
        (("1", "--regime", "dora", "--aware", "2199-01-01 10:00", *MARK), 2, "in the future"),
        (("1", "--regime", "dora", "--aware", "yesterday", *MARK), 2, "yesterday"),
        (("1", "--regime", "dora", "--met", "report", *MARK), 2, "several things at once"),
        (("--regime", "dora", *MARK), 2, "No incident was named"),
        (("9", "--regime", "dora", *MARK), 1, "There is no incident INC-9."),
        (("1", "--met", "report", "--reference", "x", "--as", "cy"), 2, "Mark it as serious first."),
        (("1", "--met", "report", "--as", "cy"), 2, "authority's reference"),
        (("1", "--regime", "dora", "--why", "x", "--as", "ada"), 1, "Only leads of teams"),
    ],
)
def test_what_cannot_be_gets_a_clear_answer(fired: Type, words: tuple[str, ...], code: int, said: str) -> None:
    assert said in fired("incident", "serious", *words, code=code).output
    assert fired("incident", "serious").stdout == "No clock runs.\n"


def test_a_wrong_regime_in_the_configuration_is_refused_by_line(typed: Type, folder: Path) -> None:
    path = folder / "config/tocsin.yaml"
    good = path.read_text("utf-8")
    duty = "{step: tell, title: Tell them, within: 1d}"
    regime = f"{{name: a, title: A, duties: [{duty}]}}"
    wrong = {
        f"audit: {{serious: [{regime}, {regime}]}}": "taken",
        "audit: {serious: [{name: a, title: A, duties: []}]}": "duties",
        f"audit: {{serious: [{{name: a, title: A, duties: [{duty}, {duty}]}}]}}": "twice",
        "audit: {serious: [{name: a, title: A, duties: [{step: t, title: T, within: 0d}]}]}": "within",
        'audit: {serious_to: ["person:nobody"]}': "nobody",
        'audit: {serious_to: ["channel:#x"]}': "names no people",
        "audit: {keep: 30d}": "six months",
    }
    for line, said in wrong.items():
        path.write_text(f"{good}{line}\n", "utf-8")
        output = typed("check", code=1).output
        assert said in output, (line, output)
        assert f"tocsin.yaml:{good.count(chr(10)) + 1}" in output, output


def test_the_pack_is_one_command_and_says_what_is_not_known(fired: Type, tmp_path: Path) -> None:
    out = tmp_path / "inc-1.zip"
    said = fired("audit", "pack", "INC-1", "--out", out).stdout
    assert "entries of the log." in said
    assert "There is no postmortem." in said
    with zipfile.ZipFile(out) as zipped:
        assert "summary.html" in zipped.namelist()
    assert "is there already" in fired("audit", "pack", "1", "--out", out, code=2).output
    assert "There is no incident INC-9." in fired("audit", "pack", "9", "--out", tmp_path / "no.zip", code=1).stderr


def test_what_would_go_is_shown_and_nothing_is_taken(fired: Type, folder: Path) -> None:
    assert "audit.keep: not set" in fired("audit", "retention").stdout
    path = folder / "config/tocsin.yaml"
    path.write_text(f"{path.read_text('utf-8')}audit: {{keep: 184d}}\n", "utf-8")
    said = fired("audit", "retention").stdout
    assert "audit.keep: 26w2d" in said
    assert "Nothing would go." in said
    assert json.loads(fired("audit", "retention", "--json").stdout)["due"] == []
