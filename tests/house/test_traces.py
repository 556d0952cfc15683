"""Nothing in the repository points at the machine it was written on, and the lock pins everything by hash."""

import re
from collections.abc import Iterator
from pathlib import Path

from tests.house import source

# Made, not written: a clone has none of it, so nobody is told about it.
SKIPPED = {
    ".git",
    ".venv",
    "__pycache__",
    ".pytest_cache",
    ".mypy_cache",
    ".ruff_cache",
    ".import_linter_cache",
    ".hypothesis",
    "build",
    "dist",
}
# In pieces, or this file would be the first to complain of.
PLACES = re.compile(r"(?<![\w.])/wo" + r"rk/|\.\./sha" + r"red/|(?<![\w./])sha" + r"red/(?:facts|payloads|DESIGN)")
PIN = re.compile(r"^[a-z0-9][a-z0-9._-]*==[^ ]+(?: ; .+)? \\\n(?:    --hash=sha256:[0-9a-f]{64}(?: \\)?\n?)+$")


def texts(root: Path) -> Iterator[tuple[str, str]]:
    """The path and text of every written file below root that is text."""
    for file in sorted(root.rglob("*")):
        path = file.relative_to(root)
        if file.is_file() and not SKIPPED & set(path.parts):
            data = file.read_bytes()
            if b"\0" not in data:
                yield path.as_posix(), data.decode("utf-8", errors="replace")


def traces(root: Path) -> list[str]:
    """Every line that names a place only its writer's machine has."""
    return [
        f"{path}:{number} names a place that only its writer has."
        for path, text in texts(root)
        for number, line in enumerate(text.splitlines(), 1)
        if PLACES.search(line)
    ]


def loose_pins(lock: str) -> list[str]:
    """The entries of a lock that are not one exact version with its hashes, and any option or address in it."""
    body = "".join(line for line in lock.splitlines(keepends=True) if not line.lstrip().startswith("#"))
    entries = re.split(r"\n(?=\S)", body)
    return [entry.splitlines()[0] for entry in entries if entry.strip() and not PIN.match(entry)]


def test_nothing_points_at_a_writers_machine() -> None:
    found = traces(source.ROOT)
    assert not found, "\n".join(found)


def test_the_lock_pins_every_package_by_hash() -> None:
    lock = (source.ROOT / "requirements.lock").read_text(encoding="utf-8")
    assert lock.count("==") > 40
    assert loose_pins(lock) == []


def test_a_trace_is_named(tmp_path: Path) -> None:
    place = "/wo" + "rk/main"
    (tmp_path / "notes.md").write_text(f"see\n`{place}/x`\n", encoding="utf-8")
    (tmp_path / "fine.py").write_text(
        "# bot/engine/wo" + "rk/x and https://a.example/b/wo" + "rk/c\n", encoding="utf-8"
    )
    (tmp_path / "picture.png").write_bytes(b"\0" + place.encode() + b"/x")
    assert traces(tmp_path) == ["notes.md:2 names a place that only its writer has."]


def test_a_loose_pin_is_named() -> None:
    digest = "a" * 64
    fine = f"# made by\nidna==3.20 \\\n    --hash=sha256:{digest} \\\n    --hash=sha256:{digest}\n"
    assert loose_pins(fine) == []
    assert loose_pins(f"{fine}click>=8\nattrs==26.1.0\n--index-url https://a.example\n") == [
        "click>=8",
        "attrs==26.1.0",
        "--index-url https://a.example",
    ]
