"""What Twilio posts: that it was Twilio, what became of a page, what people answered and what they are told."""

import dataclasses
import hashlib
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr
from twilio.request_validator import RequestValidator  # type: ignore[import-untyped]

from bot.contract import Context, Heard, NotAuthentic, Report, Request, Says, Unreadable
from bot.testing import pagers, receivers
from bot.testing.promises import CONNECTION, NOW
from bot.testing.trial import ADDRESS
from plugins.twilio import codes, plugin, posted, segments
from plugins.twilio.receiver import Receiver
from plugins.twilio.settings import TwilioSettings
from plugins.twilio.understanding import understood
from tests.plugins.exchange import ACCOUNT, OURS, TOKEN, posts, spoken

PHONE = pagers.ADA.phone or ""
OPTIONS: dict[str, Any] = {"account": ACCOUNT, "token": TOKEN, "from": OURS}
HOOK = f"{ADDRESS}/pages/{CONNECTION}"
PAGE = f"{HOOK}?page=page%2FINC-7%2F1%2Fada%2Fprom"
SENT = {"MessageSid": "SM1", "AccountSid": ACCOUNT, "To": PHONE, "From": OURS}
RUNG = {"CallSid": "CA1", "AccountSid": ACCOUNT, "To": PHONE, "From": OURS}
WROTE = {"MessageSid": "SM2", "SmsStatus": "received", "AccountSid": ACCOUNT, "From": PHONE, "To": OURS}
FORM = {"content-type": "application/x-www-form-urlencoded"}


def receiver(address: str | None = ADDRESS, **more: Any) -> Receiver:
    return Receiver(TwilioSettings.model_validate({**OPTIONS, **more}), Context(CONNECTION, address=address))


def heard(told: dict[str, str], url: str = PAGE, **headers: str) -> Heard:
    request = posts(url, told, **headers)
    receiver().authenticate(request)
    return receiver().hear(request)


def wrote(text: str, **more: str) -> Request:
    return posts(HOOK, {**WROTE, "Body": text, **more})


async def test_it_keeps_the_contract() -> None:
    deliveries = [
        posts(PAGE, {**SENT, "MessageStatus": "delivered"}),
        posts(PAGE, {**RUNG, "CallStatus": "no-answer"}),
        posts(f"{PAGE}&language=tr", {**RUNG, "CallStatus": "in-progress", "Digits": "1"}),
        posts(f"{PAGE}&language=tr", {**RUNG, "CallStatus": "in-progress", "Digits": "9"}),
        wrote("42a"),
    ]
    await receivers.conforms(plugin, OPTIONS, deliveries=deliveries)


# --- whether it was Twilio ---


@given(
    st.dictionaries(st.text(st.characters(codec="utf-8"), min_size=1, max_size=20),
                    st.text(st.characters(codec="utf-8"), max_size=60), max_size=8),
    st.text(st.characters(codec="utf-8"), max_size=40),
    st.sampled_from([ADDRESS, "http://10.0.0.7:8080", "https://hooks.example:8443/tocsin"]),
)  # fmt: skip
def test_twilios_own_validator_agrees_with_us(told: dict[str, str], page: str, address: str) -> None:
    url = f"{address}/pages/{CONNECTION}?{urlencode({'page': page}).replace('+', '%20')}"
    # Theirs is taken by us ...
    query = {"page": page}
    signed = RequestValidator(TOKEN).compute_signature(url, told)
    request = Request(
        urlencode(told).encode(), NOW, {**FORM, posted.HEADER: signed}, query, path=f"/pages/{CONNECTION}"
    )
    receiver(address).authenticate(request)
    # ... and ours by them; with anything else in the form, by neither.
    ours = posted.signature(SecretStr(TOKEN), url, list(told.items()))
    assert RequestValidator(TOKEN).validate(url, told, ours)
    other = {**told, "Body": told.get("Body", "") + "x"}
    assert not RequestValidator(TOKEN).validate(url, other, ours)
    with pytest.raises(NotAuthentic):
        receiver(address).authenticate(dataclasses.replace(request, body=urlencode(other).encode()))


def test_several_values_of_one_field_are_signed_as_twilio_signs_them() -> None:
    class Several(dict[str, list[str]]):
        def getlist(self, name: str) -> list[str]:
            return self[name]

    signed = RequestValidator(TOKEN).compute_signature(HOOK, Several(Media=["b", "a", "b"], Body=["x"]))
    assert posted.signature(
        SecretStr(TOKEN), HOOK, [("Media", "b"), ("Body", "x"), ("Media", "a"), ("Media", "b")]
    ) == (signed)


@pytest.mark.parametrize("url", ["https://tocsin.example:443/pages/prom", HOOK])
def test_twilio_may_sign_the_address_with_its_port(url: str) -> None:
    signed = RequestValidator(TOKEN).compute_signature(url, SENT)
    request = Request(urlencode(SENT).encode(), NOW, {**FORM, posted.HEADER: signed}, path="/pages/prom")
    receiver().authenticate(request)


