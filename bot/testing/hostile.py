"""Bodies and headers that somebody will send one day, by mistake or on purpose."""

import base64
import json
from collections.abc import Iterator
from copy import deepcopy
from typing import Any

SECRET = "corréct-hörse-ключ-91"
_PLACES = 150  # of one sample are spoilt

BODIES: tuple[bytes, ...] = (
    b"",
    b" ",
    b"null",
    b"true",
    b"0",
    b'""',
    b"[]",
    b"{}",
    b"[null]",
    b"[[]]",
    b"[1,2,3]",
    b'["a"]',
    b"[{}]",
    b'{"alerts":null}',
    b'{"alerts":{}}',
    b'{"alerts":[]}',
    b'{"alerts":[null,1,"a",[],{}]}',
    b'{"alerts":[{"labels":[]}]}',
    b"{",
    b'{"a":',
    b'{"a":NaN}',
    b'{"a":Infinity}',
    b'{"a":1e999}',
    b'{"a":-0}',
    b'{"a":' + b"9" * 5000 + b"}",
    b'{"a":"\\ud800"}',
    b'{"a":"\\udc00\\ud800"}',
    b'{"\\u0000":"\\u0000"}',
    b'{"a":"\x00"}',
    b"\x00",
    b"\xff\xfe",
    b'{"a":"\xc3\x28"}',
    b"\xef\xbb\xbf{}",
    b'{"a":1,"a":2}',
    b"payload=%7B%7D",
    b"<xml/>",
    b"--boundary\r\n",
    b"[" * 900 + b"]" * 900,
    b'{"a":' * 900 + b"1" + b"}" * 900,
    b"[" * 100_000,
    b'{"a":' * 100_000,
    b"[" + b"{}," * 20_000 + b"{}]",
    b'{"' + b"k" * 200_000 + b'":"' + b"v" * 500_000 + b'"}',
)

_VALUES: tuple[Any, ...] = (
    None,
    True,
    0,
    -1,
    1e308,
    2**70,
    "",
    " ",
    "\x00",
    "x" * 5000,
    "NaN",
    "0001-01-01T00:00:00Z",
    "9999-12-31T23:59:59-14:00",
    "javascript:alert(1)",
    "https://user:pass@example.com/<!channel>|x",
    "\u202e<!channel> *x* {{ 7 * 7 }}",
    [],
    {},
    [[{}]],
    {"": {"": None}},
    {f"k{n}": f"v{n}" for n in range(300)},
)


def spoilt(sample: bytes) -> Iterator[bytes]:
    """The sample cut short, and with each of its places in turn left out or replaced by what does not belong there."""
    for share in (0.1, 0.5, 0.9, 0.99):
        yield sample[: int(len(sample) * share)]
    yield sample + b"}"
    try:
        whole = json.loads(sample)
    except ValueError:
        return
    for way in _ways(whole)[:_PLACES]:
        copy = deepcopy(whole)
        holder = _at(copy, way[:-1])
        del holder[way[-1]]
        yield json.dumps(copy).encode()
        holder = _at(copy := deepcopy(whole), way[:-1])
        for value in _VALUES:
            holder[way[-1]] = value
            yield json.dumps(copy).encode()


def headers() -> Iterator[dict[str, str]]:
    """Headers that do not prove the knowledge of SECRET."""
    wrong = ("", " ", "wrong", SECRET[:-1], f"{SECRET}x", SECRET.upper(), "ключ", "\xff\xfe", "\udcff", "x" * 10_000)
    yield {}
    for word in wrong:
        coded = base64.b64encode(f"user:{word}".encode("utf-8", "backslashreplace")).decode()
        yield {"authorization": f"Bearer {word}"}
        yield {"authorization": f"Basic {coded}"}
        yield {"authorization": word}
        yield {"x-tocsin-secret": word}
    for odd in ("Basic", "Basic !!!", "Basic YQ", "Basic =", "Basic ключ", "Bearer", "Digest username=x", "bearer\t\t"):
        yield {"authorization": odd}


def queries() -> Iterator[dict[str, str]]:
    """Secrets in the URL, even the right one: they leak into logs, so they prove nothing."""
    for name in ("secret", "token", "key", "access_token", "auth", "auth_token"):
        yield {name: SECRET}


def _ways(value: Any, way: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    steps: list[Any] = (
        list(value) if isinstance(value, dict) else list(range(len(value))) if type(value) is list else []
    )
    return [found for step in steps for found in [(*way, step), *_ways(value[step], (*way, step))]]


def _at(value: Any, way: tuple[Any, ...]) -> Any:
    for step in way:
        value = value[step]
    return value
