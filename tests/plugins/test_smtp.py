"""Pages by mail, against a mail server on loopback: what arrives, what is never sent, and every way to be refused."""

import asyncio
import dataclasses
from collections.abc import AsyncIterator
from datetime import timedelta
from email.message import EmailMessage

import pytest

from bot import registry
from bot.clock import SystemClock
from bot.contract import Context, Note
from bot.contract.guard import Guard
from bot.model.view import NextStep
from bot.testing import pagers
from plugins import smtp
from plugins.smtp.pager import Mail
from tests.plugins import postbox
from tests.plugins.postbox import DROPS, Postbox, mail, refused, settings

NOW = pagers.NOW


@pytest.fixture
async def box() -> AsyncIterator[Postbox]:
    async with postbox.listening() as one:
        yield one


def plain(message: EmailMessage) -> str:
    part = message.get_body(("plain",))
    assert part is not None
    return str(part.get_content())


def test_it_fits() -> None:
    registry.fits(smtp.plugin)
    assert (Mail.channel, Mail.tells) == ("email", True)


# What arrives


async def test_a_page_arrives_and_says_everything(box: Postbox) -> None:
    bo = dataclasses.replace(pagers.ADA, name="bo")
    call = pagers.call()
    step = NextStep(NOW + timedelta(minutes=10), "L2", "cy")
    call = dataclasses.replace(call, view=dataclasses.replace(call.view, waiting_for=(pagers.ADA, bo), next_step=step))
    sent = await mail(box.port).send(call)
    (message,) = box.taken
    assert box.envelopes[0].mail_from == "tocsin@example.com"
    assert box.envelopes[0].rcpt_tos == ["ada@example.com"]
    assert message["Subject"] == pagers.HEADLINE
    assert message["Message-ID"] == sent.provider_id
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["X-Tocsin-Incident"] == "INC-7"
    assert message["Importance"] == "high"
    said = plain(message)
    for words in (
        pagers.HEADLINE,
        "SEV2",
        "You are paged as L1: ada is on call for first-line.",
        "You have 10 minutes to answer.",
        "Also paged: bo\r\n",
        "L2 is paged at 15:10 +03: cy",
        "/incident ack INC-7",
        "    tocsin incident ack INC-7",
    ):
        assert words in said


async def test_what_is_left_of_their_time_is_told(box: Postbox) -> None:
    for minutes in (4, 10):
        await mail(box.port).send(dataclasses.replace(pagers.call(), at=NOW + timedelta(minutes=minutes)))
    assert "You have 6 minutes to answer." in plain(box.taken[0])
    assert "You have" not in plain(box.taken[1])


async def test_the_html_beside_it_loads_nothing_and_escapes_all(box: Postbox) -> None:
    await mail(box.port).send(pagers.call(headline='<img src="https://evil.example/x.png"> & <b>x</b>'))
    part = box.taken[0].get_body(("html",))
    assert part is not None
    said = str(part.get_content())
    assert "&lt;img src=&quot;https://evil.example/x.png&quot;&gt; &amp;" in said
    assert "<img" not in said
    assert "href" not in said


async def test_it_speaks_turkish_to_whom_that_is_spoken(box: Postbox) -> None:
    await mail(box.port).send(pagers.call(to=dataclasses.replace(pagers.ADA, language="tr")))
    said = plain(box.taken[0])
    assert "L1 olarak çağrıldınız" in said
    assert "Yanıt vermek için 10 dakika süreniz var." in said


async def test_incidents_of_the_same_message_are_listed(box: Postbox) -> None:
    call, other = pagers.call(), pagers.call("page/INC-8/1/ada/post", headline="SEV3 churn is late")
    incident = dataclasses.replace(other.view.incident, id="INC-8")
    also = dataclasses.replace(other.view, incident=incident)
    await mail(box.port).send(dataclasses.replace(call, also=(also,)))
    said = plain(box.taken[0])
    assert "- INC-8: SEV3 churn is late" in said
    assert "tocsin incident ack INC-8" in said


