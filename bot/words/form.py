"""What forms ask, what they say they will do, and what their menus are called."""

from dataclasses import dataclass

from bot.words import titles
from bot.words.titles import Titles


@dataclass(frozen=True)
class Form(Titles):
    """English."""

    # every form
    close: str = "Close"
    cancel: str = "Cancel"
    working: str = "Working…"
    reading: str = "Reading what this will do…"
    unread: str = "This cannot be read just now; the form can be sent all the same."
    not_sent: str = "Not done:"
    will_happen: str = "What will happen"
    needed: str = "This is needed."
    too_long: str = "This is too long; shorten it."
    too_late: str = "The form came too late: Slack waits three seconds. Press again, or type {typed}."
    not_opened: str = "Slack did not open the form ({code}). Press again, or type {typed}."
    press_to_open: str = "Press the button to open the form: {form}."
    # which incident, and who
    incident: str = "Incident"
    incident_placeholder: str = "Choose an incident"
    none_open: str = "No incident is open."
    held_by: str = "Held by {who}"
    unheld: str = "Nobody holds it yet."
    over: str = "It is resolved."
    people: str = "People"
    teams: str = "Teams"
    rotas: str = "Rotas"
    team: str = "team"
    rota: str = "rota"
    model: str = "Model or agent"
    agent: str = "Agent"
    nobody: str = "Nobody."
    paged_by: str = "{who} is paged: {ways}"
    way_later: str = "{way} after {minutes} min"
    no_way: str = "{who} cannot be reached by any channel."
    and_more: str = "and {count} more"
    being_paged: str = "Being paged now: {who}"
    step_now: str = "At once, {tier}: {who}. {why}"
    step_later: str = "After {minutes} min of silence, {tier}: {who}. {why}"
    target_placeholder: str = "Choose a person, team or rota"
    choose_target: str = "Choose somebody to see who that is right now."
    why: str = "Why"
    why_placeholder: str = "Why? It goes into the timeline"
    # declare
    what: str = "What is wrong"
    what_placeholder: str = "What is wrong, in a few words"
    model_placeholder: str = "Choose a model or agent"
    severity: str = "Severity"
    severity_placeholder: str = "Choose a severity"
    let_runbook: str = "Let the runbook decide"
    environment: str = "Environment"
    environment_placeholder: str = "Environment, such as production"
    details: str = "Details"
    details_placeholder: str = "Details: who is affected, what changed last"
    page_first: str = "Page first"
    page_first_hint: str = "Without a choice, the runbook's first tier is paged."
    by_runbook: str = "{runbook}, {severity}. {why}"
    # hand over, page
    hand_over_to: str = "Hand over to"
    hand_over_means: str = "They are paged at once. If nobody answers, it escalates."
    page_whom: str = "Whom to page"
    page_words: str = "What for"
    page_words_placeholder: str = "What do you need them for?"
    page_means: str = "They are asked to join. Whoever holds the incident goes on holding it."
    # snooze
    how_long: str = "How long"
    m15: str = "15 minutes"
    m30: str = "30 minutes"
    h1: str = "1 hour"
    h2: str = "2 hours"
    h4: str = "4 hours"
    morning: str = "Until 08:00 where you are"
    minutes: str = "Or minutes of your own"
    minutes_placeholder: str = "Minutes, 1 to 10080"
    minutes_hint: str = "When there is a number here, it counts instead of the choice above."
    bad_minutes: str = "Write whole minutes, from 1 to 10080 (a week)."
    snooze_means: str = "You hold it, and nobody is paged until {until}."
    snooze_ends: str = "Then you are paged again."
    then_tier: str = "If you do not answer, {tier} is paged: {who}"
    h8: str = "8 hours"
    d1: str = "1 day"
    d7: str = "7 days"
    # silence
    matchers: str = "What is silenced"
    matchers_placeholder: str = "model = churn"
    matchers_hint: str = "One condition a line; all of them must hold. As in: kind = drift, environment =~ prod.*"
    matchers_first: str = "Say what is silenced to see what that hits."
    silence_ends: str = "Or an end of your own"
    silence_ends_placeholder: str = "2026-12-01 02:00, 18:00 or 90m"
    silence_ends_hint: str = "When something stands here, it counts instead of the choice above. At most 30 days."
    silence_starts: str = "Start"
    silence_starts_placeholder: str = "2026-12-01 02:00, or 18:00"
    silence_why_placeholder: str = "Why? Everybody can read it"
    boxes: str = "How"
    box_shadow: str = "Shadow: hold nothing back, only say what it would have held"
    box_maintenance: str = "This is maintenance: planned work"
    box_sure: str = "Yes, silence every alert there is"
    # false alarm, note, timeline
    false_alarm_why: str = "Why was it a false alarm?"
    false_alarm_placeholder: str = "What fired, and why nothing was wrong"
    false_alarm_means: str = "It is closed, nobody else is paged, and your words help to mend the monitor."
    note: str = "Note"
    note_placeholder: str = "What happened, or what you found"
    note_means: str = "It stands in the timeline with your name. Nobody is paged."
    timeline_add_means: str = "The message stands in the timeline with its author and a link. Nobody is paged."
    message: str = "Message"
    # regrade, merge
    choose_severity: str = "Choose a severity to see who is paged by that."
    graver_pages: str = "Graver than {was}: {tier} is paged at once."
    graver: str = "Graver than {was}. Those who look at it already go on; nobody is paged anew."
    lighter: str = "Lighter than {was}. Nobody is paged by that."
    same_severity: str = "It is {was} already."
    merge_into: str = "Goes on as part of"
    merge_means: str = "{gone} is closed as merged. Its alerts go to {stays}, which stays with whoever holds it."
    choose_other: str = "Choose the incident that goes on."
    no_other: str = "No other incident is open, so there is nothing to merge with."
    # changes of production
    change_version: str = "Version"
    change_version_placeholder: str = "Choose a version"
    change_split: str = "Shares of the traffic"
    change_split_placeholder: str = "7 = 90"
    change_split_hint: str = "A version and its percent on each line; together they are 100."
    change_window: str = "Data window"
    change_window_placeholder: str = "30d"
    change_window_hint: str = "How much data it learns from. Left empty, the model's policy says."
    change_why: str = "Why"
    change_why_placeholder: str = "Why? Whoever must agree reads it"
    change_why_hint: str = "It stands on the card and in the log for good."
    change_glass: str = "Break the glass"
    change_glass_placeholder: str = "Leave this empty, unless nobody can be waited for"
    change_glass_hint: str = (
        "With a reason here nobody is asked and it is applied at once. Everybody is told, and it is reviewed next day."
    )
    # the menu and what it shows
    nothing_allowed: str = "There is nothing you may change here; you are on none of its tiers, or it is over."
    do_acknowledge: str = "Acknowledge"
    do_escalate: str = "Escalate"
    do_hand_over: str = "Hand over"
    do_snooze: str = "Snooze"
    do_page: str = "Page somebody"
    do_note: str = "Add a note"
    do_silence: str = "Silence"
    do_serious: str = "Mark as serious"
    do_reported: str = "Report made"
    do_regrade: str = "Change severity"
    do_merge: str = "Merge"
    do_resolve: str = "Resolve"
    do_false_alarm: str = "False alarm"
    do_explain: str = "Explain"
    do_timeline: str = "Timeline"
    sure_escalate: str = "the next tier is paged at once."
    sure_resolve: str = "it is over, and nobody else is paged."
    why_routed: str = "Why it was routed so:"
    climbs: str = "Who is paged if nobody answers"
    revised: str = "The runbook has changed since this opened; what stood there then counts."
    nothing_yet: str = "Nothing has been written down yet."
    by: str = "by"


