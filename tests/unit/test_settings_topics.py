"""Which channel's topic says who is on call for which rota, and what is refused."""

from pathlib import Path

import pytest

from bot.errors import BadConfig
from tests.unit.test_settings_usergroups import load


def topics(folder: Path, said: str) -> dict[str, str]:
    """Those of a configuration with two rotas."""
    return dict(load(folder, f"    {{}}\n  topics:\n{said}").topics)


def test_a_channel_is_given_by_its_name_or_its_id(tmp_path: Path) -> None:
    found = topics(tmp_path, '    first-line: "#ml-oncall"\n    nights: C012AB3CD\n')
    assert found == {"first-line": "#ml-oncall", "nights": "C012AB3CD"}


def test_none_is_needed(tmp_path: Path) -> None:
    assert topics(tmp_path, "    {}\n") == {}


@pytest.mark.parametrize(
    ("said", "line", "fault"),
    [
        ('    first-lin: "#ml-oncall"\n', 6, "There is no rota 'first-lin'. Did you mean 'first-line'?"),
        (
            '    first-line: "#ml-oncall"\n    nights: "#ml-oncall"\n',
            7,
            "The topic of '#ml-oncall' says who is on call for rota 'first-line' already. Give each rota a channel.",
        ),
        ("    first-line: ml-oncall\n", 6, "is no Slack channel"),
        ("    first-line: 7\n", 6, "first-line"),
    ],
)
def test_what_cannot_be_is_refused_with_its_line(tmp_path: Path, said: str, line: int, fault: str) -> None:
    with pytest.raises(BadConfig) as refused:
        topics(tmp_path, said)
    assert f"tocsin.yaml:{line}: " in str(refused.value)
    assert fault in str(refused.value)
