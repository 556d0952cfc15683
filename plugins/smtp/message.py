"""Writes a page as a mail: plain text beside a little HTML that loads nothing; a second attempt is the same message."""

import hashlib
import html
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bot.contract import Call, Note, reading
from plugins.smtp import words
from plugins.smtp.address import Mailbox
from plugins.smtp.settings import SmtpSettings

SUBJECT, LINE = 180, 1_000  # characters
ALSO = 20  # other incidents that one mail lists
_TEST = "0"  # the number of an incident that is none: a page to try out whether pages arrive
_SEVEN_BITS = SMTP.clone(cte_type="7bit")  # no server needs 8BITMIME to take it


def page(call: Call, settings: SmtpSettings, to: Mailbox) -> EmailMessage:
    """The mail of a page; its Message-ID follows from `call.key`, its thread from the incident."""
    incident, high = call.view.incident, call.view.incident.policy.urgency == "high"
    own = words.of(call.person.language)
    # Two installations may send from one address and number their incidents alike; their openings differ.
    thread = f"{incident.id} {incident.key} {incident.opened_at.isoformat()}"
    subject = _line(call.view.headline, SUBJECT)
    if incident.id not in subject:
        subject = _line(f"{incident.id} {subject}", SUBJECT)
    mail = _bare(settings, to, subject, call.at)
    mail["Message-ID"] = _id(f"{thread} {call.key}", settings)
    mail["In-Reply-To"] = mail["References"] = _id(thread, settings)
    mail["X-Tocsin-Incident"] = incident.id
    if high:
        mail["X-Priority"] = "1"
        mail["Importance"] = "high"
    parts = list(_page(call, own))
    if settings.reply_to is None:
        parts.append([own.unread])
    return _filled(mail, parts)


def note(given: Note, settings: SmtpSettings, to: Mailbox) -> EmailMessage:
    """The mail of a few plain words; the same key and words are the same message."""
    own = words.of(given.person.language)
    mail = _bare(settings, to, own.note, given.at)
    mail["Message-ID"] = _id(f"{given.key} {given.text}", settings)
    return _filled(mail, [[_line(line) for line in given.text.splitlines()]])


def _bare(settings: SmtpSettings, to: Mailbox, subject: str, at: datetime) -> EmailMessage:
    mail = EmailMessage(policy=_SEVEN_BITS)
    mail["From"] = _shown(settings.sender)
    mail["To"] = _shown(to)
    if settings.reply_to is not None:
        mail["Reply-To"] = _shown(settings.reply_to)
    mail["Subject"] = subject
    mail["Date"] = format_datetime(at.astimezone(UTC))
    mail["Auto-Submitted"] = "auto-generated"
    mail["X-Auto-Response-Suppress"] = "All"
    return mail


def _filled(mail: EmailMessage, parts: list[list[str]]) -> EmailMessage:
    mail.set_content("\n\n".join("\n".join(part) for part in parts) + "\n")
    paragraphs = "\n".join(f"<p>{'<br>'.join(html.escape(line) for line in part)}</p>" for part in parts)
    mail.add_alternative(f"<!doctype html>\n<html><body>\n{paragraphs}\n</body></html>\n", subtype="html")
    return mail


def _page(call: Call, own: words.Words) -> Iterator[list[str]]:
    """The paragraphs, each a list of lines."""
    view, incident = call.view, call.view.incident
    yield [_line(view.headline) or incident.id]
    model = " ".join(filter(None, (incident.model, incident.model_version)))
    about = (incident.id, incident.severity.upper(), model, incident.environment, incident.entity)
    facts = [own.about.format(about=_line(", ".join(filter(None, about))))]
    if view.runbook_title:
        facts.append(own.runbook.format(runbook=_line(view.runbook_title)))
    yield facts
    yield list(_turn(call, own))
    if call.also:
        named = [f"- {one.incident.id}: {_line(one.headline, SUBJECT)}" for one in call.also[:ALSO]]
        more = [f"- … +{len(call.also) - ALSO}"] if len(call.also) > ALSO else []
        yield [own.also, *named, *more]
    if call.code == _TEST:
        yield [own.test]
        return
    mine = (incident.id, *(one.incident.id for one in call.also[:ALSO]))
    yield [own.answer.format(incident=incident.id), *(f"    tocsin incident ack {one}" for one in mine)]


def _turn(call: Call, own: words.Words) -> Iterator[str]:
    """Why this person, how long they have, and who else there is."""
    view, page = call.view, call.page
    why = _line(page.why)
    if call.code == _TEST:
        yield why
        return
    if page.asked:
        yield own.joining.format(why=why)
    else:
        yield own.why.format(tier=page.tier, why=why)
        left = _left(call)
        if left > timedelta(0):
            yield own.within.format(span=own.span(left))
    others = [person.name for person in view.waiting_for if person.name != call.person.name]
    if others:
        yield own.others.format(others=", ".join(others))
    if view.next_step is not None and not page.asked:
        when = f"{view.next_step.at.astimezone(_zone(call.person.timezone)):%H:%M %Z}"
        form = own.next if view.next_step.who else own.next_nobody
        yield form.format(tier=view.next_step.tier, when=when, who=_line(view.next_step.who))


def _left(call: Call) -> timedelta:
    """How long they have: until the next step, or as long as their tier gives them; nothing where that is over."""
    if call.view.next_step is not None:
        return call.view.next_step.at - call.at
    tiers = call.view.incident.policy.tiers
    given = next((tier.answer_within for tier in tiers if tier.name == call.page.tier), timedelta(0))
    return call.page.decided_at + given - call.at


def _line(given: str, limit: int = LINE) -> str:
    """One line without signs that could end it or a header; what would be read as an encoded word is broken up."""
    plain = reading.clean(given[: limit * 4]).replace("=?", "= ?")
    return plain if len(plain) <= limit else f"{plain[: limit - 1]}…"


def _shown(one: Mailbox) -> Address:
    return Address(one.name, one.local, one.domain)


def _id(of: str, settings: SmtpSettings) -> str:
    digest = hashlib.sha256(of.encode("utf-8", "backslashreplace")).hexdigest()[:40]
    return f"<{digest}@{settings.sender.domain}>"


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")
