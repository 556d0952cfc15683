"""What is said of follow-ups: to whoever writes, takes, ends or drops one, and to whoever is reminded of one."""

from dataclasses import dataclass


@dataclass(frozen=True)
class FollowUp:
    """English."""

    # to whoever did something
    added: str = "{follow_up} stands: {what} ({who}, {when})."
    is_done: str = "{follow_up} is done: {what}."
    is_dropped: str = "{follow_up} is dropped: {why}"
    is_moved: str = "{follow_up} is changed: {who}, {when}."
    yours: str = "{follow_up} is yours: {what}, {when}."
    yours_already: str = "{follow_up} is yours already."
    over_already: str = "{follow_up} is over already: {standing}."
    same_already: str = "{follow_up} stands so already."
    owned: str = "{who} has it"
    unowned: str = "nobody has it"
    until: str = "due {day}"
    undated: str = "no day is set"

    # how it stands
    standing_open: str = "open"
    standing_done: str = "done"
    standing_dropped: str = "dropped"

    # to whom it concerns
    tomorrow: str = "{follow_up} of {incident} is due tomorrow, {day}: {what}"
    today: str = "{follow_up} of {incident} is due today: {what}"
    ahead: str = "{follow_up} of {incident} is due {day}: {what}"
    late: str = "{follow_up} of {incident} is {days} days late: {what}"
    no_day: str = "{follow_up} of {incident} is yours and has no day: {what}"
    no_owner: str = "{follow_up} of {incident} has no owner: {what}. Who takes it?"
    no_owner_late: str = "{follow_up} of {incident} is {days} days late and has no owner: {what}. Who takes it?"
    lead: str = "{follow_up} of {incident} is {days} days late; {who}: {what}"
    given: str = "{by} gave you {follow_up} of {incident}: {what}, {when}."
    how: str = (
        "Done? Its button stands on my Home tab and on the card of {incident}; or: tocsin follow-up done {follow_up}"
    )
    how_take: str = "Take it in the thread of {incident}, or: tocsin follow-up take {follow_up}"

    # on the own page and on cards
    home_title: str = "Your follow-ups"
    line: str = "{follow_up} · {what} · {who}, {when}"
    line_late: str = "{follow_up} · {what} · {who}, {when}: {days} days late"
    line_over: str = "{follow_up} · {what} · {standing}"
    done: str = "Done"
    take: str = "Take it"
    drop: str = "Drop"
    aloud: str = "{label}: {follow_up}"


TURKISH = FollowUp(
    added="{follow_up} yazıldı: {what} ({who}, {when}).",
    is_done="{follow_up} bitti: {what}.",
    is_dropped="{follow_up} bırakıldı: {why}",
    is_moved="{follow_up} değişti: {who}, {when}.",
    yours="{follow_up} artık sizde: {what}, {when}.",
    yours_already="{follow_up} zaten sizde.",
    over_already="{follow_up} zaten kapandı: {standing}.",
    same_already="{follow_up} zaten böyle.",
    owned="sahibi {who}",
    unowned="sahibi yok",
    until="son gün {day}",
    undated="günü yok",
    standing_open="açık",
    standing_done="bitti",
    standing_dropped="bırakıldı",
    tomorrow="{incident} olayının {follow_up} işi yarın bitmeli ({day}): {what}",
    today="{incident} olayının {follow_up} işi bugün bitmeli: {what}",
    ahead="{incident} olayının {follow_up} işinin son günü {day}: {what}",
    late="{incident} olayının {follow_up} işi {days} gün gecikti: {what}",
    no_day="{incident} olayının {follow_up} işi sizde ve günü yok: {what}",
    no_owner="{incident} olayının {follow_up} işinin sahibi yok: {what}. Kim alıyor?",
    no_owner_late="{incident} olayının {follow_up} işi {days} gün gecikti ve sahibi yok: {what}. Kim alıyor?",
    lead="{incident} olayının {follow_up} işi {days} gün gecikti; {who}: {what}",
    given="{by} size {incident} olayının {follow_up} işini verdi: {what}, {when}.",
    how="Bitti mi? Düğmesi Ana sayfamda ve {incident} yazışmasında; tocsin follow-up done {follow_up}",
    how_take="{incident} yazışmasında alın, ya da: tocsin follow-up take {follow_up}",
    home_title="Takip işleriniz",
    line="{follow_up} · {what} · {who}, {when}",
    line_late="{follow_up} · {what} · {who}, {when}: {days} gün gecikti",
    line_over="{follow_up} · {what} · {standing}",
    done="Bitti",
    take="Ben alıyorum",
    drop="Bırak",
    aloud="{label}: {follow_up}",
)
