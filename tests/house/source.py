"""Reads Python below a folder without running it: the modules, what they import, what their names stand for."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
OURS = ("bot", "plugins")
EVERYTHING = (*OURS, "tests", "bench")
# A migration is a list of tables that alembic loads by its file: no module of the house.
MIGRATIONS = "/migrations/versions/"
Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Module:
    """One Python file: its dotted name, its path below the root, and its text."""

    name: str
    path: str
    text: str

    @cached_property
    def tree(self) -> ast.Module:
        """The parsed text."""
        return ast.parse(self.text, self.path)

    @property
    def is_package(self) -> bool:
        """True for an `__init__.py`."""
        return self.path.endswith("__init__.py")

    def imports(self) -> Iterator[tuple[str, int]]:
        """Every dotted name that is imported and its line: in functions and under TYPE_CHECKING too.

        `from a.b import c` gives `a.b.c`: whether c is a module or a thing inside one is for the reader to decide.
        """
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                for alias in node.names:
                    yield alias.name, node.lineno
            elif isinstance(node, ast.ImportFrom):
                base = self._absolute(node)
                for alias in node.names:
                    yield (base if alias.name == "*" else f"{base}.{alias.name}"), node.lineno

    def _absolute(self, node: ast.ImportFrom) -> str:
        if not node.level:
            return node.module or ""
        parents = self.name.split(".")
        kept = parents[: len(parents) - node.level + self.is_package]
        return ".".join([*kept, node.module] if node.module else kept)

    @cached_property
    def aliases(self) -> dict[str, str]:
        """What each imported name stands for: `import datetime as dt` gives dt -> datetime."""
        found: dict[str, str] = {}
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                found |= {
                    a.asname or a.name.split(".")[0]: a.name if a.asname else a.name.split(".")[0] for a in node.names
                }
            elif isinstance(node, ast.ImportFrom):
                base = self._absolute(node)
                found |= {a.asname or a.name: f"{base}.{a.name}" for a in node.names}
        return found

    def dotted(self, node: ast.AST) -> str | None:
        """The full dotted name an expression stands for, through the imports; None where it is no plain name."""
        if isinstance(node, ast.Name):
            return self.aliases.get(node.id, node.id)
        if isinstance(node, ast.Attribute):
            base = self.dotted(node.value)
            return f"{base}.{node.attr}" if base else None
        return None


@lru_cache(maxsize=32)
def modules(root: Path, tops: tuple[str, ...] = OURS) -> tuple[Module, ...]:
    """Every module below the named top folders of a root, in the order of their paths."""
    found = []
    for top in tops:
        for file in sorted((root / top).rglob("*.py")):
            relative = file.relative_to(root)
            parts = relative.with_suffix("").parts
            name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
            found.append(Module(name, relative.as_posix(), file.read_text(encoding="utf-8")))
    return tuple(found)


def arrows(tree: tuple[Module, ...]) -> dict[str, set[str]]:
    """Who imports whom among these modules, as narrowly as the names allow."""
    names = {module.name for module in tree}
    return {
        module.name: {
            target for imported, _ in module.imports() if (target := nearest(imported, names)) and target != module.name
        }
        for module in tree
    }


def nearest(imported: str, names: set[str]) -> str | None:
    """The longest known module that an imported dotted name begins with."""
    parts = imported.split(".")
    return next((name for end in range(len(parts), 0, -1) if (name := ".".join(parts[:end])) in names), None)


def plant(root: Path, files: dict[str, str]) -> Path:
    """Writes a small tree for a test of these tests; gives every folder of ours its `__init__.py`."""
    for path, text in files.items():
        file = root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
        for folder in file.relative_to(root).parents:
            init = root / folder / "__init__.py"
            if folder.parts and folder.parts[0] in EVERYTHING and not init.exists():
                init.write_text('"""A room."""\n', encoding="utf-8")
    return root