TURKISH = Form(
    **vars(titles.TURKISH),
    close="Kapat",
    cancel="Vazgeç",
    working="Yapılıyor…",
    reading="Ne olacağına bakılıyor…",
    unread="Şu anda okunamıyor; form yine de gönderilebilir.",
    not_sent="Yapılamadı:",
    will_happen="Ne olacak",
    needed="Bu alan gerekli.",
    too_long="Bu metin çok uzun; kısaltın.",
    too_late="Form geç kaldı: Slack yalnızca üç saniye bekliyor. Yeniden basın ya da şunu yazın: {typed}.",
    not_opened="Slack formu açmadı ({code}). Yeniden basın ya da şunu yazın: {typed}.",
    press_to_open="Formu açmak için düğmeye basın: {form}.",
    incident="Olay",
    incident_placeholder="Bir olay seçin",
    none_open="Açık olay yok.",
    held_by="Üstlenen: {who}",
    unheld="Henüz üstlenen yok.",
    over="Olay kapandı.",
    people="Kişiler",
    teams="Ekipler",
    rotas="Nöbet listeleri",
    team="ekip",
    rota="nöbet listesi",
    model="Model ya da ajan",
    agent="Ajan",
    nobody="Hiç kimse.",
    paged_by="Çağrılacak: {who} ({ways})",
    way_later="{minutes} dk sonra {way}",
    no_way="Hiçbir kanaldan ulaşılamıyor: {who}",
    and_more="ve {count} kişi daha",
    being_paged="Şu anda çağrılan: {who}",
    step_now="Hemen, {tier}: {who}. {why}",
    step_later="{minutes} dk yanıt gelmezse, {tier}: {who}. {why}",
    target_placeholder="Kişi, ekip ya da nöbet listesi seçin",
    choose_target="Şu anda kim olduğunu görmek için birini seçin.",
    why="Neden",
    why_placeholder="Neden? Zaman çizelgesine yazılır",
    what="Sorun ne",
    what_placeholder="Sorun ne, birkaç sözcükle",
    model_placeholder="Bir model ya da ajan seçin",
    severity="Önem derecesi",
    severity_placeholder="Bir önem derecesi seçin",
    let_runbook="Kararı runbook versin",
    environment="Ortam",
    environment_placeholder="Ortam, örneğin production",
    details="Ayrıntılar",
    details_placeholder="Ayrıntılar: kim etkileniyor, en son ne değişti",
    page_first="Önce çağrılacak",
    page_first_hint="Seçim yapılmazsa runbook'un ilk kademesi çağrılır.",
    by_runbook="{runbook} ({severity}). {why}",
    hand_over_to="Devredilecek",
    hand_over_means="Hemen çağrılırlar. Yanıt veren olmazsa bir üst kademeye geçer.",
    page_whom="Çağrılacak",
    page_words="Ne için",
    page_words_placeholder="Onlara ne için ihtiyacınız var?",
    page_means="Katılmaları istenir. Olay, üstlenen kişide kalır.",
    how_long="Ne kadar",
    m15="15 dakika",
    m30="30 dakika",
    h1="1 saat",
    h2="2 saat",
    h4="4 saat",
    morning="Sizin saatinizle 08:00'e kadar",
    minutes="Ya da dakika olarak",
    minutes_placeholder="Dakika, 1 ile 10080 arası",
    minutes_hint="Buraya sayı yazılırsa yukarıdaki seçimin yerine geçer.",
    bad_minutes="1 ile 10080 (bir hafta) arasında tam dakika yazın.",
    snooze_means="Olay sizde kalır, şu zamana kadar kimse çağrılmaz: {until}.",
    snooze_ends="Sonra siz yeniden çağrılırsınız.",
    then_tier="Yanıt vermezseniz {tier} çağrılır: {who}",
    h8="8 saat",
    d1="1 gün",
    d7="7 gün",
    matchers="Susturulacak uyarılar",
    matchers_placeholder="model = musteri-kaybi",
    matchers_hint="Her satıra bir koşul; hepsi birden sağlanmalı. Örneğin: kind = drift, environment =~ prod.*",
    matchers_first="Neyi etkilediğini görmek için neyin susturulacağını yazın.",
    silence_ends="Ya da kendi bitişiniz",
    silence_ends_placeholder="2026-12-01 02:00, 18:00 ya da 90m",
    silence_ends_hint="Buraya bir şey yazılırsa yukarıdaki seçimin yerine geçer. En çok 30 gün.",
    silence_starts="Başlangıç",
    silence_starts_placeholder="2026-12-01 02:00 ya da 18:00",
    silence_why_placeholder="Neden? Herkes okuyabilir",
    boxes="Nasıl",
    box_shadow="Gölge: hiçbir şeyi bekletme, yalnızca ne bekletirdi onu söyle",
    box_maintenance="Bu bir bakım: planlı çalışma",
    box_sure="Evet, var olan bütün uyarılar susturulsun",
    false_alarm_why="Neden yanlış alarmdı?",
    false_alarm_placeholder="Ne tetiklendi, neden sorun yoktu",
    false_alarm_means="Olay kapanır, başka kimse çağrılmaz; yazdıklarınız izlemeyi düzeltmeye yarar.",
    note="Not",
    note_placeholder="Ne oldu ya da ne buldunuz",
    note_means="Zaman çizelgesinde adınızla yer alır. Kimse çağrılmaz.",
    timeline_add_means="İleti, yazarı ve bağlantısıyla zaman çizelgesinde yer alır. Kimse çağrılmaz.",
    message="İleti",
    choose_severity="Kimin çağrılacağını görmek için bir önem derecesi seçin.",
    graver_pages="Şundan daha ağır: {was}. {tier} hemen çağrılır.",
    graver="Şundan daha ağır: {was}. İlgilenenler sürdürür; yeniden kimse çağrılmaz.",
    lighter="Şundan daha hafif: {was}. Bununla kimse çağrılmaz.",
    same_severity="Önem derecesi zaten {was}.",
    merge_into="Süreceği olay",
    merge_means="{gone} birleştirilmiş olarak kapanır. Uyarıları şuraya taşınır: {stays}. Onu üstlenen değişmez.",
    choose_other="Sürecek olayı seçin.",
    no_other="Başka açık olay yok, birleştirilecek bir şey de yok.",
    change_version="Sürüm",
    change_version_placeholder="Bir sürüm seçin",
    change_split="Trafik payları",
    change_split_placeholder="7 = 90 gibi",
    change_split_hint="Her satıra bir sürüm ve yüzdesi; toplamı 100 olmalı.",
    change_window="Veri dönemi",
    change_window_placeholder="30d gibi",
    change_window_hint="Ne kadar veriden öğreneceği. Boş bırakılırsa modelin kuralı geçerli.",
    change_why="Neden",
    change_why_placeholder="Neden? Onaylayacak kişi bunu okur",
    change_why_hint="Kartta ve kayıtta kalıcı olarak durur.",
    change_glass="Camı kır",
    change_glass_placeholder="Kimse beklenemeyecek durumda değilse boş bırakın",
    change_glass_hint=(
        "Buraya gerekçe yazılırsa kimseye sorulmaz, hemen uygulanır. Herkese bildirilir, ertesi gün gözden geçirilir."
    ),
    nothing_allowed="Burada değiştirebileceğiniz bir şey yok; hiçbir kademesinde değilsiniz ya da olay kapandı.",
    do_acknowledge="Üstlen",
    do_escalate="Yükselt",
    do_hand_over="Devret",
    do_snooze="Ertele",
    do_page="Birini çağır",
    do_note="Not ekle",
    do_silence="Sustur",
    do_serious="Ciddi olarak işaretle",
    do_reported="Bildirim yapıldı",
    do_regrade="Önem derecesini değiştir",
    do_merge="Birleştir",
    do_resolve="Çözüldü",
    do_false_alarm="Yanlış alarm",
    do_explain="Açıkla",
    do_timeline="Zaman çizelgesi",
    sure_escalate="bir sonraki kademe hemen çağrılır.",
    sure_resolve="olay biter, başka kimse çağrılmaz.",
    why_routed="Neden böyle yönlendirildi:",
    climbs="Yanıt veren olmazsa kim çağrılır",
    revised="Olay açıldığından beri runbook değişti; o günkü hâli geçerli.",
    nothing_yet="Henüz bir şey yazılmadı.",
    by="·",
)
