"""What a mail says around the facts, in each language it is written in."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class Words:
    """The sentences of a page; names in braces are filled in."""

    about: str = "About: {about}"
    runbook: str = "Runbook: {runbook}"
    why: str = "You are paged as {tier}: {why}"
    joining: str = "{why}"
    within: str = "You have {span} to answer."
    next: str = "If nobody answers, {tier} is paged at {when}: {who}"
    next_nobody: str = "If nobody answers, {tier} comes next, at {when}."
    others: str = "Also paged: {others}"
    also: str = "The same mail pages you for:"
    answer: str = "To answer, press Acknowledge in Slack, or type there /incident ack {incident}; in a terminal:"
    test: str = "This is a test; it is enough that it has arrived."
    minutes: str = "{n} minutes"
    minute: str = "1 minute"
    hours: str = "{n} hours"
    hour: str = "1 hour"
    unread: str = "Nobody reads answers to this mail."
    note: str = "A message from Tocsin"

    def span(self, given: timedelta) -> str:
        """`10 minutes`, `2 hours`; never less than a minute."""
        minutes = max(1, round(given.total_seconds() / 60))
        if minutes % 60 == 0:
            return self.hour if minutes == 60 else self.hours.format(n=minutes // 60)
        return self.minute if minutes == 1 else self.minutes.format(n=minutes)


ENGLISH = Words()
TURKISH = Words(
    about="Konu: {about}",
    runbook="Kılavuz: {runbook}",
    why="{tier} olarak çağrıldınız: {why}",
    joining="Katılmanız isteniyor: {why}",
    within="Yanıt vermek için {span} süreniz var.",
    next="Kimse yanıt vermezse {when} itibarıyla {tier} çağrılır: {who}",
    next_nobody="Kimse yanıt vermezse {when} itibarıyla sıradaki adım {tier}.",
    others="Çağrılan diğer kişiler: {others}",
    also="Bu posta ile ayrıca şunlar için çağrılıyorsunuz:",
    answer="Yanıt vermek için Slack'te Üstlen düğmesine basın ya da orada /incident ack {incident} yazın; uçbirimde:",
    test="Bu bir deneme; ulaşmış olması yeterli.",
    minutes="{n} dakika",
    minute="1 dakika",
    hours="{n} saat",
    hour="1 saat",
    unread="Bu postaya verilen yanıtları kimse okumaz.",
    note="Tocsin'den bir ileti",
)


def of(language: str | None) -> Words:
    """In a person's language; English where nobody said, or for one it is not written in."""
    return TURKISH if (language or "").lower().split("-")[0].split("_")[0] == "tr" else ENGLISH