async def test_mails_of_one_incident_are_one_thread_and_another_incidents_are_not(box: Postbox) -> None:
    pager = mail(box.port)
    later = pagers.call("page/INC-7/2/ada/post")
    other = pagers.call("page/INC-8/1/ada/post")
    incident = dataclasses.replace(other.view.incident, id="INC-8")
    for call in (
        pagers.call(),
        later,
        dataclasses.replace(other, view=dataclasses.replace(other.view, incident=incident)),
    ):
        await pager.send(call)
    first, second, third = box.taken
    assert first["References"] == second["References"] != third["References"]
    assert first["References"] == first["In-Reply-To"]
    assert len({one["Message-ID"] for one in box.taken}) == 3


async def test_a_test_page_asks_for_nothing(box: Postbox) -> None:
    call = pagers.call()
    incident = dataclasses.replace(call.view.incident, id="INC-0")
    sheet = dataclasses.replace(call.page, why="You asked for a test.")
    view = dataclasses.replace(call.view, incident=incident, headline="Test page: nothing is wrong")
    await mail(box.port).send(dataclasses.replace(call, page=sheet, view=view))
    said = plain(box.taken[0])
    assert "You asked for a test." in said
    assert "This is a test" in said
    assert "ack" not in said
    assert "You have" not in said


async def test_words_are_carried_too(box: Postbox) -> None:
    pager = mail(box.port, reply_to="ops@example.com")
    sent = await pager.tell(Note("verify/ada/1", pagers.ADA, "Your code is 481516.", NOW))
    again = await pager.tell(Note("verify/ada/1", pagers.ADA, "Your code is 481516.", NOW + timedelta(seconds=9)))
    other = await pager.tell(Note("verify/ada/1", pagers.ADA, "Your code is 234200.", NOW))
    assert "Your code is 481516." in plain(box.taken[0])
    assert box.taken[0]["Reply-To"] == "ops@example.com"
    assert sent.provider_id == again.provider_id != other.provider_id


@pytest.mark.parametrize("words", [*pagers.HOSTILE, "=?utf-8?q?x=0D=0AX-Injected:_yes?=", ".\r\nRCPT TO:<b@x.example>"])
async def test_no_words_of_an_alert_become_a_header_or_a_command(box: Postbox, words: str) -> None:
    call = pagers.call(headline=words)
    incident = dataclasses.replace(call.view.incident, model=words, environment=words, entity=words)
    view = dataclasses.replace(call.view, incident=incident, runbook_title=words)
    call = dataclasses.replace(call, view=view, page=dataclasses.replace(call.page, why=words))
    await mail(box.port).send(call)
    (message,) = box.taken
    assert message["X-Injected"] is None
    assert message["X-Tocsin-Incident"] == "INC-7"
    assert len(message["Subject"]) <= 200
    assert box.envelopes[0].rcpt_tos == ["ada@example.com"]
    assert "tocsin incident ack INC-7" in plain(message)


@pytest.mark.parametrize(
    "email",
    [None, "", "ada", "ada@", "@example.com", "ada@x.example>\r\nRCPT TO:<eve@x.example", "a b@x.example",
     "çan@x.example", "a@b@c.example", "ada@" + "x" * 300, "ada@-x.example", "<ada@x.example>, <eve@x.example>"],
)  # fmt: skip
async def test_what_is_no_address_is_not_tried(box: Postbox, email: str | None) -> None:
    error = await refused(mail(box.port), pagers.call(to=dataclasses.replace(pagers.ADA, email=email)))
    assert not error.retry
    assert "ada" in error.what
    assert not box.met.is_set()


async def test_a_domain_of_another_alphabet_is_reached(box: Postbox) -> None:
    await mail(box.port).send(pagers.call(to=dataclasses.replace(pagers.ADA, email="ada@bücher.example")))
    assert box.envelopes[0].rcpt_tos == ["ada@xn--bcher-kva.example"]


