"""What is said of duty where people see it: who is on call, their shifts, the forms for it, offers of cover."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class OnCall:
    """English."""

    # channel topics
    topic_until: str = "On call for {rota}: {who} until {until}"
    topic_always: str = "On call for {rota} until further notice: {who}"
    topic_nobody: str = "Nobody is on call for {rota} until {until}"
    topic_nobody_ever: str = "Nobody is on call for {rota} until further notice"
    topic_trouble: str = "The topic of {channel} does not say who is on call for {rota}: {why}"
    topic_why: Mapping[str, str] = field(
        default_factory=lambda: {
            "channel_not_found": (
                "there is no such channel, or it is private and I am not in it. Invite me, or correct slack.topics in "
                "config/tocsin.yaml."
            ),
            "not_in_channel": "I am not in it. Invite me with /invite.",
            "is_archived": "the channel is archived. Take it out of slack.topics in config/tocsin.yaml.",
            "missing_scope": (
                "a scope is missing. Add channels:read and channels:write.topic (groups:write.topic for a private "
                "channel) to the app, then install it again."
            ),
            "restricted_action": (
                "the workspace does not let me. An admin allows it under Settings, Permissions, Channel management."
            ),
            "too_long": (
                "with what people wrote there it would be longer than the 250 characters Slack takes. Shorten what "
                "stands behind the bar."
            ),
        }
    )
    topic_other: str = "Slack says {code}. I try again every hour."

    # who is on call, and one's own shifts
    holds: str = "You are on call for {rota} until {until}."
    holds_on: str = "You are on call for {rota} until further notice."
    next: str = "Your next shift: {rota}, from {start} until {until}."
    none: str = "You have no shift in the next four weeks."
    mine: str = "Your shifts of the next four weeks"
    mine_push: str = "Your shifts: {names}"
    shift: str = "{rota} · from {start} until {until}"
    wished: str = "{cover} is offered to others. Until somebody accepts, this shift is yours."
    coming: str = "Coming shifts of {rota}"
    turn: str = "{start} until {until}: {who}"
    offers: str = "Covers that are wanted"
    offers_none: str = "Nobody wants a cover."

    changed: str = "{change} · {what} · {who} · {start} until {until}"
    kinds: Mapping[str, str] = field(
        default_factory=lambda: {
            "override": "override of {rota}",
            "cover": "cover on {rota}",
            "absence": "absence from {rota}",
        }
    )
    take_back: str = "Take back"
    take_back_sure: str = "The rota is again what it was without it; whoever's shift moves is told."

    # buttons
    my_shifts: str = "My shifts"
    ask: str = "Ask for cover"
    swap: str = "Swap"
    override: str = "Override…"
    cover: str = "Add cover…"
    absence: str = "Absence…"
    accept: str = "Accept"
    withdraw: str = "Withdraw"
    accept_title: str = "Take this shift?"
    accept_sure: str = "You are on call for {rota} from {start} until {until}."
    accept_swap: str = (
        "You are on call for {rota} from {start} until {until}; {who} takes {return_start} until {return_end}."
    )
    accept_aloud: str = "Accept {cover}: {rota} for {who}"
    withdraw_title: str = "Withdraw the wish?"
    withdraw_sure: str = "The shift stays with {who}."
    gone: str = "This offer has changed since you saw it. Look at it as it is now, then press again."

    # the offer
    asks: str = "{cover} · {who} asks for cover"
    swaps: str = "{cover} · {who} wants to swap"
    in_return: str = "In return {who} takes from {start} until {until}."
    why: str = "Why: {why}"
    offered: str = "Offered to {who}. The first to accept has it."
    offered_nobody: str = "Nobody could be offered it."
    taken: str = "{who} has it. Thank you."
    withdrawn: str = "It was withdrawn; the shift stays with {who}."
    past: str = "Nobody took it before the shift began: {who} is on call."
    asks_push: str = "{cover}: {who} asks for cover of {rota} from {start} until {until}"
    swaps_push: str = "{cover}: {who} wants to swap {rota} from {start} until {until}"
    over_push: str = "{cover}: {outcome}"

    # the forms
    rota: str = "Rota"
    person_override: str = "Who takes over"
    person_cover: str = "Who joins"
    person_absence: str = "Who is away"
    replaces: str = "Instead of"
    everybody: str = "Whoever is on call"
    starts: str = "From"
    ends: str = "Until"
    return_starts: str = "In return you take, from"
    return_ends: str = "In return you take, until"
    moment: str = "2026-12-01 09:00"
    ends_moment: str = "2026-12-01 18:00, or 8h"
    zone: str = "Times are those of {zone}. Empty: now."
    zone_end: str = "A moment on the clocks of {zone}, or how long, as in 8h or 2d."
    zone_return: str = "Times are those of {zone}."
    fill_in: str = "Choose a rota, a person and until when; then you see here who is on call before and after."
    before: str = "As it is now"
    back: str = "In return, as it is now"
    after: str = "As it will be"
    unchanged: str = "Nothing would change."
    moves: str = "Told by direct message: {who}."
    moves_nobody: str = "Nobody's shift moves, so nobody is told."
    stays: str = "Until somebody accepts, it stays as it is."
    end_first: str = "It must end after it starts."

    # the home page
    duty_title: str = "Your shifts"
    offers_title: str = "Covers you may take"
    gaps_title: str = "Out of reach in the next 14 days"
    gap: str = "{what}: nobody from {start} until {until}. {why}"


TURKISH = OnCall(
    topic_until="{rota} nöbetçisi: {who}, şu zamana kadar: {until}",
    topic_always="{rota} nöbetçisi, yeni bir duyuruya kadar: {who}",
    topic_nobody="{rota} nöbetinde kimse yok, şu zamana kadar: {until}",
    topic_nobody_ever="{rota} nöbetinde yeni bir duyuruya kadar kimse yok",
    topic_trouble="{channel} kanalının konusu şu nöbeti göstermiyor: {rota}. Nedeni: {why}",
    topic_why={
        "channel_not_found": (
            "böyle bir kanal yok ya da özel bir kanal ve ben içinde değilim. Beni davet edin ya da config/tocsin.yaml "
            "içindeki slack.topics ayarını düzeltin."
        ),
        "not_in_channel": "kanalda değilim. /invite ile davet edin.",
        "is_archived": "kanal arşivlenmiş. config/tocsin.yaml içindeki slack.topics altından çıkarın.",
        "missing_scope": (
            "bir izin eksik. Uygulamaya channels:read ve channels:write.topic (özel kanal için groups:write.topic) "
            "ekleyin, sonra yeniden kurun."
        ),
        "restricted_action": (
            "çalışma alanı buna izin vermiyor. Bir yönetici Ayarlar, İzinler, Kanal yönetimi altından izin verir."
        ),
        "too_long": (
            "orada yazılanlarla birlikte Slack'in kabul ettiği 250 karakteri aşıyor. Çizginin arkasındakini kısaltın."
        ),
    },
    topic_other="Slack yanıtı: {code}. Her saat yeniden denerim.",
    holds="Şu anda {rota} nöbetindesiniz, şu zamana kadar: {until}.",
    holds_on="Yeni bir duyuruya kadar {rota} nöbetindesiniz.",
    next="Sonraki nöbetiniz: {rota}, başlangıç: {start}, bitiş: {until}.",
    none="Önümüzdeki dört haftada nöbetiniz yok.",
    mine="Önümüzdeki dört haftadaki nöbetleriniz",
    mine_push="Nöbetleriniz: {names}",
    shift="{rota} · başlangıç: {start}, bitiş: {until}",
    wished="{cover} başkalarına önerildi. Biri kabul edene kadar bu nöbet sizde.",
    coming="Sıradaki nöbetler: {rota}",
    turn="{start} – {until}: {who}",
    offers="Yerine geçecek biri aranan nöbetler",
    offers_none="Kimse yerine geçecek birini aramıyor.",
    changed="{change} · {what} · {who} · {start} – {until}",
    kinds={"override": "{rota}: yerine geçme", "cover": "{rota}: destek", "absence": "{rota}: yokluk"},
    take_back="Geri al",
    take_back_sure="Çizelge onsuz haline döner; nöbeti değişen herkese bildirilir.",
    my_shifts="Nöbetlerim",
    ask="Yerime biri",
    swap="Değiş tokuş",
    override="Yerine geçir…",
    cover="Destek ekle…",
    absence="Yokluk…",
    accept="Kabul et",
    withdraw="Geri çek",
    accept_title="Bu nöbeti alıyor musunuz?",
    accept_sure="{rota} nöbeti sizde olur, başlangıç: {start}, bitiş: {until}.",
    accept_swap=(
        "{rota} nöbeti sizde olur, başlangıç: {start}, bitiş: {until}; karşılığında {who} şunu alır: {return_start} – "
        "{return_end}."
    ),
    accept_aloud="Kabul et, {cover}: {rota}, {who} yerine",
    withdraw_title="İstek geri çekilsin mi?",
    withdraw_sure="Nöbet şu kişide kalır: {who}.",
    gone="Bu öneri siz gördükten sonra değişti. Şimdiki haline bakın, sonra yeniden basın.",
    asks="{cover} · {who} yerine geçecek birini arıyor",
    swaps="{cover} · {who} nöbet değiştirmek istiyor",
    in_return="Karşılığında {who} şunu alır, başlangıç: {start}, bitiş: {until}.",
    why="Neden: {why}",
    offered="Önerilenler: {who}. İlk kabul eden alır.",
    offered_nobody="Önerilebilecek kimse yok.",
    taken="Nöbeti {who} aldı. Teşekkürler.",
    withdrawn="Geri çekildi; nöbet şu kişide kalıyor: {who}.",
    past="Nöbet başlayana kadar kimse almadı, nöbetçi: {who}.",
    asks_push="{cover}: {who}, {rota} nöbetinde yerine geçecek birini arıyor, başlangıç: {start}, bitiş: {until}",
    swaps_push="{cover}: {who}, {rota} nöbetini değiştirmek istiyor, başlangıç: {start}, bitiş: {until}",
    over_push="{cover}: {outcome}",
    rota="Nöbet çizelgesi",
    person_override="Yerine kim geçiyor",
    person_cover="Kim katılıyor",
    person_absence="Kim yok",
    replaces="Kimin yerine",
    everybody="O sırada nöbetçi kimse",
    starts="Başlangıç",
    ends="Bitiş",
    return_starts="Karşılığında aldığınız, başlangıç",
    return_ends="Karşılığında aldığınız, bitiş",
    moment="2026-12-01 09:00",
    ends_moment="2026-12-01 18:00 ya da 8h",
    zone="Saatler şuraya göre: {zone}. Boşsa: şimdi.",
    zone_end="{zone} saatiyle bir an ya da süre, örneğin 8h ya da 2d.",
    zone_return="Saatler şuraya göre: {zone}.",
    fill_in="Çizelgeyi, kişiyi ve bitişi seçin; önce ve sonra kimin nöbetçi olduğu burada görünür.",
    before="Şu anki hali",
    back="Karşılığında alınan, şu anki hali",
    after="Olacak hali",
    unchanged="Hiçbir şey değişmez.",
    moves="Doğrudan mesajla bildirilecekler: {who}.",
    moves_nobody="Kimsenin nöbeti değişmiyor, kimseye bildirilmez.",
    stays="Biri kabul edene kadar her şey olduğu gibi kalır.",
    end_first="Bitiş, başlangıçtan sonra olmalı.",
    duty_title="Nöbetleriniz",
    offers_title="Alabileceğiniz nöbetler",
    gaps_title="Önümüzdeki 14 günde ulaşılamayanlar",
    gap="{what}: kimse yok, başlangıç: {start}, bitiş: {until}. {why}",
)