def test_a_former_token_is_good_while_tokens_are_rotated() -> None:
    request = posts(HOOK, SENT, token="the-token-of-yesterday")
    receiver(former=["the-token-of-yesterday"]).authenticate(request)
    with pytest.raises(NotAuthentic, match="wrong"):
        receiver().authenticate(request)


def test_a_body_of_json_is_good_by_its_hash_alone() -> None:
    body = b'{"MessageSid": "SM1", "MessageStatus": "delivered"}'
    url = f"{HOOK}?bodySHA256={hashlib.sha256(body).hexdigest()}"
    signed = RequestValidator(TOKEN).compute_signature(url, {})
    query = {"bodySHA256": hashlib.sha256(body).hexdigest()}
    head = {"content-type": "application/json", posted.HEADER: signed}
    request = Request(body, NOW, head, query, path="/pages/prom")
    assert RequestValidator(TOKEN).validate(url, body.decode(), signed)
    receiver().authenticate(request)
    assert receiver().hear(request).reports == (Report("SM1", True),)
    for other in (
        dataclasses.replace(request, body=body.replace(b"SM1", b"SM2")),
        dataclasses.replace(request, query={}),
        dataclasses.replace(request, headers={**FORM, posted.HEADER: signed}, body=b"MessageStatus=failed"),
    ):
        with pytest.raises(NotAuthentic):
            receiver().authenticate(other)


@pytest.mark.parametrize(
    ("request_", "why"),
    [
        (Request(urlencode(SENT).encode(), NOW, FORM, path="/pages/prom"), "no X-Twilio-Signature"),
        (posts(HOOK, SENT, token="a-forger"), "is wrong"),
        (posts(f"{ADDRESS}/pages/another", SENT), "is wrong"),
    ],
)
def test_a_forged_report_gets_nowhere(request_: Request, why: str) -> None:
    if why == "is wrong":
        request_ = dataclasses.replace(request_, path="/pages/prom")
    with pytest.raises(NotAuthentic, match=why) as refused:
        receiver().authenticate(request_)
    assert TOKEN not in str(refused.value)


def test_without_an_address_of_ours_nothing_can_be_authentic() -> None:
    with pytest.raises(NotAuthentic, match=r"web\.address"):
        receiver(None).authenticate(posts(HOOK, SENT))


# --- what became of it ---


@pytest.mark.parametrize(
    ("status", "arrived"),
    [("queued", None), ("sent", None), ("delivered", True), ("undelivered", False), ("failed", False), ("new", None)],
)
def test_reports_of_messages(status: str, arrived: bool | None) -> None:
    said = heard({**SENT, "MessageStatus": status, "ErrorCode": "30003"})
    why = codes.sentence(30003) if arrived is False else ""
    assert said == Heard(reports=(Report("SM1", arrived, why),))
    assert said == heard({**SENT, "MessageStatus": status, "ErrorCode": "30003"})  # a second copy is the very same
    assert PHONE not in str(said)


@pytest.mark.parametrize(
    ("told", "reports"),
    [
        ({"CallStatus": "ringing"}, (Report("CA1", None),)),
        ({"CallStatus": "in-progress"}, (Report("CA1", True),)),
        ({"CallStatus": "completed"}, ()),
        ({"CallStatus": "completed", "AnsweredBy": "machine_start"},
         (Report("CA1", False, "An answering machine took the call."),)),
        ({"CallStatus": "no-answer"}, (Report("CA1", False, "Nobody picked up."),)),
        ({"CallStatus": "busy"}, (Report("CA1", False, "The line was busy."),)),
        ({"CallStatus": "failed", "ErrorCode": "32205"}, (Report("CA1", False, codes.sentence(32205)),)),
        ({"CallStatus": "failed"}, (Report("CA1", False, "The call could not be put through."),)),
    ],
)  # fmt: skip
def test_reports_of_calls(told: dict[str, str], reports: tuple[Report, ...]) -> None:
    assert heard({**RUNG, **told}) == Heard(reports=reports)


def test_every_code_has_a_cure() -> None:
    for code in (*codes.CODES, 99999, None):
        assert codes.sentence(code).endswith("."), code
        assert all(codes.meant(code))


# --- what people answer ---


@pytest.mark.parametrize(
    ("text", "says", "code"),
    [
        *((text, Says.ACKNOWLEDGE, "42") for text in
          ("42a", "42A", " 42 a ", "'42a'", "\u201c42a\u201d", "ack 42", "a42", "Ack INC-42", "inc-42 a", "42 onayla",
           "ONAYLA 42", "kabul 42", "acknowledge #42", "042a", "42a.", "４２a")),
        *((text, Says.ESCALATE, "42") for text in ("42e", "escalate 42", "42 YÜKSELT", "yükselt inc-42")),
        *((text, Says.RESOLVE, "42") for text in ("42r", "resolve inc-42", "close 42", "çöz 42", "42 ÇÖZ", "42 kapat")),
        ("271828", Says.CONFIRM, "271828"), (" 271828\n", Says.CONFIRM, "271828"),
        ("STOP", Says.STOP, ""), ("unsubscribe", Says.STOP, ""), ("İPTAL", Says.STOP, ""), ("start", Says.START, ""),
        *((text, Says.HELP, "") for text in
          ("", "help", "what?", "42", "a", "ack", "42x", "42a 43a", "ack all", "27182", "2718281", "42a\x00", "٤٢",
           "rm -rf 42", "don't ack 42", "a" * 5000)),
    ],
)  # fmt: skip
def test_what_somebody_writes_is_understood(text: str, says: Says, code: str) -> None:
    assert understood(text) == (says, code)


