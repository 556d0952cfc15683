"""What is said to whoever holds an incident and has done nothing about it for a while."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Attending:
    """English."""

    # the direct message
    still: str = "Still at it? {incident}"
    about: str = "{severity} · {about}: {title}"
    since: str = "You took it {taken}. Your last sign of work on it was {last}."
    goes_back: str = "Without an answer it goes back to {tier} {when}, and whoever is on call is paged."
    stays: str = "It stays with you. If somebody else should take it, hand it over."
    on_it: str = "I'm on it"
    aloud: str = "I'm on it: {incident}, {about}"
    # once it needs no answer
    answered: str = "You are on it."
    with_other: str = "{who} holds it now."
    with_nobody: str = "It is not yours any more: it waits at {tier} for somebody who takes it."
    closed: str = "It is resolved."
    # to whoever held it, and on its card
    taken_back: str = (
        "{incident} ({title}) is not yours any more: you did not say that you are at it. {tier} is paged for it. "
        "Acknowledge it on its card to take it again."
    )
    given_back: str = "Given back: {why}"


TURKISH = Attending(
    still="Hâlâ ilgileniyor musunuz? {incident}",
    about="{severity} · {about}: {title}",
    since="Üstlendiğiniz zaman: {taken}. Son hareketiniz: {last}.",
    goes_back="Yanıt vermezseniz {when} yeniden {tier} kademesine döner ve nöbetçi çağrılır.",
    stays="Olay sizde kalıyor. Başkası üstlenecekse devredin.",
    on_it="İlgileniyorum",
    aloud="İlgileniyorum: {incident}, {about}",
    answered="Siz ilgileniyorsunuz.",
    with_other="Olay şimdi şu kişide: {who}.",
    with_nobody="Olay artık sizde değil: {tier} kademesinde üstlenecek birini bekliyor.",
    closed="Olay çözüldü.",
    taken_back=(
        "{incident} ({title}) artık sizde değil: ilgilendiğinizi söylemediniz. Bunun için {tier} çağrıldı. Yeniden "
        "üstlenmek için kartında onaylayın."
    ),
    given_back="Geri verildi: {why}",
)
