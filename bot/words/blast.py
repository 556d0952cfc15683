"""What is said of how far a fault has reached."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Blast:
    """English. The number is always an estimate, and said to be one."""

    about: str = "About {count} predictions since {when} (estimate){what}"
    unknown: str = "How many predictions since {when} is not known{what}: {why}"
    unsaid: str = "the platform does not say"
    segments: str = ", segment {names}"
    features: str = ", feature {names}"
    entities: str = ", entities {names}"
    more: str = "{names} and {count} more"
    thousands: str = ","


TURKISH = Blast(
    about="{when} zamanından beri yaklaşık {count} tahmin (kestirim){what}",
    unknown="{when} zamanından beri kaç tahmin yapıldığı bilinmiyor{what}: {why}",
    unsaid="platform söylemiyor",
    segments=", dilim: {names}",
    features=", özellik: {names}",
    entities=", birimler: {names}",
    more="{names} ve {count} tane daha",
    thousands=".",
)
