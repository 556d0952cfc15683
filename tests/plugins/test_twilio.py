"""Pages by Twilio: what is sent, what is said, and what becomes of it when Twilio will not."""

import dataclasses
from collections.abc import AsyncIterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.contract import Call, Context, Health, NotDelivered, Note
from bot.testing import pagers
from bot.testing.far_end import WAIT, Behaviour
from bot.testing.promises import NOW
from bot.testing.trial import ADDRESS
from plugins.twilio import plugin, segments, sms, speech, words
from plugins.twilio.settings import TwilioSettings
from tests.plugins import exchange
from tests.plugins.exchange import KEY, KEY_SECRET, OURS, Exchange

HERE = Context("twilio", address=ADDRESS)
TR = dataclasses.replace(pagers.ADA, language="tr")


@pytest.fixture
async def twilio() -> AsyncIterator[Exchange]:
    async with Exchange() as far:
        yield far


def parts(far: Exchange, context: Context = HERE, sender: str = OURS, **more: Any) -> list[Any]:
    settings = TwilioSettings.model_validate({**far.options(**more), "from": sender})
    return [part(settings, context) for part in plugin.pagers]


def also(call: Call, *numbers: int) -> Call:
    incident = call.view.incident
    others = [dataclasses.replace(incident, id=f"INC-{number}") for number in numbers]
    return dataclasses.replace(call, also=tuple(dataclasses.replace(call.view, incident=one) for one in others))


async def test_both_keep_the_contract() -> None:
    options = {"account": exchange.ACCOUNT, "token": exchange.TOKEN, "key": KEY, "key_secret": KEY_SECRET, "from": OURS}
    await pagers.conforms(plugin, lambda url: {**options, "url": url}, answer=b'{"sid": "SM0001", "status": "queued"}')


# --- what is sent ---


async def test_a_text_message_says_what_it_is_about_and_how_to_answer(twilio: Exchange) -> None:
    sent = await parts(twilio)[0].send(pagers.call())
    (form,) = twilio.taken
    assert sent.provider_id == f"SM{1:032d}"
    assert not sent.delivered
    assert (form["To"], form["From"]) == ([pagers.ADA.phone], [OURS])
    assert form["Body"] == [f"{pagers.HEADLINE}\nReply 7a to acknowledge, 7e to escalate, 7r to resolve"]
    assert form["StatusCallback"] == [f"{ADDRESS}/pages/twilio?page=page%2FINC-7%2F1%2Fada%2Fprom"]
    assert segments.count(form["Body"][0]) == 1


async def test_a_call_says_it_twice_and_asks_for_a_key(twilio: Exchange) -> None:
    await parts(twilio, voices={"en": "Polly.Joanna"})[1].send(pagers.call())
    (form,) = twilio.taken
    first, second, last = exchange.spoken(form["Twiml"][0])
    assert first == second
    assert "PSI of tenure" in first
    assert "Press 1 to acknowledge" in first
    assert last == "No key was pressed. Goodbye."
    assert 'voice="Polly.Joanna"' in form["Twiml"][0]
    assert 'numDigits="1"' in form["Twiml"][0]
    assert f"{ADDRESS}/pages/twilio?page=page%2FINC-7%2F1%2Fada%2Fprom&amp;language=en" in form["Twiml"][0]
    assert form["StatusCallbackEvent"] == ["answered", "completed"]
    assert "MachineDetection" not in form


def test_a_call_reads_no_brackets_aloud() -> None:
    page = pagers.call(headline="[SEV2] churn v7: PSI of tenure 0.31")
    twiml = speech.page(page, words.Words(), speech.Voice("en-US"), None)
    assert exchange.spoken(twiml)[0] == "This is Tocsin. Incident 7, severity 2. churn v7: PSI of tenure 0.31."
    turkish = speech.page(page, words.TURKISH, speech.Voice("tr-TR"), None)
    assert exchange.spoken(turkish)[0] == "Ben Tocsin. Olay 7, önem derecesi 2. churn v7: PSI of tenure 0.31."


async def test_they_speak_turkish_to_whoever_does(twilio: Exchange) -> None:
    text, call = parts(twilio)
    await text.send(pagers.call(to=TR))
    await call.send(pagers.call(to=TR))
    assert twilio.taken[0]["Body"][0].endswith("Cevap: 7a onayla, 7e yükselt, 7r kapat")
    assert segments.count(twilio.taken[0]["Body"][0]) == 1
    assert 'language="tr-TR"' in twilio.taken[1]["Twiml"][0]
    assert "2'ye" in twilio.taken[1]["Twiml"][0]


async def test_without_an_address_of_ours_nobody_is_asked_to_answer(twilio: Exchange) -> None:
    for part in parts(twilio, Context("twilio")):
        await part.send(pagers.call())
    assert [set(form) for form in twilio.taken] == [{"To", "From", "Body"}, {"To", "From", "Twiml"}]
    assert twilio.taken[0]["Body"] == [pagers.HEADLINE]
    assert "Gather" not in twilio.taken[1]["Twiml"][0]
    assert "Press" not in twilio.taken[1]["Twiml"][0]


