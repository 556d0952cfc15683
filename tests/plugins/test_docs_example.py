"""The plugin that docs/plugins.md shows keeps the contract."""

from pathlib import Path
from types import ModuleType

import orjson

from bot.testing import conformance

PAGE = Path(__file__).resolve().parents[2] / "docs" / "plugins.md"


async def test_the_plugin_in_the_docs_conforms(tmp_path: Path) -> None:
    source = PAGE.read_text("utf-8").split("```python\n")[1].split("```")[0]
    module = ModuleType("tocsin_beacon")
    exec(compile(source, "docs/plugins.md", "exec"), vars(module))
    good = {"alerts": [{"problem": "prom:eu/disk", "status": "firing", "kind": "failure", "title": "disk"}]}
    samples = {
        "firing.json": {"check": "disk", "bad": True},
        "firing.expect.json": good,
        "over.json": {"check": "disk", "bad": False},
        "over.expect.json": {"alerts": [{"problem": "prom:eu/disk", "status": "resolved"}]},
        "strange.json": {"check": "disk", "bad": "very"},
        "strange.expect.json": {"unreadable": "no message of Beacon"},
    }
    for name, body in samples.items():
        (tmp_path / name).write_bytes(orjson.dumps(body))
    await conformance.conforms(module.plugin, tmp_path)
