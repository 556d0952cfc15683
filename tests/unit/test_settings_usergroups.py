"""Which user group is kept equal to which rota, and what is refused."""

from pathlib import Path

import pytest

from bot import settings
from bot.errors import BadConfig
from bot.settings import Slack

ROTA = '{{name: {name}, timezone: UTC, start: "2026-11-02 09:00", every: 1 week, members: [ada]}}'


def load(folder: Path, usergroups: str) -> Slack:
    """The chat door's settings of a configuration with two rotas."""
    rotas = ", ".join(ROTA.format(name=name) for name in ("first-line", "nights"))
    files = {
        "tocsin": f"slack:\n  mode: off\n  usergroups:\n{usergroups}",
        "people": "people: [{name: ada, slack: U01ADA}]",
        "estate": "entities: [{name: retail}]",
        "rotas": f"rotas: [{rotas}]",
    }
    for name, text in files.items():
        (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
    return settings.load(folder, {}).slack


def test_a_group_is_given_by_its_handle_or_its_id(tmp_path: Path) -> None:
    found = load(tmp_path, '    first-line: "@oncall-ml"\n    nights: S012AB3CD\n')
    assert found.usergroups == {"first-line": "oncall-ml", "nights": "S012AB3CD"}


def test_none_is_needed(tmp_path: Path) -> None:
    assert load(tmp_path, "    {}\n").usergroups == {}


@pytest.mark.parametrize(
    ("usergroups", "line", "fault"),
    [
        ("    first-lin: oncall-ml\n", 4, "There is no rota 'first-lin'. Did you mean 'first-line'?"),
        (
            "    first-line: oncall-ml\n    nights: oncall-ml\n",
            5,
            "The user group 'oncall-ml' is kept equal to rota 'first-line' already.",
        ),
        ("    first-line: On Call\n", 4, "is no user group. Write its handle"),
        ("    first-line: 7\n", 4, "is no user group"),
        ('    first-line: ""\n', 4, "is no user group"),
    ],
)
def test_what_cannot_be_is_refused_with_its_line(tmp_path: Path, usergroups: str, line: int, fault: str) -> None:
    with pytest.raises(BadConfig) as refused:
        load(tmp_path, usergroups)
    assert f"tocsin.yaml:{line}: " in str(refused.value)
    assert fault in str(refused.value)