@given(st.text(max_size=300))
def test_whatever_somebody_writes_has_a_meaning(text: str) -> None:
    says, code = understood(text)
    assert (code == "") is (says in (Says.STOP, Says.START, Says.HELP))
    assert code.isascii()


def test_a_reply_says_who_wrote_it() -> None:
    (reply,) = receiver().hear(wrote("42a")).replies
    assert (reply.says, reply.code, reply.phone, reply.id) == (Says.ACKNOWLEDGE, "42", PHONE, "SM2")


@pytest.mark.parametrize(("kind", "says"), [("STOP", Says.STOP), ("START", Says.START), ("HELP", Says.HELP)])
def test_what_twilio_made_of_it_counts_and_twilio_answers(kind: str, says: Says) -> None:
    request = wrote("42a", OptOutType=kind)
    (reply,) = receiver().hear(request).replies
    assert (reply.says, reply.code) == (says, "")
    assert spoken(receiver().answer(request, ["You are out."]).body.decode()) == []


def test_stop_is_answered_by_twilio_alone() -> None:
    answer = receiver().answer(wrote("STOP"), ["You are out."])
    assert (answer.status, answer.media_type) == (200, "text/xml")
    assert answer.body.endswith(b"<Response />")


def test_an_answer_in_turkish_costs_no_more_letters_than_a_page() -> None:
    said = "Yanıt için: 42a INC-42 olayını üstlenir, 42e bir üst kademeye geçirir, 42r çözer."
    (text,) = spoken(receiver().answer(wrote("42?"), [said]).body.decode())
    assert segments.gsm(text)
    assert text.startswith("Yanit icin: 42a")


def test_whoever_wrote_is_answered_in_a_message() -> None:
    body = receiver().answer(wrote("42a"), ["INC-42 <is> yours & nobody else's."]).body.decode()
    assert spoken(body) == ["INC-42 <is> yours & nobody else's."]
    assert receiver().answer(wrote("42a"), []).body.endswith(b"<Response />")


@pytest.mark.parametrize(
    ("key", "says"),
    [("1", Says.ACKNOWLEDGE), ("2", Says.ESCALATE), ("3", Says.RESOLVE), ("9", Says.HELP), ("7", Says.HELP)],
)
def test_a_key_answers_the_page_of_its_call(key: str, says: Says) -> None:
    told = {**RUNG, "CallStatus": "in-progress", "Digits": key}
    said = heard(told, f"{PAGE}&language=tr")
    (reply,) = said.replies
    assert (reply.says, reply.page, reply.id) == (says, "page/INC-7/1/ada/prom", f"CA1/{key}")
    assert said == heard(told, f"{PAGE}&language=tr")
    assert not said.reports


def test_two_presses_of_one_call_are_two() -> None:
    told = {**RUNG, "CallStatus": "in-progress", "Digits": "9"}
    token = "i-twilio-idempotency-token"
    ids = [heard(told, PAGE, **{token: press}).replies[0].id for press in ("p1", "p2", "p2")]
    assert ids == ["CA1/p1", "CA1/p2", "CA1/p2"]


def test_whoever_pressed_hears_what_came_of_it() -> None:
    done = posts(f"{PAGE}&language=tr", {**RUNG, "CallStatus": "in-progress", "Digits": "1"})
    body = receiver().answer(done, ["INC-7 sizde."]).body.decode()
    assert spoken(body) == ["INC-7 sizde."]
    assert 'language="tr-TR"' in body
    assert body.endswith("<Hangup /></Response>")
    assert "Gather" not in body
    again = posts(f"{PAGE}&language=tr", {**RUNG, "CallStatus": "in-progress", "Digits": "9"})
    body = receiver().answer(again, []).body.decode()
    assert "1'e" in spoken(body)[0]
    assert f'action="{PAGE}&amp;language=tr"' in body


@pytest.mark.parametrize("told", [SENT | {"MessageStatus": "delivered"}, RUNG | {"CallStatus": "completed"}])
def test_a_report_is_answered_by_nothing(told: dict[str, str]) -> None:
    answer = receiver().answer(posts(PAGE, told), [])
    assert answer.status in (200, 204)
    assert answer.body in (b"", b'<?xml version="1.0" encoding="UTF-8"?><Response />')


@pytest.mark.parametrize("body", [b"", b"a=b", b"Body=x", b"MessageStatus=sent", b"Digits=1&CallSid=CA1", b"&" * 9999])
def test_what_makes_no_sense_is_unreadable(body: bytes) -> None:
    with pytest.raises(Unreadable):
        receiver().hear(Request(body, NOW, FORM, path="/pages/prom"))
