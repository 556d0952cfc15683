"""What is said when a shift is handed over: who accepts, who may not, who is reminded, what came of it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Handing:
    """English."""

    # to whoever accepts or writes into it
    accepted_now: str = (
        "{rota} is yours now ({handover}), {waited} into the shift; {outgoing} will not be paged any more."
    )
    accepted_for: str = (
        "Accepted for {incoming} ({handover}), {waited} into the shift; {outgoing} will not be paged any more."
    )
    accepted_by: str = "{who} accepted {handover} already, at {at}."
    yours_already: str = "You accepted {handover} already, at {at}."
    ran_out: str = "Nobody accepted {handover} in time; that is written down, and nothing is left to accept."
    went_back: str = "{rota} went back to {outgoing}, so nothing is left to accept of {handover}."
    nobody_came: str = "Nobody came in at {at}, so there is nobody to accept {handover}."
    not_yet: str = "{handover} is a draft: it can be accepted from {at} on."
    no_such_turn: str = "The rota {rota} was changed, so no shift ends at {at}; there is nothing left of {handover}."
    own_shift: str = "You hand over {handover}: somebody else must accept it."
    not_incoming: str = "{handover} is for {incoming}; for them their lead or an admin may accept it."
    not_outgoing: str = "{handover} is handed over by {outgoing}; they, their lead or an admin may write into it."
    noted: str = "Your note stands in {handover}."
    nothing_said: str = "There is nothing in it to keep."
    too_long: str = "That is {length} characters long; a note of a handover has {most} at most."
    too_many: str = "{handover} has {most} notes already; more nobody would read."

    # to whom it concerns
    please_accept: str = (
        "{rota} is yours since {at}, and nobody has accepted {handover} yet. Accept it: /handover {rota}. "
        "Until somebody does, pages go to: {paged}."
    )
    lead_reads: str = (
        "Nobody accepted {handover} of {rota} since {at}: {incoming} should, or you for them: /handover {rota}. "
        "Until somebody does, pages go to: {paged}."
    )
    channel_reads: str = (
        "Nobody accepted {handover} of {rota} since {at}: {incoming} should, or an admin for them: /handover {rota}. "
        "Until somebody does, pages go to: {paged}."
    )
    relieved: str = "{who} accepted {handover}, so you are not paged for {rota} any more."
    never_accepted: str = (
        "Nobody accepted {handover} of {rota} since {at}. That is written down; {outgoing} will not be paged any more."
    )
    vacant: str = "Nobody takes over {rota} at {at}: {outgoing} went, and the seat is vacant ({handover})."
    moved_away: str = "The rota {rota} was changed: no shift of yours ends at {at} any more, so {handover} is off."

    # why they are still on call, and by whom it is said
    kept: str = "until {handover} is accepted by {incoming}"

    # how long, for people
    minutes: str = "{minutes} min"
    hours: str = "{hours} h {minutes} min"


TURKISH = Handing(
    accepted_now=("{rota} artık sizde ({handover}), vardiya başladıktan {waited} sonra; {outgoing} artık çağrılmaz."),
    accepted_for=(
        "{incoming} adına kabul edildi ({handover}), vardiya başladıktan {waited} sonra; {outgoing} artık çağrılmaz."
    ),
    accepted_by="{handover} zaten kabul edildi: {who}, {at}.",
    yours_already="{handover} devrini zaten kabul ettiniz: {at}.",
    ran_out="{handover} zamanında kabul edilmedi; bu kaydedildi ve kabul edilecek bir şey kalmadı.",
    went_back="{rota} yine {outgoing} üzerinde; {handover} devrinden kabul edilecek bir şey kalmadı.",
    nobody_came="{at} anında kimse gelmedi, {handover} devrini kabul edecek kimse yok.",
    not_yet="{handover} bir taslak: {at} anından itibaren kabul edilebilir.",
    no_such_turn="{rota} nöbeti değişti, {at} anında biten vardiya yok; {handover} devrinden geriye bir şey kalmadı.",
    own_shift="{handover} devrini siz yapıyorsunuz: başka birinin kabul etmesi gerekir.",
    not_incoming="{handover} şunlar için: {incoming}; onların adına liderleri ya da bir yönetici kabul edebilir.",
    not_outgoing="{handover} devrini yapanlar: {outgoing}; onlar, liderleri ya da bir yönetici not ekleyebilir.",
    noted="Notunuz {handover} devrinde duruyor.",
    nothing_said="İçinde saklanacak bir şey yok.",
    too_long="Bu {length} karakter; devir notu en çok {most} karakter olur.",
    too_many="{handover} devrinde zaten {most} not var; daha fazlasını kimse okumaz.",
    please_accept=(
        "{rota} {at} anından beri sizde, {handover} devrini ise henüz kimse kabul etmedi. "
        "Kabul edin: /handover {rota}. O zamana kadar çağrılanlar: {paged}."
    ),
    lead_reads=(
        "{rota} nöbetinin {handover} devri {at} anından beri kabul edilmedi: {incoming} kabul etmeli, ya da onların "
        "adına siz: /handover {rota}. O zamana kadar çağrılanlar: {paged}."
    ),
    channel_reads=(
        "{rota} nöbetinin {handover} devri {at} anından beri kabul edilmedi: {incoming} kabul etmeli, ya da onların "
        "adına bir yönetici: /handover {rota}. O zamana kadar çağrılanlar: {paged}."
    ),
    relieved="{handover} devrini {who} kabul etti; artık {rota} için çağrılmazsınız.",
    never_accepted=(
        "{rota} nöbetinin {handover} devri {at} anından beri kabul edilmedi. Bu kaydedildi; {outgoing} artık çağrılmaz."
    ),
    vacant="{at} anında {rota} nöbetini kimse devralmıyor: {outgoing} gitti, koltuk boş ({handover}).",
    moved_away="{rota} nöbeti değişti: {at} anında biten bir vardiyanız yok, {handover} devri düştü.",
    kept="{incoming} {handover} devrini kabul edene kadar",
    minutes="{minutes} dk",
    hours="{hours} sa {minutes} dk",
)
