"""What rotas.yaml refuses of windows, seats, layers that end and schedules for a span: with its line, and a cure."""

from pathlib import Path

import pytest

from tests.unit.test_settings import complaints

BAD = [
    ("rotas", "members: [bo]}", "members: [[bo, nobody]]}", "There is no person 'nobody'."),
    ("rotas", "members: [bo]}", "members: [bo], only: [{holidays: only}]}", "Nobody says whose holidays."),
    (
        "rotas",
        "members: [bo]}",
        "members: [bo], rolling: true}",
        "A turn that rolls on counts the days of its windows.",
    ),
    (
        "rotas",
        "members: [bo]}",
        'members: [bo], from: "2026-12-02 09:00", until: "2026-12-01 09:00"}',
        "rotas.yaml:8: It ends before it begins. Let `until` be later than `from`.",
    ),
    ("rotas", "    layers:", "    holidays: Atlantis\n    layers:", "`rotas[1].holidays` is no country"),
    (
        "rotas",
        "    overrides:",
        '    temporary:\n      - {name: xmas, start: "2026-12-24 00:00", end: "2026-12-27 00:00", shifts: [\n'
        '          {start: "2026-12-26 00:00", end: "2026-12-28 00:00", person: bo}]}\n    overrides:',
        "It reaches beyond xmas",
    ),
]


@pytest.mark.parametrize(("file", "before", "after", "said"), BAD)
def test_what_is_wrong_is_refused_with_line_and_cure(
    tmp_path: Path, file: str, before: str, after: str, said: str
) -> None:
    found = complaints(tmp_path, (file, before, after))
    assert any(said in one for one in found), found