async def test_a_sender_that_is_a_name_is_never_answered() -> None:
    settings = TwilioSettings.model_validate({"account": exchange.ACCOUNT, "token": "a-token", "from": "Tocsin"})
    assert not settings.answerable
    assert settings.caller is None
    assert sms.body(pagers.call(), words.Words(), False) == pagers.HEADLINE


async def test_other_incidents_of_the_same_message_are_named(twilio: Exchange) -> None:
    for part in parts(twilio):
        await part.send(also(pagers.call(), 5, 6))
    assert "\n+2 more: INC-5, INC-6\nReply 7a" in twilio.taken[0]["Body"][0]
    assert "2 more incidents wait for you." in twilio.taken[1]["Twiml"][0]


async def test_a_code_is_told_by_both(twilio: Exchange) -> None:
    note = Note("note/1", pagers.ADA, "Your code for Tocsin is 271828.", NOW)
    for part in parts(twilio):
        await part.tell(note)
    assert twilio.taken[0]["Body"] == [note.text]
    digits = "Your code for Tocsin is 2, 7, 1, 8, 2, 8."
    assert exchange.spoken(twilio.taken[1]["Twiml"][0]) == [f"{digits} Once more: {digits}"]


async def test_a_messaging_service_and_an_api_key_are_used(twilio: Exchange) -> None:
    service = f"MG{'0' * 31}3"
    text, call = parts(twilio, messaging_service=service, key=KEY, key_secret=KEY_SECRET, machine_detection=True)
    await text.send(pagers.call())
    await call.send(pagers.call())
    assert twilio.taken[0]["MessagingServiceSid"] == [service]
    assert "From" not in twilio.taken[0]
    assert twilio.taken[1]["MachineDetection"] == ["Enable"]


# --- hostile and long words ---


def test_a_long_title_gives_way_and_says_what_it_lost() -> None:
    title = "SEV1 INC-7: " + "a drifting feature of the model " * 20
    body = sms.body(pagers.call(headline=title), words.Words(), True)
    head, _, tail = body.partition("\n")
    assert segments.count(body) == 1
    assert tail.startswith("Reply 7a")
    kept = head.partition("...")[0]
    assert title.startswith(kept)
    assert f"(+{len(title.strip()) - len(kept)} characters)" in head


def test_near_letters_save_half_of_the_message() -> None:
    body = sms.body(pagers.call(headline="SEV2 INC-7: “müşteri kaybı” – eşik aşıldı…"), words.TURKISH, True)
    assert body.startswith('SEV2 INC-7: "müsteri kaybi" - esik asildi...\n')
    assert segments.count(body) == 1


def test_another_alphabet_takes_one_message_where_it_fits_and_two_at_most() -> None:
    short = sms.body(pagers.call(headline="INC-7: дрейф признака"), words.Words(), True)
    long = sms.body(pagers.call(headline="INC-7: дрейф признака " * 30), words.Words(), True)
    assert (segments.count(short), segments.count(long)) == (1, 2)
    assert short.endswith("7a ack, 7e esc, 7r resolve")
    assert long.endswith("7a ack, 7e esc, 7r resolve")


@pytest.mark.parametrize(
    ("text", "size", "count"),
    [("", 0, 1), ("a" * 160, 160, 1), ("a" * 161, 161, 2), ("a" * 307, 307, 3), ("€" * 80, 160, 1), ("€" * 81, 162, 2),
     ("ş" * 70, 70, 1), ("ş" * 71, 71, 2), ("😀" * 35, 70, 1), ("😀" * 36, 72, 2)],
)  # fmt: skip
def test_messages_are_counted_as_carriers_count_them(text: str, size: int, count: int) -> None:
    assert (segments.size(text), segments.count(text)) == (size, count)


@pytest.mark.parametrize("link", ["https://evil.example/a?b", "www.evil.zip", "evil.com/pay", "javascript://evil.com"])
def test_no_link_of_an_alert_can_be_tapped(link: str) -> None:
    body = sms.body(pagers.call(headline=f"SEV2 INC-7: see {link} now"), words.Words(), True)
    assert "://" not in body
    assert "evil." not in body
    assert "evil(.)" in body


@given(st.text(max_size=400), st.lists(st.integers(1, 10**6), max_size=9), st.booleans())
def test_no_words_break_a_message_or_a_call(headline: str, others: list[int], answerable: bool) -> None:
    page = also(pagers.call(headline=headline), *others)
    for say in (words.Words(), words.TURKISH):
        body = sms.body(page, say, answerable)
        assert 1 <= segments.count(body) <= 2
        assert not answerable or "7e" in body
        body.encode()
        twiml = speech.page(page, say, speech.Voice("en-US"), f"{ADDRESS}/pages/twilio" if answerable else None)
        assert len(twiml) <= speech.LONGEST
        assert len(exchange.spoken(twiml)) == 2 + answerable


