"""What is said of addresses that count only once their owner has confirmed them."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Confirming:
    """English."""

    note: str = (
        "Tocsin: {code} is your code. It confirms that pages may come here, and is good for {minutes} minutes. If you "
        "did not ask for it, leave it alone."
    )
    asked: str = "A code is on its way to {to} by {way}. It is good for {minutes} minutes."
    confirmed: str = "{to} is confirmed: pages go there from now on."
    wrong: str = "That is not the code that was sent. {left} tries are left."
    ended: str = "That was not the code either, and it is worth nothing any more. Ask for a new one."
    expired: str = "That code has run out. Ask for a new one."
    none: str = "No code waits to be confirmed. Ask for one first."
    stopped: str = "Pages do not come here any more. Send START to have them again."
    started: str = "Pages come here again."
    start_unconfirmed: str = "You are not stopped any more. Pages come here once you have confirmed this address."
    told_stopped: str = "{person} wrote STOP from {to}: pages do not go there any more. START from there revives it."
    told_started: str = "{person} wrote START from {to}: pages go there again."
    #: on the Home tab, by how it stands with a way
    standings: Mapping[str, str] = field(
        default_factory=lambda: {
            "confirmed": "{channel} ({to}): confirmed",
            "asked": "{channel} ({to}): not confirmed, pages do not go there. A code was sent",
            "unconfirmed": "{channel} ({to}): not confirmed, pages do not go there",
            "stopped": "{channel} ({to}): stopped, pages do not go there. Send START from it to have them again",
            "missing": "{channel}: config/people.yaml has no address of yours for it",
        }
    )
    button: str = "Confirm {to}"
    #: the form
    form_intro: str = "{sentence} Enter it here."
    form_code: str = "Code"
    form_hint: str = "Six digits"


TURKISH = Confirming(
    note=(
        "Tocsin: kodunuz {code}. Çağrıların buraya gelebileceğini doğrular, {minutes} dakika geçerlidir. Siz "
        "istemediyseniz bir şey yapmayın."
    ),
    asked="Kod şu adrese yola çıktı: {to} ({way}). {minutes} dakika geçerlidir.",
    confirmed="{to} doğrulandı: çağrılar bundan böyle oraya da gider.",
    wrong="Gönderilen kod bu değil. Kalan deneme: {left}.",
    ended="Bu da değildi; kod artık geçersiz. Yeni bir kod isteyin.",
    expired="O kodun süresi doldu. Yeni bir kod isteyin.",
    none="Doğrulanmayı bekleyen bir kod yok. Önce bir kod isteyin.",
    stopped="Buraya artık çağrı gelmeyecek. Yeniden gelmesi için START yazın.",
    started="Çağrılar yeniden buraya gelecek.",
    start_unconfirmed="Durdurma kaldırıldı. Bu adresi doğruladığınızda çağrılar buraya da gelir.",
    told_stopped="{person}, {to} adresinden STOP yazdı: oraya artık çağrı gitmiyor. START yazılırsa yeniden gider.",
    told_started="{person}, {to} adresinden START yazdı: çağrılar yeniden oraya gidiyor.",
    standings={
        "confirmed": "{channel} ({to}): doğrulandı",
        "asked": "{channel} ({to}): doğrulanmadı, oraya çağrı gitmez. Kod gönderildi",
        "unconfirmed": "{channel} ({to}): doğrulanmadı, oraya çağrı gitmez",
        "stopped": "{channel} ({to}): durduruldu, oraya çağrı gitmez. Yeniden gitmesi için oradan START yazın",
        "missing": "{channel}: config/people.yaml içinde bunun için bir adresiniz yok",
    },
    button="Doğrula: {to}",
    form_intro="{sentence} Buraya yazın.",
    form_code="Kod",
    form_hint="Altı rakam",
)
