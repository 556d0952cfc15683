"""What owners of rotas are told of the calendars that say who takes turns."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Calendars:
    """English."""

    unread: str = (
        "The calendar of layer {layer} of {rota} cannot be read: {why} What it said last stays in force. It is read "
        "again every 15 minutes; you are told once."
    )
    strangers: str = (
        "The calendar of layer {layer} of {rota} names nobody I know in {count} events, so nobody is on call by them: "
        "{names}. Write people's names or e-mail addresses as in config/people.yaml."
    )


TURKISH = Calendars(
    unread=(
        "{rota} nöbetinin {layer} katmanının takvimi okunamıyor: {why} En son söylediği geçerli kalıyor. Her 15 "
        "dakikada bir yeniden okunur; bu size bir kez söylenir."
    ),
    strangers=(
        "{rota} nöbetinin {layer} katmanının takvimi {count} etkinlikte tanıdığım kimsenin adını vermiyor, bunlarla "
        "kimse nöbetçi olmuyor: {names}. Adları veya e-posta adreslerini config/people.yaml içindeki gibi yazın."
    ),
)