# Twice


async def test_a_page_whose_taking_was_never_confirmed_goes_again_as_the_same_message(box: Postbox) -> None:
    pager = mail(box.port)
    box.says = {"DONE": DROPS}
    error = await refused(pager)
    assert error.retry
    box.says = {}
    await pager.send(dataclasses.replace(pagers.call(attempt=2), at=NOW + timedelta(seconds=3)))
    first, second = box.taken
    assert first["Message-ID"] == second["Message-ID"]


async def test_another_installation_numbers_its_incidents_alike_and_sends_other_messages(box: Postbox) -> None:
    call = pagers.call()
    incident = dataclasses.replace(call.view.incident, opened_at=NOW + timedelta(seconds=1))
    await mail(box.port).send(call)
    await mail(box.port).send(dataclasses.replace(call, view=dataclasses.replace(call.view, incident=incident)))
    first, second = box.taken
    assert first["Message-ID"] != second["Message-ID"]
    assert first["References"] != second["References"]


# Refusals


@pytest.mark.parametrize(
    ("step", "answer", "retry", "words"),
    [
        ("HELLO", "421 4.3.2 too busy", True, "421 4.3.2"),
        ("HELLO", "554 go away", False, "554"),
        ("HELLO", DROPS, True, "cannot be reached"),
        ("HELLO", "HTTP/1.1 400 Bad Request", False, "does not answer as a mail server does"),
        ("MAIL", "421 4.3.2 too busy", True, "421"),
        ("MAIL", "530 5.7.0 login first", False, "wants a login"),
        ("MAIL", "550 5.7.1 not you", False, "550 5.7.1"),
        ("RCPT", "450 4.2.0 greylisted", True, "450 4.2.0"),
        ("RCPT", "550 5.1.1 no such user tocsin@example.com", False, "refuses the address of ada (550 5.1.1)"),
        ("DATA", "451 try later", True, "451"),
        ("DATA", DROPS, True, "hung up"),
        ("DONE", "451 4.7.1 try later", True, "451 4.7.1"),
        ("DONE", "554 5.6.0 spam", False, "554 5.6.0"),
        ("DONE", DROPS, True, "hung up"),
    ],
)
async def test_each_way_to_say_no_is_told_apart(box: Postbox, step: str, answer: str, retry: bool, words: str) -> None:
    box.says = {step: answer}
    error = await refused(mail(box.port))
    assert (error.retry, error.after) == (retry, None)
    assert words in error.what
    assert "tocsin@example.com" not in str(error)


async def test_where_nobody_listens_it_may_go_later(box: Postbox) -> None:
    error = await refused(mail(9))
    assert error.retry
    assert "ConnectionRefusedError" in error.what


async def test_a_server_that_greets_late_gets_its_page(box: Postbox) -> None:
    box.greets.clear()
    sending = asyncio.ensure_future(mail(box.port).send(pagers.call()))
    await box.met.wait()
    assert not sending.done()
    box.greets.set()
    assert (await sending).provider_id


async def test_a_server_that_never_greets_is_left_in_time(box: Postbox) -> None:
    box.greets.clear()
    impatient = settings(box.port).model_copy(update={"timeout": timedelta(milliseconds=200)})
    error = await refused(Mail(impatient, Context("post")))
    assert error.retry
    assert not box.taken


async def test_a_page_cut_off_by_the_guard_leaves_the_next_one_its_way(box: Postbox) -> None:
    pager, guard = mail(box.port), Guard("post", SystemClock(), deadline=0.2)
    box.greets.clear()
    with pytest.raises(Exception, match="did not answer pager"):
        await guard.call("pager", lambda: pager.send(pagers.call()))
    box.greets.set()
    assert (await guard.call("pager", lambda: pager.send(pagers.call()), deadline=5.0)).provider_id
