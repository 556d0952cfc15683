"""The page of the workspace: its files as they lie in the package, and the names under which it may be asked for."""

import mimetypes
import re
from functools import cache
from importlib import resources

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from bot.sandbox.workspace.nouns import File

FOLDER, FIRST = "page", "index.html"
TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
#: Kinds of picture a browser may show; anything else (an SVG has scripts in it) is handed out to be kept.
PICTURES = ("image/png", "image/jpeg", "image/gif", "image/webp")
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "Cache-Control": "no-cache",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}
OURS = re.compile(r"(127\.0\.0\.1|localhost)(:\d{1,5})?", re.IGNORECASE)
STRANGE = "This page answers only at http://127.0.0.1 and http://localhost; open the address that was printed."


def at_home(request: Request) -> bool:
    """Whether a request names this machine itself: a name somebody else made lead here (DNS rebinding) does not."""
    named = request.headers.getlist("host")
    return len(named) == 1 and OURS.fullmatch(named[0]) is not None


def refused() -> Response:
    """403, with the address to use instead."""
    return PlainTextResponse(STRANGE, 403, headers=HEADERS)


@cache
def files() -> dict[str, bytes]:
    """The page's files by name, read once: what is not among them does not exist."""
    folder = resources.files(__package__).joinpath(FOLDER)
    kept = [one for one in folder.iterdir() if one.is_file() and _suffix(one.name) in TYPES]
    return {one.name: one.read_bytes() for one in kept}


def answer(request: Request) -> Response | None:
    """The page at /, one of its files at /page/NAME; None where no file of it was asked for."""
    path = request.url.path
    if path != "/" and not path.startswith(f"/{FOLDER}/"):
        return None
    if not at_home(request):
        return refused()
    if request.method not in ("GET", "HEAD"):
        return PlainTextResponse("The page can only be read.", 405, headers=HEADERS | {"Allow": "GET, HEAD"})
    name = FIRST if path == "/" else path.removeprefix(f"/{FOLDER}/")
    content = files().get(name)
    if content is None:
        return PlainTextResponse("The page has no such file.", 404, headers=HEADERS)
    return Response(content, headers=HEADERS | {"Content-Type": TYPES[_suffix(name)]})


def download(file: File) -> Response:
    """The bytes of an uploaded file: a picture to be shown, anything else to be kept under its name."""
    kind = mimetypes.guess_type(file.name)[0]
    shown = kind in PICTURES
    headers = HEADERS | {"Content-Type": str(kind) if shown else "application/octet-stream"}
    headers["Content-Disposition"] = "inline" if shown else "attachment"
    return Response(file.content or b"", headers=headers)


def _suffix(name: str) -> str:
    dot = name.rfind(".")
    return name[dot:] if dot > 0 else ""
