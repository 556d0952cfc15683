"""What is said of rotas that people change by hand: why not, what came of it, whose shifts move, who is asked."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Roster:
    """English."""

    # why it cannot be
    ends_first: str = "It would end before it begins."
    in_the_past: str = "It would change the past: it begins at {start}, and what was stays what it was."
    too_far: str = "It would begin more than {days} days from now."
    too_long: str = "It would last longer than {days} days."
    no_zone: str = "{zone} is no time zone."
    nobody_named: str = "It says of nobody that they are on call or away."
    unknown_person: str = "Nobody is called {who}."
    for_themselves: str = "{who} cannot stand in for themselves."
    replaces_nobody: str = "Only an override replaces somebody, so {replaces} cannot be named here."
    not_in_rota: str = "{who} is not in the rota {rota}."
    not_on_call: str = "{who} is not on call for {rota} in that time."
    on_call_anyhow: str = "{who} is on call for {rota} anyhow from {start} until {end}."
    is_away: str = "{who} is away from {start} until {end} ({override})."
    overlaps: str = "{override} does that already from {start} until {end}."
    changes_nothing: str = "That would change nothing."
    asked_already: str = "{request} asks for that already, from {start} until {end}."
    same_time: str = "Both shifts of a swap cannot be at the same time."
    nobody_to_ask: str = "There is nobody else to ask: nobody else is in {rota} or in the team that owns it."
    nobody_able: str = "Nobody could take it: {names} are on call for {rota} then, or away."
    nobody_to_swap: str = "Nobody who could take the shift is on call for {rota} from {start} until {end}."
    not_asked: str = "You are not among those who are asked."
    your_own: str = "It is your own shift."

    # the nearest that can be
    near_name: str = "Did you mean {name}?"
    near_names: str = "Choose from: {names}."
    near_shift: str = "The next shift of {who} is from {start} until {end}."
    near_now: str = "It can begin now, at {now}, at the earliest."
    near_start: str = "It can begin at {start} at the latest."
    near_end: str = "Let it end after {start}."
    near_until: str = "Let it end at {end} at the latest."
    near_after: str = "Begin at {end}, or take {override} back first."
    near_zone: str = "Write one such as {zone}."

    # what is to be known although it can be
    nobody_left: str = "Nobody would be on call for {rota} from {start} until {end}."

    # what came of it
    stale: str = "The rota {rota} has changed since you saw it; look again, then decide."
    does_override: str = "{who} stands in for {replaces} on {rota} from {start} until {end} ({override}, by {by})."
    does_instead: str = "{who} alone is on call for {rota} from {start} until {end} ({override}, by {by})."
    does_cover: str = "{who} is on call for {rota} as well from {start} until {end} ({override}, by {by})."
    does_absence: str = "{who} is away from {rota} from {start} until {end} ({override}, by {by})."
    reason: str = "Why: {why}"
    would: str = "This would be: {what}"
    shifts_move: str = "It moves the shifts of {names}."
    taken_back: str = "{by} took {override} back: {what}"
    over_already: str = "{override} is over already, since {end}."
    in_configuration: str = "{override} stands in the configuration: take it out of rotas.yaml, then reload."

    # whose shifts move
    lost: str = "You are not on call for {rota} from {start} until {end} any more."
    gained: str = "You are on call for {rota} from {start} until {end}."
    edited: str = "The rota {rota} was edited. Your next shift was {was}; now: {now}."
    edited_team: str = "The rota {rota} was edited. Within the next {days} days the shifts of {names} move."
    edited_line: str = "{who}: {was}, now {now}"
    from_until: str = "from {start} until {end}"
    none_soon: str = "none within {days} days"

    # who is asked to take a shift
    offer: str = "{who} asks for cover of {rota} from {start} until {end} ({request}). The first to accept has it."
    offer_swap: str = (
        "{who} offers a swap on {rota}: take the shift from {start} until {end}, and {who} takes yours from "
        "{start_back} until {end_back} ({request}). The first to accept has it."
    )
    accept_how: str = "To accept it: /oncall accept {request}"
    asked: str = "{request} is offered to {names}. Until somebody takes it, the shift stays with {who}."
    reminder: str = "Nobody has taken {request} yet, and it begins at {start}."
    shift_taken: str = "{taker} takes the shift of {who} on {rota} from {start} until {end} ({request})."
    swap_taken: str = (
        "{taker} and {who} swap on {rota}: {taker} has the time from {start} until {end}, {who} that from {start_back} "
        "until {end_back} ({request})."
    )
    taken_already: str = "{taker} has {request} already."
    yours_already: str = "You have {request} already."
    withdrawn_already: str = "{request} was withdrawn."
    begun_already: str = "The shift of {request} began at {start}, and nobody had taken it."
    offer_changed: str = "{request} has changed since you saw it; look again, then decide."
    withdrawn: str = "{request} is withdrawn: {who} keeps the shift on {rota} from {start} until {end}."
    nobody_took: str = (
        "Nobody took {request}: the shift on {rota} from {start} until {end} has begun, and is still {who}'s."
    )
    moot: str = "{request} is not needed any more: {why}"


TURKISH = Roster(
    ends_first="Bitişi başlangıcından önce olurdu.",
    in_the_past="Geçmişi değiştirirdi: başlangıcı {start}; olan olduğu gibi kalır.",
    too_far="Başlangıcı bugünden {days} günden fazla ileride olurdu.",
    too_long="{days} günden uzun sürerdi.",
    no_zone="{zone} bir saat dilimi değil.",
    nobody_named="Kimin nöbetçi ya da izinli olacağı yazılmamış.",
    unknown_person="{who} adında kimse yok.",
    for_themselves="{who} kendi yerine geçemez.",
    replaces_nobody="Yalnızca override birinin yerine geçer; burada {replaces} yazılamaz.",
    not_in_rota="{who}, {rota} nöbetinde yok.",
    not_on_call="{who} o sürede {rota} nöbetçisi değil.",
    on_call_anyhow="{who} zaten {rota} nöbetçisi: {start}, {end}.",
    is_away="{who} izinli: {start}, {end} ({override}).",
    overlaps="{override} bunu zaten yapıyor: {start}, {end}.",
    changes_nothing="Bu hiçbir şeyi değiştirmezdi.",
    asked_already="{request} bunu zaten istiyor: {start}, {end}.",
    same_time="Takasın iki nöbeti aynı zamanda olamaz.",
    nobody_to_ask="Sorulacak başka kimse yok: {rota} nöbetinde ve sahibi olan ekipte başka kimse bulunmuyor.",
    nobody_able="Kimse alamazdı: {names} o sürede {rota} nöbetçisi ya da izinli.",
    nobody_to_swap="Nöbeti alabilecek hiç kimse şu arada {rota} nöbetçisi değil: {start}, {end}.",
    not_asked="Kendisine sorulanlar arasında değilsiniz.",
    your_own="Bu sizin kendi nöbetiniz.",
    near_name="{name} mı demek istediniz?",
    near_names="Şunlardan seçin: {names}.",
    near_shift="{who} için sonraki nöbet: {start}, {end}.",
    near_now="En erken şimdi başlayabilir: {now}.",
    near_start="En geç {start} zamanında başlayabilir.",
    near_end="{start} zamanından sonra bitsin.",
    near_until="En geç {end} zamanında bitsin.",
    near_after="{end} zamanında başlatın ya da önce {override} kaydını geri alın.",
    near_zone="Örneğin {zone} yazın.",
    nobody_left="{rota} için şu arada kimse nöbetçi olmazdı: {start}, {end}.",
    stale="{rota} nöbeti siz gördükten sonra değişti; yeniden bakın, sonra karar verin.",
    does_override="{who}, {rota} nöbetinde {replaces} yerine geçiyor: {start}, {end} ({override}, {by}).",
    does_instead="{rota} nöbetinde yalnızca {who} var: {start}, {end} ({override}, {by}).",
    does_cover="{rota} nöbetine {who} da katılıyor: {start}, {end} ({override}, {by}).",
    does_absence="{who}, {rota} nöbetinden izinli: {start}, {end} ({override}, {by}).",
    reason="Neden: {why}",
    would="Şöyle olurdu: {what}",
    shifts_move="Nöbeti değişenler: {names}.",
    taken_back="{override} kaydını {by} geri aldı: {what}",
    over_already="{override} {end} zamanında bitmişti.",
    in_configuration="{override} yapılandırmada duruyor: rotas.yaml içinden çıkarın, sonra yeniden yükleyin.",
    lost="Artık {rota} nöbetçisi değilsiniz: {start}, {end}.",
    gained="{rota} nöbetçisi sizsiniz: {start}, {end}.",
    edited="{rota} nöbeti düzenlendi. Sonraki nöbetiniz eskiden: {was}; şimdi: {now}.",
    edited_team="{rota} nöbeti düzenlendi. Önümüzdeki {days} gün içinde nöbeti değişenler: {names}.",
    edited_line="{who}: {was}, şimdi {now}",
    from_until="{start} ile {end} arası",
    none_soon="{days} gün içinde yok",
    offer="{who}, {rota} nöbeti için yerine birini arıyor: {start}, {end} ({request}). İlk kabul edenin olur.",
    offer_swap=(
        "{who}, {rota} nöbetinde takas öneriyor: siz şunu alın: {start}, {end}; {who} sizinkini alsın: {start_back}, "
        "{end_back} ({request}). İlk kabul edenin olur."
    ),
    accept_how="Kabul etmek için: /oncall accept {request}",
    asked="{request} şunlara soruldu: {names}. Biri alana kadar nöbet {who} üzerinde kalır.",
    reminder="{request} isteğini henüz kimse almadı; başlangıcı {start}.",
    shift_taken="{taker}, {rota} nöbetinde {who} yerine geçiyor: {start}, {end} ({request}).",
    swap_taken=(
        "{taker} ile {who}, {rota} nöbetinde takas etti: {taker} için {start}, {end}; {who} için {start_back}, "
        "{end_back} ({request})."
    ),
    taken_already="{request} isteğini {taker} zaten aldı.",
    yours_already="{request} zaten sizde.",
    withdrawn_already="{request} geri çekilmişti.",
    begun_already="{request} nöbeti {start} zamanında başladı; kimse almamıştı.",
    offer_changed="{request} siz gördükten sonra değişti; yeniden bakın, sonra karar verin.",
    withdrawn="{request} geri çekildi: {rota} nöbeti {who} üzerinde kalıyor: {start}, {end}.",
    nobody_took="{request} isteğini kimse almadı: {rota} nöbeti ({start}, {end}) başladı ve hâlâ {who} üzerinde.",
    moot="{request} isteğine artık gerek yok: {why}",
)
