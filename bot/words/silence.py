"""What is said of silences and maintenance windows: what they hit, when they hold, what became of them."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Silence:
    """English. `what` is one of the two words `silence` and `maintenance`."""

    # in a sentence
    silence: str = "silence"
    maintenance: str = "maintenance"
    shadow: str = "only told, nothing is held back"
    anything: str = "every alert"

    # what came of it
    made: str = "{silence} holds until {until}."
    planned: str = "{silence} is planned from {start} until {until}."
    ended: str = "{silence} is ended. What still fires is looked at now, and whoever is on call is paged for it."
    over: str = "{silence} is over since {until}."
    ended_already: str = "{silence} was ended already, by {who}."

    # what a channel is told
    told_made: str = "{silence} ({what}) by {who}, until {until}: {matchers}. {why}"
    told_planned: str = "{silence} ({what}) by {who} is planned from {start} until {until}: {matchers}. {why}"
    told_start: str = "{silence} ({what}) holds from now until {until}: {matchers}. {why}"
    told_end: str = "{silence} ({what}) is over: {matchers}. What still fires is paged now."
    told_ended: str = "{silence} ({what}) was ended by {who}: {matchers}. What still fires is paged now."

    # what it would hit
    hits_now: str = "Hits now: {firing} firing (open incidents: {incidents})."
    hits_nothing: str = "Hits nothing that fires now."
    hits_week: str = "Of the alerts of the last 7 days it would have hit {count}."
    hits_week_cut: str = "Of the alerts of the last 7 days it would have hit {count} or more."
    hits_alert: str = "{incident} · {title}"
    hits_more: str = "… and {count} more"
    hits_everything: str = "It hits every alert there is."
    goes_on: str = "Incidents that are open go on: acknowledge, snooze or resolve them. New alerts are held back."
    span: str = "From {start} until {until}"
    span_now: str = "From now until {until}"

    # commands
    listed: str = "{silence} ({what}) · {matchers} · until {until} · by {who}: {why}"
    listed_planned: str = "{silence} ({what}) · {matchers} · from {start} until {until} · by {who}: {why}"
    none: str = "No silence holds or is planned."
    standing: str = "Silences: {names}"
    end: str = "End {silence}"
    sure_end: str = "What still fires is paged then."
    confirm: str = "Silence"
    confirm_maintenance: str = "Begin maintenance"
    confirm_plan: str = "Plan it"
    confirm_everything: str = "Silence everything"
    sure: str = "Alerts that match are held back, and nobody is paged for them."
    which: str = "Which one? For example: {example}"

    # the form, and the way to it
    zone: str = "Times are those of {zone}. Empty: now."
    change: str = "Change…"


TURKISH = Silence(
    silence="susturma",
    maintenance="bakım",
    shadow="yalnızca bildirilir, hiçbir şey bekletilmez",
    anything="bütün uyarılar",
    made="{silence} şu zamana kadar geçerli: {until}.",
    planned="{silence} planlandı, başlangıç: {start}, bitiş: {until}.",
    ended="{silence} bitirildi. Hâlâ tetikte olanlara şimdi bakılıyor, nöbetçi bunlar için çağrılır.",
    over="{silence} sona ermişti: {until}.",
    ended_already="{silence} zaten bitirilmişti ({who}).",
    told_made="{silence} ({what}), koyan: {who}, bitiş: {until}: {matchers}. {why}",
    told_planned="{silence} ({what}) planlandı, koyan: {who}, başlangıç: {start}, bitiş: {until}: {matchers}. {why}",
    told_start="{silence} ({what}) şimdi başladı, bitiş: {until}: {matchers}. {why}",
    told_end="{silence} ({what}) sona erdi: {matchers}. Hâlâ tetikte olanlar için şimdi çağrı yapılır.",
    told_ended="{silence} ({what}) bitirildi ({who}): {matchers}. Hâlâ tetikte olanlar için şimdi çağrı yapılır.",
    hits_now="Şu anda etkilediği: {incidents} açık olayda {firing} uyarı.",
    hits_nothing="Şu anda tetikte olan hiçbir şeyi etkilemiyor.",
    hits_week="Son 7 günün uyarılarından {count} tanesini etkilerdi.",
    hits_week_cut="Son 7 günün uyarılarından en az {count} tanesini etkilerdi.",
    hits_alert="{incident} · {title}",
    hits_more="… ve {count} tane daha",
    hits_everything="Var olan bütün uyarıları etkiliyor.",
    goes_on="Açık olaylar sürer: üstlenin, erteleyin ya da çözün. Yeni uyarılar bekletilir.",
    span="Başlangıç: {start}, bitiş: {until}",
    span_now="Şimdiden şu zamana kadar: {until}",
    listed="{silence} ({what}) · {matchers} · bitiş: {until} · {who}: {why}",
    listed_planned="{silence} ({what}) · {matchers} · başlangıç: {start}, bitiş: {until} · {who}: {why}",
    none="Geçerli ya da planlanmış susturma yok.",
    standing="Susturmalar: {names}",
    end="{silence} bitsin",
    sure_end="Hâlâ tetikte olanlar için çağrı yapılır.",
    confirm="Sustur",
    confirm_maintenance="Bakımı başlat",
    confirm_plan="Planla",
    confirm_everything="Her şeyi sustur",
    sure="Eşleşen uyarılar bekletilir, bunlar için kimse çağrılmaz.",
    which="Hangisi? Örneğin: {example}",
    zone="Saatler şuraya göre: {zone}. Boşsa: şimdi.",
    change="Değiştir…",
)
