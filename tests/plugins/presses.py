"""Far ends of exporters: strict servers on loopback that behave as the vendors' do, and lose what they are told to."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from bot.testing.far_end import Arrived, Behaviour, FarEnd

Said = tuple[int, Any]
WRITES = frozenset({"POST", "PUT", "PATCH", "DELETE"})


@dataclass
class Press:
    """A server's truth; `answer` does what is asked, and the rest of it decides what comes back.

    `far.says` must be `press.says`.
    """

    far: FarEnd
    proof: tuple[str, str]  #: the header that every request must have, and its value
    written: int = 0
    lost: int | None = None  #: the nth write from now on is done, and not answered
    refusing: bool = False
    once: list[Callable[[str, str], Said | None]] = field(default_factory=list)  #: answers in the place of the next

    def __post_init__(self) -> None:
        self.far.says = self.says

    def says(self, arrived: Arrived) -> tuple[int, bytes] | None:
        """Status and body; None to hang up without a word."""
        parts = urlsplit(arrived.path)
        path, query = parts.path, {name: values[0] for name, values in parse_qs(parts.query).items()}
        for nth, fault in enumerate(self.once):
            if (said := fault(arrived.method, path)) is not None:
                del self.once[nth]
                return said[0], json.dumps(said[1]).encode()
        if self.open(path):
            pass
        elif self.refusing or arrived.headers.get(self.proof[0]) != self.proof[1]:
            return self.denied()
        writes = self.writes(arrived.method, path)
        status, body = self.answer(arrived.method, unquote(path), query, arrived)
        if writes:
            self.written += 1
            if self.lost is not None:
                self.lost -= 1
                if self.lost == 0:
                    self.lost = None
                    return None
        return status, body if isinstance(body, bytes) else json.dumps(body).encode()

    def writes(self, method: str, path: str) -> bool:
        """Whether such a request changes something."""
        return method in WRITES

    def open(self, path: str) -> bool:
        """Whether the address is a proof by itself."""
        return False

    def denied(self) -> tuple[int, bytes]:
        """What whoever is unknown hears."""
        return 401, b'{"message": "Unauthorized"}'

    def answer(self, method: str, path: str, query: dict[str, str], arrived: Arrived) -> Said:
        """Do it, and say what the vendor would."""
        raise AssertionError("Each press has its own.")

    # --- the suite's hand ---

    async def lose(self, nth: int) -> bool:
        self.lost = nth
        return True

    async def break_down(self) -> None:
        self.far.behaviour = Behaviour.AWAY

    async def mend(self) -> None:
        self.far.behaviour, self.refusing, self.lost = Behaviour.WORKS, False, None

    async def refuse(self) -> bool:
        self.refusing = True
        return True


def part(arrived: Arrived) -> tuple[str, bytes, dict[str, str]]:
    """The file of a form in parts: its name, its bytes; and the other fields."""
    kind = arrived.headers["content-type"]
    assert kind.startswith("multipart/form-data; boundary=")
    boundary = kind.partition("boundary=")[2].encode()
    assert arrived.body.endswith(b"--" + boundary + b"--\r\n")
    name, data, fields = "", b"", {}
    for piece in arrived.body.split(b"--" + boundary)[1:-1]:
        head, _, value = piece.removeprefix(b"\r\n").partition(b"\r\n\r\n")
        value = value.removesuffix(b"\r\n")
        words = head.decode()
        if 'filename="' in words:
            name, data = words.partition('filename="')[2].partition('"')[0], value
            assert 'name="file"' in words
        else:
            fields[words.partition('name="')[2].partition('"')[0]] = value.decode()
    return name, data, fields
