"""Mail is encrypted before a password is spoken or a page is sent; what cannot be set, and what the self-check says."""

import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from bot.contract import Context, Health
from bot.testing import pagers
from plugins import smtp
from plugins.smtp.pager import Mail
from tests.parts import tls
from tests.plugins import postbox
from tests.plugins.postbox import Postbox, mail, refused, settings

PASSWORD = "a-password"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return tls.certificate(tmp_path_factory.mktemp("tls"))


@pytest.fixture
async def box() -> AsyncIterator[Postbox]:
    async with postbox.listening() as one:
        yield one


async def test_a_login_is_only_spoken_inside_the_encryption(certificate: tuple[Path, Path]) -> None:
    options = {"security": "starttls", "ca": certificate[0], "username": "tocsin", "password": PASSWORD}
    async with postbox.listening(certificate) as box:
        await mail(box.port, **options).send(pagers.call())
        assert box.encrypted == [True]
        assert box.logins == [("tocsin", PASSWORD)]


async def test_tls_from_the_first_byte(certificate: tuple[Path, Path]) -> None:
    options = {"security": "tls", "ca": certificate[0], "username": "tocsin", "password": PASSWORD}
    async with postbox.listening(certificate, tls=True) as box:
        await mail(box.port, **options).send(pagers.call())
        assert box.encrypted == [True]


async def test_where_no_encryption_is_offered_nothing_is_sent(box: Postbox) -> None:
    error = await refused(mail(box.port, security="starttls", username="tocsin", password=PASSWORD))
    assert not error.retry
    assert "offers no STARTTLS" in error.what
    assert not box.taken
    assert not box.logins


@pytest.mark.parametrize("security", ["starttls", "tls"])
async def test_a_certificate_nobody_vouches_for_is_refused(certificate: tuple[Path, Path], security: str) -> None:
    async with postbox.listening(certificate, tls=security == "tls") as box:
        error = await refused(mail(box.port, security=security, username="tocsin", password=PASSWORD))
        assert not error.retry
        assert "not trusted" in error.what
        assert "`ca`" in error.do
        assert not box.logins


async def test_a_certificate_of_another_name_is_refused(certificate: tuple[Path, Path]) -> None:
    async with postbox.listening(certificate) as box:
        error = await refused(mail(box.port, host="localhost", security="starttls", ca=certificate[0]))
        assert not error.retry
        assert "not trusted" in error.what


async def test_tls_at_a_port_that_speaks_none_says_so(box: Postbox) -> None:
    error = await refused(mail(box.port, security="tls"))
    assert not error.retry
    assert "No encryption could be agreed on" in error.what


async def test_a_wrong_password_is_not_tried_again_and_stays_unsaid(certificate: tuple[Path, Path]) -> None:
    options = {"security": "starttls", "ca": certificate[0], "username": "tocsin", "password": "wrong-password"}
    async with postbox.listening(certificate) as box:
        error = await refused(mail(box.port, **options))
        assert not error.retry
        assert "refuses the login (535" in error.what
        assert "wrong-password" not in str(error)
        box.says = {"AUTH": "454 4.7.0 later"}
        assert (await refused(mail(box.port, **options))).retry


async def test_a_server_that_wants_a_login_says_so(certificate: tuple[Path, Path]) -> None:
    async with postbox.listening(certificate) as box:
        error = await refused(mail(box.port, security="starttls", ca=certificate[0]))
        assert not error.retry
        assert "wants a login first" in error.what


async def test_a_server_without_logins_is_not_told_the_password(box: Postbox) -> None:
    error = await refused(mail(box.port, username="tocsin", password=PASSWORD))
    assert not error.retry
    assert "no way to log in" in error.what


# What is set


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"host": "mail.example.com"}, "clear text to another machine"),
        ({"username": "tocsin"}, "stand together"),
        ({"from": "tocsin"}, "Write it as tocsin@example.com"),
        ({"from": "T <t@x.example>\r\nBcc: eve@x.example"}, "Write it as"),
        ({"reply_to": "nobody"}, "Write it as"),
        ({"host": "smtp://mail.example.com"}, "the name alone"),
        ({"port": 0}, "greater than or equal to 1"),
        ({"timeout": "30s"}, "Give it 1s to 12s"),
        ({"sender": "a@b.example"}, "Extra inputs"),
    ],
)
def test_what_cannot_be_set_is_said(options: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        settings(25, **options)


def test_ports_are_the_usual_ones() -> None:
    assert settings(1, port=None, security="starttls").door == 587
    assert settings(1, port=None, security="tls").door == 465
    assert settings(1, port=None, insecure=True, host="mail.example.com").door == 25
    assert settings(1, host="localhost").host == "localhost"


def test_the_password_shows_nowhere() -> None:
    own = settings(25, username="tocsin", password=PASSWORD)
    assert PASSWORD not in f"{own!r} {own} {Mail(own, Context('post'))!r}"
    assert smtp.plugin.secrets == ("secret", "password")


# The self-check


async def test_the_check_says_what_stands(box: Postbox, certificate: tuple[Path, Path]) -> None:
    (row,) = await mail(box.port).check()
    assert (row.scope, row.health) == ("server", Health.OK)
    async with postbox.listening(certificate) as other:
        options = {"security": "starttls", "ca": certificate[0], "username": "tocsin", "password": PASSWORD}
        assert [(r.scope, r.health) for r in await mail(other.port, **options).check()] == [
            ("server", Health.OK),
            ("login", Health.OK),
        ]
        (row,) = await mail(other.port, **{**options, "password": "wrong-password"}).check()
        assert row.health is Health.MISSING
        assert not other.taken
    (row,) = await mail(9).check()
    assert row.health is Health.UNKNOWN


@pytest.mark.parametrize("hello", ["421 later", "554 no", "HTTP/1.1 400 Bad Request", "", postbox.DROPS])
async def test_the_check_answers_in_rows_whatever_the_server_says(box: Postbox, hello: str) -> None:
    box.says = {"HELLO": hello}
    (row,) = await mail(box.port).check()
    assert row.health is not Health.OK
    assert row.do


async def test_without_the_library_the_cure_is_said(box: Postbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "aiosmtplib", None)
    error = await refused(mail(box.port))
    assert not error.retry
    assert "tocsin[email]" in error.do
    (row,) = await mail(box.port).check()
    assert row.health is Health.MISSING
