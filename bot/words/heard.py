"""What people read when they have answered a page by the channel it came by."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Heard:
    """English."""

    help: str = (
        "To answer: 42a takes INC-42, 42e passes it on, 42r resolves it. STOP ends pages here, START brings them back."
    )
    resolved: str = "{incident} was resolved already."
    no_incident: str = "There is no incident {number}."
    no_number: str = "That is not the number of an incident. {help}"
    nothing_waits: str = "No open incident waits for you. Nothing was changed."
    which: str = "Which one? These wait for you: {incidents}. Send its number, too."
    nobody: str = "Nobody has confirmed this address, so nothing was changed. Answer in Slack instead."
    several: str = "More than one person has this address, so it does not tell who you are. Answer in Slack instead."
    gone: str = "That page is not known any more. Nothing was changed."
    heard_already: str = "That was heard already."
    held: str = "{incident} is held by {who}."
    unheld: str = "Nobody has taken {incident} yet."


TURKISH = Heard(
    help=(
        "Yanıt için: 42a INC-42 olayını üstlenir, 42e bir üst kademeye geçirir, 42r çözer. STOP buraya gelen çağrıları "
        "keser, START yeniden başlatır."
    ),
    resolved="{incident} zaten çözülmüştü.",
    no_incident="{number} numaralı bir olay yok.",
    no_number="Bu bir olay numarası değil. {help}",
    nothing_waits="Sizi bekleyen açık bir olay yok. Hiçbir şey değişmedi.",
    which="Hangisi? Sizi bekleyenler: {incidents}. Numarasını da yazın.",
    nobody="Bu adresi kimse doğrulamamış, bu yüzden hiçbir şey değişmedi. Slack üzerinden yanıtlayın.",
    several="Bu adres birden çok kişinin; kim olduğunuz belli değil. Slack üzerinden yanıtlayın.",
    gone="O çağrı artık bilinmiyor. Hiçbir şey değişmedi.",
    heard_already="Bu yanıt zaten alınmıştı.",
    held="{incident} şu kişide: {who}.",
    unheld="{incident} olayını henüz kimse üstlenmedi.",
)
