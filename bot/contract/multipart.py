"""The body of a form that carries a file, for `http.send(content=...)`."""

import hashlib
from collections.abc import Mapping


def body(fields: Mapping[str, str], name: str, file: str, data: bytes, kind: str = "image/png") -> tuple[bytes, str]:
    """The body and its Content-Type: `fields`, then the file under `name`; `file` is its own name, a plain one."""
    boundary = f"tocsin-{hashlib.sha256(data).hexdigest()[:40]}"
    parts = [
        f'--{boundary}\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n'.encode()
        for key, value in fields.items()
    ]
    head = f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"; filename="{file}"\r\n'
    parts += [f"{head}Content-Type: {kind}\r\n\r\n".encode(), data, f"\r\n--{boundary}--\r\n".encode()]
    return b"".join(parts), f"multipart/form-data; boundary={boundary}"
