"""`tocsin audit` beside `verify` of a database: keys, checkpoints, exports and their verification."""

import hashlib
import json
import sqlite3
import stat
import zipfile
from pathlib import Path

import pytest

from bot.rules import signing
from tests.cli.conftest import Type
from tests.cli.deliveries import firing


@pytest.fixture
def signed(typed: Type, folder: Path) -> Path:
    """A log with a signed checkpoint; the bundle of it, which made that."""
    typed("audit", "key")
    with (folder / "config/tocsin.yaml").open("a", encoding="utf-8") as config:
        config.write(f"audit: {{name: acme, key: audit.key, post: [{folder}/posted.txt]}}\n")
    typed("migrate")
    typed("replay", "-", "--connection", "prom", given=firing())
    typed("audit", "export", "--entity", "retail", "--out", folder / "retail.zip")
    return folder / "retail.zip"


def test_a_key_is_made_once_and_only_its_owner_reads_it(typed: Type, folder: Path) -> None:
    said = typed("audit", "key").stdout
    key = folder / "config/audit.key"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert "key: audit.key" in said
    assert (folder / "config/audit.key.pub").read_text("utf-8") in said
    assert "PRIVATE" not in said
    before = key.read_bytes()
    assert "is there already" in typed("audit", "key", code=2).stderr
    assert key.read_bytes() == before


def test_an_export_is_verified_with_the_key_alone(typed: Type, folder: Path, signed: Path, tmp_path: Path) -> None:
    key = folder / "config/audit.key.pub"
    for name in ("config/tocsin.yaml", "tocsin.db"):
        (folder / name).unlink()  # nothing but the bundle and the key
    assert (
        "It is what was written: the key given vouches for it." in typed("audit", "verify", signed, "--key", key).stdout
    )
    told = json.loads(typed("audit", "verify", signed, "--key", key, "--json").stdout)
    assert (told["ok"], told["proven_by"], told["faults"], told["log"]) == (True, "the key given", [], "acme")
    assert "consistent with itself" in typed("audit", "verify", signed, code=1).stdout


def test_who_took_an_export_stands_in_the_log(typed: Type, folder: Path, signed: Path) -> None:
    typed("audit", "export", "--entity", "tocsin", "--out", folder / "own.zip")
    with zipfile.ZipFile(folder / "own.zip") as zipped:
        entries = [json.loads(line) for line in zipped.read("entries.jsonl").splitlines()]
    (told,) = [one for one in entries if one.get("kind") == "audit.exported"]
    assert (told["subject"], told["after"]["entries"]) == ("retail", told["after"]["last"])
    assert told["after"]["sha256"] == hashlib.sha256(signed.read_bytes()).hexdigest()
    assert told["actor"] == told["context"]["identity"]
    assert (told["actor"].startswith("login:"), told["context"]["method"]) == (True, "command line")


def test_checkpoints_that_somebody_signed_anew_in_the_database_are_named(
    typed: Type, folder: Path, signed: Path
) -> None:
    other = signing.make()
    with sqlite3.connect(folder / "tocsin.db") as database:
        for chain, size, note in database.execute("SELECT chain, size, note FROM checkpoints").fetchall():
            (read,) = [one for one in signing.notes(note) if isinstance(one, signing.Note)]
            forged = signing.written(read.name, read.said, other).note
            database.execute("UPDATE checkpoints SET note = ? WHERE chain = ? AND size = ?", (forged, chain, size))
    database.close()
    assert (
        "of retail that the database kept is signed with a key that is not known"
        in typed("audit", "verify", code=1).stdout
    )
    (folder / "other.pub").write_bytes(signing.public_pem(other.public_key()))
    typed("audit", "verify", "--key", folder / "other.pub")  # as after a change of keys


def test_another_key_is_a_clear_answer(typed: Type, folder: Path, signed: Path) -> None:
    typed("audit", "key", "--out", folder / "other")
    said = typed("audit", "verify", signed, "--key", folder / "other.pub", code=1).stdout
    assert "none of its checkpoints is signed with the key given" in said
    assert "exchanged" in said
    (folder / "nonsense.pub").write_text("hello", "utf-8")
    assert "no public key" in typed("audit", "verify", signed, "--key", folder / "nonsense.pub", code=2).stderr


def test_a_torn_file_is_a_clear_answer(typed: Type, folder: Path, signed: Path) -> None:
    (folder / "torn.zip").write_bytes(signed.read_bytes()[:-40])
    assert "its end was cut off" in typed("audit", "verify", folder / "torn.zip", code=2).stderr


