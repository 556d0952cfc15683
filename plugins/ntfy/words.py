"""What a push message says around the facts, in each language it is written in."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Words:
    """The sentences of a page; names in braces are filled in."""

    why: str = "You are paged as {tier}: {why}"
    joining: str = "{why}"
    within: str = "You have {minutes} min to answer: in Slack, or /incident ack {incident}"
    answer: str = "To answer: in Slack, or /incident ack {incident}"
    test: str = "This is a test; it is enough that it has arrived."
    also: str = "Also: {incident} {headline}"


ENGLISH = Words()
TURKISH = Words(
    why="{tier} olarak çağrıldınız: {why}",
    joining="Katılmanız isteniyor: {why}",
    within="Yanıt için {minutes} dk var: Slack'te, ya da /incident ack {incident}",
    answer="Yanıt için: Slack'te, ya da /incident ack {incident}",
    test="Bu bir deneme; ulaşmış olması yeterli.",
    also="Ayrıca: {incident} {headline}",
)


def of(language: str | None) -> Words:
    """In a person's language; English where nobody said, or for one it is not written in."""
    return TURKISH if (language or "").lower().split("-")[0].split("_")[0] == "tr" else ENGLISH
