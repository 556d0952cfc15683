"""A mail server on loopback, which keeps what arrives and behaves as it is told, and pagers that send to it."""

import asyncio
import ssl
import warnings
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from bot.contract import Call, Context, NotDelivered
from bot.testing import pagers
from plugins.smtp.pager import Mail
from plugins.smtp.settings import SmtpSettings

HOST = "127.0.0.1"
DROPS = "drops the line"  #: an answer that is none


@dataclass
class Postbox:
    """What it says at each step: an answer in the place of its own, DROPS to hang up, None to do its work.

    `taken` are the messages it had whole, also those whose taking it never confirmed.
    """

    port: int = 0
    says: dict[str, str] = field(default_factory=dict)  #: by step: HELLO, AUTH, MAIL, RCPT, DATA (before), DONE (after)
    taken: list[EmailMessage] = field(default_factory=list)
    envelopes: list[Envelope] = field(default_factory=list)
    encrypted: list[bool] = field(default_factory=list)
    logins: list[tuple[str, str]] = field(default_factory=list)
    met: asyncio.Event = field(default_factory=asyncio.Event)  #: somebody has connected
    greets: asyncio.Event = field(default_factory=asyncio.Event)  #: it greets once this is set
    password: str = "a-password"

    async def handle_MAIL(self, server: SMTP, session: Session, envelope: Envelope, address: str, options: Any) -> str:
        if answer := self.says.get("MAIL"):
            return answer
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(self, server: SMTP, session: Session, envelope: Envelope, address: str, options: Any) -> str:
        if answer := self.says.get("RCPT"):
            return answer
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        answer = self.says.get("DONE", "250 OK")
        if answer == DROPS or answer.startswith("2"):
            content = envelope.content
            assert isinstance(content, bytes)
            message = message_from_bytes(content, policy=default)
            assert isinstance(message, EmailMessage)
            self.taken.append(message)
            self.envelopes.append(envelope)
            self.encrypted.append(session.ssl is not None or server.transport.get_extra_info("sslcontext") is not None)
        if answer == DROPS:
            server.transport.abort()
        return answer

    def authenticate(self, server: Any, session: Any, envelope: Any, mechanism: str, given: Any) -> AuthResult:
        assert isinstance(given, LoginPassword)
        self.logins.append((given.login.decode(), given.password.decode()))
        right = given.password.decode() == self.password and "AUTH" not in self.says
        return AuthResult(success=right, handled=False, message=self.says.get("AUTH"))


class _Line(SMTP):
    """One conversation."""

    async def _handle_client(self) -> None:
        self.event_handler.met.set()
        await self.event_handler.greets.wait()
        hello = self.event_handler.says.get("HELLO")
        if hello == DROPS:
            self.transport.abort()
        elif hello is not None:
            await self.push(hello)
            self.transport.close()
        else:
            await super()._handle_client()

    async def smtp_DATA(self, arg: str) -> None:
        answer = self.event_handler.says.get("DATA")
        if answer == DROPS:
            await self.push("354 Go on")
            self.transport.abort()
        elif answer is not None:
            await self.push(answer)
        else:
            await super().smtp_DATA(arg)


@asynccontextmanager
async def listening(certificate: tuple[Path, Path] | None = None, *, tls: bool = False) -> AsyncIterator[Postbox]:
    """It listens at `port`; with a certificate it speaks TLS, from the first byte or when asked, and wants a login."""
    box = Postbox()
    box.greets.set()
    context = None
    if certificate is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*certificate)
    loop = asyncio.get_running_loop()
    lines: list[_Line] = []

    options: dict[str, Any] = {"loop": loop, "hostname": "postbox", "auth_required": context is not None}
    if context is not None:
        # Where TLS lies below it, it does not know that its line is encrypted.
        options |= {"authenticator": box.authenticate, "auth_require_tls": not tls}
        options |= {} if tls else {"tls_context": context}

    def line() -> _Line:
        with warnings.catch_warnings(action="ignore"):
            lines.append(_Line(box, **options))
        return lines[-1]

    server = await loop.create_server(line, HOST, 0, ssl=context if tls else None)
    box.port = server.sockets[0].getsockname()[1]
    try:
        yield box
    finally:
        box.greets.set()
        for one in lines:
            if one.transport is not None:
                one.transport.abort()
        server.close()
        await server.wait_closed()


def settings(at: int, **options: Any) -> SmtpSettings:
    given = {"host": HOST, "port": at, "security": "none", "from": "Tocsin <tocsin@example.com>"}
    return SmtpSettings.model_validate({**given, **options})


def mail(port: int, **options: Any) -> Mail:
    return Mail(settings(port, **options), Context("post"))


async def refused(pager: Mail, call: Call | None = None) -> NotDelivered:
    with pytest.raises(NotDelivered) as caught:
        await pager.send(call or pagers.call())
    return caught.value