def test_words_never_become_verbs() -> None:
    hostile = pagers.call(headline='</Say><Dial>+1900</Dial><Say language="&x;">\x00\uffff' * 40)
    twiml = speech.page(hostile, words.Words(), speech.Voice("en-US"), f"{ADDRESS}/pages/twilio?page={'x%2F' * 60}")
    assert "<Dial>" not in twiml
    assert len(twiml) <= speech.LONGEST
    assert exchange.spoken(twiml)[0].startswith("This is Tocsin. Incident 7, severity 2. </Say><Dial>")


# --- when Twilio will not ---


@pytest.mark.parametrize(
    ("code", "what"),
    [(21211, "no phone number"), (21614, "takes no text messages"), (21408, "unknown country"), (21610, "wrote STOP"),
     (21606, "is not ours"), (21659, "is not ours"), (99999, "error 99999")],
)  # fmt: skip
async def test_a_refusal_is_final_and_says_why(twilio: Exchange, code: int, what: str) -> None:
    assert pagers.ADA.phone
    twilio.refuses[pagers.ADA.phone] = code
    with pytest.raises(NotDelivered, match=what) as refused:
        await parts(twilio)[0].send(pagers.call())
    assert not refused.value.retry
    assert refused.value.do
    assert pagers.ADA.phone not in str(refused.value)


async def test_wrong_credentials_are_named(twilio: Exchange) -> None:
    with pytest.raises(NotDelivered, match=r"does not know us.*token") as refused:
        await parts(twilio, token="another-token-of-ours")[1].send(pagers.call())
    assert not refused.value.retry
    assert "another-token" not in str(refused.value)


async def test_too_many_requests_are_the_only_ones_that_are_made_again(twilio: Exchange) -> None:
    twilio.behaves(Behaviour.BUSY)
    with pytest.raises(NotDelivered) as busy:
        await parts(twilio)[0].send(pagers.call())
    assert (busy.value.retry, busy.value.after) == (True, WAIT)


@pytest.mark.parametrize("how", [Behaviour.BROKEN, Behaviour.AWAY, Behaviour.SLAMS, Behaviour.LIES])
async def test_what_is_in_doubt_is_said_to_be_and_asked_once(twilio: Exchange, how: Behaviour) -> None:
    for part in parts(twilio):
        before = len(twilio.far.arrived)
        twilio.behaves(how)
        with pytest.raises(NotDelivered) as doubt:
            await part.send(pagers.call())
        assert (doubt.value.retry, doubt.value.after) == (True, None)
        assert len(twilio.far.arrived) == before + 1


@pytest.mark.parametrize("phone", [None, "0555 000 00 01", "+90 5", "+905550000001\r\nX: y"])
async def test_a_number_that_is_none_never_reaches_twilio(twilio: Exchange, phone: str | None) -> None:
    for part in parts(twilio):
        with pytest.raises(NotDelivered, match="phone") as refused:
            await part.send(pagers.call(to=dataclasses.replace(pagers.ADA, phone=phone)))
        assert not refused.value.retry
        assert not (phone and phone in str(refused.value))
    assert not twilio.far.arrived


# --- the self-check ---


async def test_the_check_sees_account_number_and_address(twilio: Exchange) -> None:
    for part in parts(twilio, key=KEY, key_secret=KEY_SECRET):
        assert {row.scope: row.health for row in await part.check()} == dict.fromkeys(
            ("account", "number", "address"), Health.OK
        )


async def test_the_check_says_what_is_missing(twilio: Exchange) -> None:
    twilio.status = "suspended"
    rows = {row.scope: row for row in await parts(twilio, Context("twilio"), "+15005550009")[0].check()}
    assert {row.health for row in rows.values()} == {Health.MISSING}
    assert "web.address" in rows["address"].do
    assert "balance" in rows["account"].do
    assert "buy" in rows["number"].do
    (_, number, _) = await parts(twilio, HERE, "Tocsin")[1].check()
    assert (number.health, number.do) == (Health.MISSING, "Set `voice_from`.")


def test_no_secret_and_no_number_stands_in_a_repr() -> None:
    more = {"former": ["a-former-token"], "voice_from": "+15005550007"}
    settings = TwilioSettings.model_validate(
        {"account": exchange.ACCOUNT, "token": exchange.TOKEN, "from": OURS, **more}
    )
    shown = f"{settings!r} {settings} {[part(settings, HERE) for part in plugin.pagers]!r}"
    assert not [one for one in (exchange.TOKEN, "a-former-token", OURS, "+15005550007") if one in shown]


@pytest.mark.parametrize(
    ("more", "complaint"),
    [({"from": None}, "who it comes from"), ({"key": KEY}, "stand together"), ({"token": ""}, "anybody could sign"),
     ({"former": [""]}, "anybody could sign"), ({"url": "http://a:b@c"}, "without name"), ({"from": "+1 (2)"}, "from")],
)  # fmt: skip
def test_settings_that_make_no_sense_are_refused(more: dict[str, Any], complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        TwilioSettings.model_validate({"account": exchange.ACCOUNT, "token": "a-token", "from": OURS, **more})
