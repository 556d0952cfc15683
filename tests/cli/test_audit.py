"""`tocsin audit verify`: names the first entry that is not as it was written."""

import json
import sqlite3
from pathlib import Path

import pytest

from tests.cli.conftest import Type
from tests.cli.deliveries import firing


@pytest.mark.parametrize(
    ("tamper", "seq", "what"),
    [
        ("UPDATE log_said SET actor = 'person:mallory' WHERE seq = 2", 2, "changed"),
        ("DELETE FROM {log} WHERE seq = 2", 2, "missing"),
        ("DELETE FROM {log} WHERE seq = (SELECT max(seq) FROM {log})", None, "the chain ends at"),
    ],
)
def test_the_first_bad_entry_is_named(typed: Type, folder: Path, tamper: str, seq: int | None, what: str) -> None:
    typed("migrate")
    typed("replay", "-", "--connection", "prom", given=firing())
    whole = json.loads(typed("audit", "verify", "--json").stdout)
    assert whole["ok"]
    assert whole["entries"] > 2
    with sqlite3.connect(folder / "tocsin.db") as database:
        (log,) = [
            name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
            if {"seq", "previous", "hash"} <= {row[1] for row in database.execute(f"PRAGMA table_info({name})")}
        ]  # fmt: skip
        for (trigger,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            database.execute(f"DROP TRIGGER {trigger}")
        database.execute(tamper.format(log=log))
    database.close()
    failed = typed("audit", "verify", code=1).stdout
    assert what in failed
    (broken,) = json.loads(typed("audit", "verify", "--json", code=1).stdout)["broken"]
    assert broken["chain"] == "retail"
    assert what in broken["what"]
    assert seq is None or broken["seq"] == seq