def test_what_was_posted_is_held_against_the_database(typed: Type, folder: Path, signed: Path) -> None:
    notes = typed("audit", "checkpoints", "--notes").stdout
    (folder / "notes.txt").write_text(notes, "utf-8")
    assert "vouch for entries 1 to" in typed("audit", "verify", "--checkpoints", folder / "notes.txt").stdout
    (folder / "notes.txt").write_text(notes.replace("acme/", "other/"), "utf-8")
    assert "none of the checkpoints" in typed("audit", "verify", "--checkpoints", folder / "notes.txt", code=1).stdout
    (folder / "notes.txt").write_text(notes.replace("time 2", "time 3"), "utf-8")
    assert "not signed with that key" in typed("audit", "verify", "--checkpoints", folder / "notes.txt", code=1).stdout
    (folder / "notes.txt").write_text("hello\n", "utf-8")
    assert "no checkpoint" in typed("audit", "verify", "--checkpoints", folder / "notes.txt", code=2).stderr
    (folder / "notes.txt").write_text(notes, "utf-8")
    with sqlite3.connect(folder / "tocsin.db") as database:
        for (trigger,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            database.execute(f"DROP TRIGGER {trigger}")
        for table in ("log", "log_said", "log_heads", "checkpoints"):
            database.execute(f"DELETE FROM {table}")
    database.close()
    assert "every chain is whole" in typed("audit", "verify").stdout
    said = typed("audit", "verify", "--checkpoints", folder / "notes.txt", code=1).stdout
    assert "chain retail, entry 1: the chain ends at 0" in said


def test_the_list_says_what_is_signed(typed: Type, signed: Path) -> None:
    (one,) = [each for each in json.loads(typed("audit", "checkpoints", "--json").stdout) if each["chain"] == "retail"]
    assert one["signed"]
    assert one["posted"] == {}
    assert "retail" in typed("audit", "checkpoints", "--chain", "retail").stdout
    assert "no checkpoint yet" in typed("audit", "checkpoints", "--chain", "nowhere").stdout


def test_spans_and_files_that_make_no_sense(typed: Type, folder: Path, signed: Path) -> None:
    export = ("audit", "export", "--entity", "retail", "--out")
    assert "there already" in typed(*export, signed, code=2).stderr
    ends = ("--from", "2026-02-01", "--to", "2026-01-01")
    assert "before it begins" in typed(*export, folder / "b.zip", *ends, code=2).stderr
    assert "cannot be written" in typed(*export, folder / "nowhere/b.zip", code=2).stderr
    assert "Nothing of" in typed("audit", "export", "--entity", "nobody", "--out", folder / "b.zip", code=1).stderr


@pytest.mark.parametrize(
    ("section", "said"),
    [
        ("{key: gone.key}", "gone.key cannot be read"),
        ("{key: tocsin.yaml}", "no private key"),
        ('{post: ["#audit"]}', "no place for checkpoints"),
        ('{post: ["channel:audit"]}', "no Slack channel"),
        ('{post: ["https://"]}', "no address"),
        ('{post: ["/nowhere/at/all.txt"]}', "no folder"),
        ("{every: 10s}", "more often"),
    ],
)
def test_settings_that_do_not_fit_are_refused_with_their_line(
    typed: Type, folder: Path, section: str, said: str
) -> None:
    with (folder / "config/tocsin.yaml").open("a", encoding="utf-8") as config:
        config.write(f"audit: {section}\n")
    told = typed("check", code=1).stderr
    assert said in told
    assert "tocsin.yaml:6" in told


def checkpoints_row(typed: Type) -> list[dict[str, str]]:
    said = typed("doctor", "--json", code=1).stdout
    return [row for row in json.loads(said)["checks"] if row["what"] == "audit: checkpoints"]


def test_the_doctor_tells_what_is_not_signed_not_made_and_not_posted(typed: Type, folder: Path, signed: Path) -> None:
    (one,) = checkpoints_row(typed)
    assert (one["health"], "the newest is not posted everywhere yet" in one["found"]) == ("ok", True)
    with sqlite3.connect(folder / "tocsin.db") as database:
        database.execute("UPDATE checkpoints SET posted = ?", (json.dumps({str(folder / "posted.txt"): "byte 0"}),))
    database.close()
    assert "signed and posted; the last at" in checkpoints_row(typed)[0]["found"]
    with sqlite3.connect(folder / "tocsin.db") as database:
        database.execute(
            "UPDATE checkpoints SET posted = '{}', at = strftime('%Y-%m-%d %H:%M:%f000+00:00', at, '-2 days')"
        )
    database.close()
    (late,) = checkpoints_row(typed)
    assert (late["health"], "posted.txt lacks the newest of retail" in late["found"]) == ("missing", True), late
    with sqlite3.connect(folder / "tocsin.db") as database:
        database.execute("DELETE FROM checkpoints")
        for (trigger,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            database.execute(f"DROP TRIGGER {trigger}")
        database.execute("UPDATE log SET recorded_at = strftime('%Y-%m-%d %H:%M:%f000+00:00', recorded_at, '-2 days')")
    database.close()
    (waits,) = checkpoints_row(typed)
    assert ("An entry of the log has waited " in waits["found"], waits["do"]) == (
        True,
        "See that `tocsin serve` runs, and what it logs.",
    )
    (folder / "config/tocsin.yaml").write_text(
        (folder / "config/tocsin.yaml").read_text("utf-8").replace("key: audit.key, ", ""), "utf-8"
    )
    assert any("not signed" in row["found"] and "tocsin audit key" in row["do"] for row in checkpoints_row(typed))


def test_a_pack_says_what_of_it_proves_itself_and_is_in_the_log(typed: Type, folder: Path, signed: Path) -> None:
    typed("audit", "pack", "INC-1", "--out", folder / "pack.zip")
    key = folder / "config/audit.key.pub"
    assert "verify the log.zip within" in typed("audit", "verify", folder / "pack.zip", "--key", key, code=2).stderr
    with zipfile.ZipFile(folder / "pack.zip") as zipped:
        (folder / "log.zip").write_bytes(zipped.read("log.zip"))
    assert "the key given vouches" in typed("audit", "verify", folder / "log.zip", "--key", key).stdout
    assert "audit.exported" in typed("incident", "timeline", "INC-1", "--all", "--json").stdout
