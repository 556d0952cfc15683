"""One conversation with a mail server; what goes wrong in it becomes NotDelivered, which says whether to try again.

A server's own words are never repeated, its codes are: its words may hold what we told it.
"""

import asyncio
import re
import socket
import ssl
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from bot.contract import NotDelivered
from plugins.smtp.settings import Security, SmtpSettings

if TYPE_CHECKING:
    from aiosmtplib import SMTP

_GOODBYE = 1.0  # seconds: the message is taken by then, whatever the server says to our leave
_ENHANCED = re.compile(r"\s*([245]\.\d{1,3}\.\d{1,3})(?!\d)")
_FULL_NAME = re.compile(r"[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63})+")
_LOOK = "Look whether it is up, and at the connection's `host` and `port`."


class Missing(NotDelivered):
    """The library that speaks SMTP is not installed."""

    def __init__(self) -> None:
        """Says how to get it."""
        super().__init__("Mail needs the library `aiosmtplib`.", "pip install 'tocsin[email]', then start again.")


async def deliver(settings: SmtpSettings, to: str, person: str, message: bytes) -> None:
    """Hand one message over; once this returns the server has taken it. NotDelivered."""
    async with _open(settings, settings.timeout.total_seconds()) as line:
        await line.mail(settings.sender.bare)
        with _refusals(f"The mail server refuses the address of {person}", "Correct their `email` in people.yaml."):
            await line.rcpt(to)
        await line.data(message)


async def greet(settings: SmtpSettings, seconds: float) -> None:
    """Connect, encrypt and log in as for a message, and leave again. NotDelivered."""
    async with _open(settings, seconds):
        pass


@asynccontextmanager
async def _open(settings: SmtpSettings, seconds: float) -> AsyncIterator["SMTP"]:
    """A conversation that is encrypted and logged in as the settings say; it lasts `seconds` at most."""
    try:
        import aiosmtplib
    except ImportError:
        raise Missing from None
    tls = settings.security is Security.TLS
    trust = None if settings.security is Security.NONE else _trust(settings.ca)
    line = aiosmtplib.SMTP(
        hostname=settings.host,
        port=settings.door,
        local_hostname=_own_name(settings),
        timeout=seconds,
        use_tls=tls,
        start_tls=False,
        tls_context=trust,
    )
    try:
        with _faults(settings, seconds):
            async with asyncio.timeout(seconds):
                await line.connect()
                await _enter(line, settings)
                yield line
        await _leave(line)
    finally:
        line.close()


async def _enter(line: "SMTP", settings: SmtpSettings) -> None:
    """Encrypt and log in."""
    await line.ehlo()
    if settings.security is Security.STARTTLS:
        if not line.supports_extension("starttls"):
            raise NotDelivered(
                f"{settings.host} offers no STARTTLS, so nothing was sent.",
                "Set `security: tls` with the port for that, often 465; mail is never sent in clear text by itself.",
            )
        await line.starttls()
        await line.ehlo()
    if settings.username is not None and settings.password is not None:
        if not line.supported_auth_methods:
            raise NotDelivered(
                f"{settings.host} offers no way to log in that is known here.",
                "Remove `username` and `password`, or use the port for submission, often 587.",
            )
        with _refusals(f"{settings.host} refuses the login", "Check the connection's `username` and `password`."):
            await line.login(settings.username, settings.password.get_secret_value())


async def _leave(line: "SMTP") -> None:
    import aiosmtplib

    try:
        await line.quit(timeout=_GOODBYE)
    except (aiosmtplib.SMTPException, OSError):
        pass  # what was sent was taken before


@contextmanager
def _refusals(what: str, do: str) -> Iterator[None]:
    """Puts better words on a refusal of one step; what may pass is left as it is."""
    import aiosmtplib

    try:
        yield
    except aiosmtplib.SMTPResponseException as error:
        if _passing(error.code):
            raise
        raise NotDelivered(f"{what} ({_codes(error.code, error.message)}).", do) from None


@contextmanager
def _faults(settings: SmtpSettings, seconds: float) -> Iterator[None]:
    """Turns what the library and the network raise into NotDelivered."""
    import aiosmtplib

    host = settings.host
    try:
        yield
    except aiosmtplib.SMTPResponseException as error:
        raise _answered(host, error.code, error.message) from None
    except ssl.SSLError as error:
        raise _untrusted(host, error) from None
    except aiosmtplib.SMTPConnectError as error:
        if isinstance(error.__cause__, ssl.SSLError):
            raise _untrusted(host, error.__cause__) from None
        why = "no greeting in time" if isinstance(error, TimeoutError) else type(error.__cause__).__name__
        raise NotDelivered(f"{host} cannot be reached at port {settings.door}: {why}.", _LOOK, retry=True) from None
    except TimeoutError:
        raise NotDelivered(f"{host} did not take the mail within {seconds:g} s.", _LOOK, retry=True) from None
    except (aiosmtplib.SMTPServerDisconnected, OSError):
        raise NotDelivered(f"{host} hung up before it had taken the mail.", _LOOK, retry=True) from None
    except (aiosmtplib.SMTPException, ValueError) as error:
        raise NotDelivered(f"{host} does not answer as a mail server does: {type(error).__name__}.", _LOOK) from None


def _answered(host: str, code: int, message: str) -> NotDelivered:
    said = _codes(code, message)
    if _passing(code):
        return NotDelivered(f"{host} cannot take the mail now ({said}).", "It is tried again.", retry=True)
    if code == 530:
        return NotDelivered(f"{host} wants a login first ({said}).", "Set `username` and `password`.")
    if not 500 <= code < 560:
        return NotDelivered(f"{host} does not answer as a mail server does.", _LOOK)
    return NotDelivered(f"{host} refuses the mail ({said}).", "Check the connection's `from`, and the server's log.")


def _untrusted(host: str, error: Exception) -> NotDelivered:
    if isinstance(error, ssl.SSLCertVerificationError):
        return NotDelivered(
            f"The certificate of {host} is not trusted: {error.verify_message.rstrip('.')}.",
            "Name the file of those who signed it as `ca`, and write `host` as the certificate does.",
        )
    return NotDelivered(
        f"No encryption could be agreed on with {host}.",
        "Check `security` and `port`: tls goes with 465, starttls with 587.",
    )


def _passing(code: int) -> bool:
    return 400 <= code < 500


def _codes(code: int, message: str) -> str:
    """`550 5.1.1`: nothing of a server's answer but its numbers."""
    found = _ENHANCED.match(message)
    return f"{code} {found[1]}" if found else str(code)


def _own_name(settings: SmtpSettings) -> str:
    """What we say we are: this machine's whole name, else the domain of `from`; asked of no name server."""
    name = socket.gethostname()
    return name if _FULL_NAME.fullmatch(name) else settings.sender.domain


@lru_cache(8)
def _trust(ca: Path | None) -> ssl.SSLContext:
    """The certificates of this machine, or of a file; NotDelivered where they cannot be read."""
    try:
        return ssl.create_default_context(cafile=ca)
    except OSError:
        raise NotDelivered(f"The certificates in {ca} cannot be read.", "Look at the file.") from None
