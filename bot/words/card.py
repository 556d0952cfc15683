"""What cards, pages and what stands in their threads say."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Card:
    """English."""

    # how far it has come: one word each, in capitals
    triggered: str = "TRIGGERED"
    acknowledged: str = "ACKNOWLEDGED"
    mitigated: str = "MITIGATED"
    resolved: str = "RESOLVED"
    snoozed: str = "SNOOZED"
    false_alarm: str = "FALSE ALARM"
    merged: str = "MERGED"

    # what is wrong
    measured: str = "{name} {value}{notes}"
    of_feature: str = " of {feature}"
    in_segment: str = " in {segment}"
    breached: str = "breached"
    threshold: str = "threshold {limit}"
    baseline: str = "baseline {value}"
    sample: str = "n = {count}"
    window: str = "window {window}"
    more_measures: str = " and {count} more"

    # since when
    since: str = "Since {when}{where}: {counted}"
    where: str = " in {environment}"
    one_firing: str = "1 alert, firing"
    one_silent: str = "1 alert, no longer firing"
    many: str = "{firing} of {total} alerts firing"
    by_hand: str = "declared by hand"
    no_alert: str = "no alert"
    went: str = "its alerts went along"
    repeats: str = ", repeats: {count}"

    # who
    held: str = "Held by {who} ({tier})"
    waiting: str = "Waiting for {tier}: {who}"
    unreached: str = "Nobody has been reached yet ({tier})"
    fallback: str = "the fallback"
    nobody: str = "nobody"
    and_more: str = " and {count} more"
    channel: str = " · Channel: {channel}"

    # why nobody is paged, and what it keeps from paging
    waits: str = "Nobody is paged yet: {why}"
    put_off: str = " · The next step waits: {why}"
    unpaged: str = ", before anybody was paged: {why}"
    under_storm: str = "{storm} pages for it"
    calm: str = "Calm since {since}; ends by itself {until}, unless it fires again"
    holds_back: str = ", holding back: {count} ({about})"
    gathered: str = "{incident} · {severity} · {what} · {state}"
    changed: str = "Changed: {when} {what}"
    joined: str = "More alerts joined {incident} ({title}): {firing} of {total} fire."
    storm_grew: str = "{incident} ({title}) grows: it has gathered {count} by now."
    digest: str = "Quiet hours of {entity} are over ({when}). What waited: {count}"
    digest_paged: str = "{incident} · {severity} · {about}: {title} · still open, pages now"
    digest_calm: str = "{incident} · {severity} · {about}: {title} · calm by now, pages nobody"
    digest_ended: str = "{incident} · {severity} · {about}: {title} · over, nobody was paged"

    # what comes next
    whom: str = "{tier} ({who})"
    next_at: str = "Next: {when} {whom} is paged, unless somebody acknowledges"
    next_now: str = "Next, now: {whom} is paged"
    no_step: str = "No further step is due"
    exhausted: str = "Every tier and the fallback have been paged; nobody has answered"
    stopped: str = "Escalation has stopped"
    quiet: str = "Snoozed until {when} by {who}, who is then paged again"

    # how it ended
    closed_by: str = "Resolved {when} by {who}"
    closed: str = "Resolved {when}"
    ended: str = "Resolved {when}: no alert fires any more"
    false_by: str = "False alarm, says {who} {when}"
    merged_by: str = "Merged into {incident} {when} by {who}"
    because: str = ": {why}"
    tocsin: str = "Tocsin"

    # why it was routed so
    no_runbook: str = "no runbook"

    # top-level texts: whole on a lock screen
    push_open: str = "[{severity}] {what} Ack: /incident ack {incident}"
    push_join: str = "[{severity}] You are asked to join {incident}. {what} Answer: /incident ack {incident}"
    push_held: str = "[{severity}] {state} {incident} by {who}. {what}"
    push_over: str = "[{severity}] {state} {incident}. {what}"

    # a page
    paged: str = "You are paged as {tier}: {why}"
    joining: str = "{why}"
    answered: str = "Answered by {who} {when}"
    besides: str = "This message is about {count} more, each with an answer of its own:"
    beside: str = "{incident} · {what}"
    beside_over: str = "{incident} · {what} (nothing more is asked of you)"
    besides_more: str = "and {count} more: /incident list"
    nothing_more: str = "nothing more is asked of you here"

    # buttons; their labels carry no emoji
    acknowledge: str = "Acknowledge"
    escalate: str = "Escalate"
    hand_over: str = "Hand over"
    snooze: str = "Snooze"
    resolve: str = "Resolve"
    wrong: str = "False alarm"
    more: str = "More"
    done: str = "Done {number}"
    undo: str = "Undo {number}"
    read_aloud: str = "{label}: {incident}, {subject}"
    step_aloud: str = "{label} of {incident}: {step}"
    escalate_title: str = "Escalate now?"
    escalate_asked: str = "The next step of {incident} ({subject}) pages people at once."
    resolve_title: str = "Resolve?"
    resolve_asked: str = "{incident} ({subject}) is closed and nobody is paged for it any more."
    not_yet: str = "Not yet"

    # the thread: evidence, steps, notes
    evidence: str = "Evidence for {incident}"
    firing: str = "firing"
    over: str = "resolved"
    no_data: str = "no data"
    seen: str = "First seen {first}, last seen {last}, by {connection}"
    labels: str = "Labels: "
    links: str = "Links: "
    more_alerts: str = "More alerts: {count}"
    and_others: str = "and {count} more"
    steps: str = "Runbook: {runbook}"
    ticked: str = " · done by {who} {when}"
    more_steps: str = "More steps, in the runbook: {count}"
    progress: str = "{done} of {total} steps done"
    notes: str = "Notes on {incident}"
    note: str = "{when} {who}: {text}"
    no_notes: str = "no note stands any more"
    earlier: str = "Earlier notes, in the timeline: {count}"
    original: str = "message"

    # the index, the channel of its own
    held_short: str = "held by {who}"
    waiting_short: str = "waiting for {who}"
    since_short: str = "since {when}"
    until_short: str = "until {when}"
    merged_short: str = "now part of {incident}"
    card_in: str = "card in {channel}"
    bookmark: str = "Card of {incident}"
    no_channel: str = (
        "No channel could be opened for {incident} ({title}): Slack says {code}. It goes on where its card stands."
    )
    no_index: str = "The index channel {channel} does not take lines; Slack says {code}."


TURKISH = Card(
    triggered="YANIT BEKLİYOR",
    acknowledged="ÜSTLENİLDİ",
    mitigated="HAFİFLETİLDİ",
    resolved="ÇÖZÜLDÜ",
    snoozed="ERTELENDİ",
    false_alarm="YANLIŞ ALARM",
    merged="BİRLEŞTİRİLDİ",
    measured="{name}: {value}{notes}",
    of_feature=", öznitelik {feature}",
    in_segment=", segment {segment}",
    breached="sınır aşıldı",
    threshold="eşik {limit}",
    baseline="referans {value}",
    sample="örneklem {count}",
    window="pencere {window}",
    more_measures=" ve {count} ölçüm daha",
    since="Başlangıç: {when}{where}; {counted}",
    where=", ortam: {environment}",
    one_firing="1 uyarı, sürüyor",
    one_silent="1 uyarı, artık sürmüyor",
    many="süren uyarı: {firing}, toplam: {total}",
    by_hand="elle bildirildi",
    no_alert="uyarı yok",
    went="uyarıları da taşındı",
    repeats=", tekrar: {count}",
    held="Üstlenen: {who} ({tier})",
    waiting="Beklenen ({tier}): {who}",
    unreached="Henüz kimseye ulaşılamadı ({tier})",
    fallback="yedekler",
    nobody="hiç kimse",
    and_more=" ve {count} kişi daha",
    channel=" · Kanal: {channel}",
    waits="Henüz kimse çağrılmadı: {why}",
    put_off=" · Sıradaki adım bekliyor: {why}",
    unpaged=", kimse çağrılmadan önce: {why}",
    under_storm="Bunun için {storm} çağırıyor",
    calm="Sakin: {since} saatinden beri; yeniden başlamazsa {until} kendiliğinden kapanır",
    holds_back=", beklettiği uyarı: {count} ({about})",
    gathered="{incident} · {severity} · {what} · {state}",
    changed="Değişiklik: {when} {what}",
    joined="{incident} ({title}) olayına yeni uyarılar katıldı; süren: {firing}, toplam: {total}.",
    storm_grew="{incident} ({title}) büyüyor; topladığı olay: {count}.",
    digest="{entity} için sessiz saatler bitti ({when}). Bekleyen: {count}",
    digest_paged="{incident} · {severity} · {about}: {title} · hâlâ açık, şimdi çağrılıyor",
    digest_calm="{incident} · {severity} · {about}: {title} · şu an sakin, kimse çağrılmıyor",
    digest_ended="{incident} · {severity} · {about}: {title} · sona erdi, kimse çağrılmadı",
    whom="{tier} ({who})",
    next_at="Sıradaki: {when}, kimse üstlenmezse {whom} çağrılır",
    next_now="Sıradaki, şimdi: {whom} çağrılıyor",
    no_step="Sırada başka adım yok",
    exhausted="Bütün kademeler ve yedekler çağrıldı; kimse yanıt vermedi",
    stopped="Yükseltme durdu",
    quiet="Ertelendi: {when} saatine kadar, erteleyen: {who}; sonra yeniden çağrılır",
    closed_by="Çözüldü: {when}, kapatan: {who}",
    closed="Çözüldü: {when}",
    ended="Çözüldü: {when}; artık süren uyarı yok",
    false_by="Yanlış alarm, bildiren: {who}, {when}",
    merged_by="{incident} ile birleştirildi: {when}, birleştiren: {who}",
    because="; neden: {why}",
    tocsin="Tocsin (kendiliğinden)",
    no_runbook="kılavuz yok",
    push_open="[{severity}] {what} Üstlenmek için: /incident ack {incident}",
    push_join="[{severity}] {incident} için katılmanız isteniyor. {what} Yanıt: /incident ack {incident}",
    push_held="[{severity}] {state} {incident}, üstlenen: {who}. {what}",
    push_over="[{severity}] {state}, {incident}. {what}",
    paged="{tier} olarak çağrıldınız: {why}",
    joining="Katılmanız isteniyor: {why}",
    answered="Yanıtlayan: {who}, {when}",
    besides="Bu ileti {count} olayı daha anlatıyor; her biri ayrı yanıtlanır:",
    beside="{incident}: {what}",
    beside_over="{incident}: {what} (sizden başka bir şey beklenmiyor)",
    besides_more="ve {count} olay daha: /incident list",
    nothing_more="burada sizden başka bir şey beklenmiyor",
    acknowledge="Üstlen",
    escalate="Yükselt",
    hand_over="Devret",
    snooze="Ertele",
    resolve="Çözüldü",
    wrong="Yanlış alarm",
    more="Diğer",
    done="Tamam {number}",
    undo="Geri al {number}",
    read_aloud="{label}: {incident} · {subject}",
    step_aloud="{label}, {incident}: {step}",
    escalate_title="Şimdi yükseltilsin mi?",
    escalate_asked="{incident} ({subject}): sıradaki adım hemen birilerini çağırır.",
    resolve_title="Çözüldü mü?",
    resolve_asked="{incident} ({subject}) kapatılır ve bunun için artık kimse çağrılmaz.",
    not_yet="Henüz değil",
    evidence="Kanıtlar: {incident}",
    firing="sürüyor",
    over="sona erdi",
    no_data="veri yok",
    seen="İlk görülme: {first}, son görülme: {last}, kaynak: {connection}",
    labels="Etiketler: ",
    links="Bağlantılar: ",
    more_alerts="Diğer uyarılar: {count}",
    and_others="ve {count} tane daha",
    steps="Kılavuz: {runbook}",
    ticked=" · tamamlayan: {who}, {when}",
    more_steps="Kılavuzdaki diğer adımlar: {count}",
    progress="Tamamlanan adım: {done}, toplam: {total}",
    notes="Notlar: {incident}",
    note="{when} · {who}: {text}",
    no_notes="artık not yok",
    earlier="Zaman çizelgesindeki önceki notlar: {count}",
    original="ileti",
    held_short="üstlenen: {who}",
    waiting_short="beklenen: {who}",
    since_short="başlangıç: {when}",
    until_short="bitiş: {when}",
    merged_short="artık şunun parçası: {incident}",
    card_in="kart: {channel}",
    bookmark="{incident} kartı",
    no_channel="{incident} ({title}) için kanal açılamadı; Slack yanıtı: {code}. Kartının durduğu yerde sürüyor.",
    no_index="Dizin kanalı satır kabul etmiyor: {channel}; Slack yanıtı: {code}.",
)
