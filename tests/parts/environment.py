"""A virtual environment of its own with built wheels in it; what they depend on is lent by the running one."""

import os
import subprocess
import sys
import sysconfig
from dataclasses import dataclass
from pathlib import Path

from tests.parts.process import apart

ROOT = Path(__file__).resolve().parents[2]


def wheel(folder: Path, into: Path) -> Path:
    """The wheel that is built of a project's folder, offline; RuntimeError with what the builder says."""
    before = set(into.glob("*.whl"))
    _run([sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(into)], folder)
    (built,) = set(into.glob("*.whl")) - before
    return built


@dataclass(frozen=True)
class Environment:
    """One virtual environment."""

    home: Path

    @classmethod
    def make(cls, home: Path, *wheels: Path) -> "Environment":
        """Make it in `home` and install the wheels; the running environment's libraries can be imported, too.

        A .pth file puts them behind its own packages, and is not read for .pth files of theirs: the clone these tests
        run in is not among them.
        """
        _run([sys.executable, "-m", "venv", "--without-pip", str(home)], ROOT)
        made = cls(home)
        (made.packages / "lent.pth").write_text(f"{sysconfig.get_path('purelib')}\n", encoding="utf-8")
        made.install(*wheels)
        return made

    @property
    def python(self) -> Path:
        """Its interpreter."""
        return self.home / "bin" / "python"

    @property
    def packages(self) -> Path:
        """Its site-packages."""
        return self.home / "lib" / f"python{sys.version_info.major}.{sys.version_info.minor}" / "site-packages"

    def install(self, *wheels: Path) -> None:
        """Install wheels as pip does, and nothing they depend on."""
        quick = ["--quiet", "--no-index", "--no-deps", "--no-compile", "--disable-pip-version-check"]
        names = [str(wheel) for wheel in wheels]
        _run([sys.executable, "-m", "pip", "--python", str(self.python), "install", *quick, *names], ROOT)

    def put(self, distribution: str, version: str, files: dict[str, str], entry_points: str) -> None:
        """A distribution that nobody built: its files, and what pip would have put down about it."""
        for name, text in files.items():
            path = self.packages / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        info = self.packages / f"{distribution.replace('-', '_')}-{version}.dist-info"
        info.mkdir()
        head = ["Metadata-Version: 2.1", f"Name: {distribution}", f"Version: {version}"]
        (info / "METADATA").write_text("\n".join(head) + "\n", encoding="utf-8")
        (info / "entry_points.txt").write_text(f"[tocsin.plugins]\n{entry_points}\n", encoding="utf-8")

    def run(self, *arguments: str, folder: Path) -> str:
        """What a program of its own prints, `python -m ARGUMENTS`; RuntimeError with it when it fails."""
        return _run([str(self.python), "-m", *arguments], folder, apart({}))


def _run(command: list[str], folder: Path, env: dict[str, str] | None = None) -> str:
    done = subprocess.run(
        command, cwd=folder, env=env or dict(os.environ), capture_output=True, text=True, check=False, timeout=120
    )
    if done.returncode:
        raise RuntimeError(f"{command} ended with {done.returncode}:\n{done.stdout[-6000:]}\n{done.stderr[-6000:]}")
    return done.stdout
