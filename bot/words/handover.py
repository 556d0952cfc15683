"""What a handover of a shift says: its sections and lines, its buttons, and the digest of the same for a channel."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Handover:
    """English."""

    # above it
    header: str = "Handover of {rota}: {outgoing} to {incoming}"
    header_now: str = "The shift of {rota}"
    header_digest: str = "Report of {about}"
    span: str = "From {since} until {until}, as it stood {drafted}"
    draft: str = "{handover} · a draft: at {at} it is posted for {incoming}. Add what the numbers do not say."
    draft_vacant: str = "{handover} · a draft: at {at} nobody takes over, the seat is vacant. Who could?"
    posted: str = "{handover} · handed over at {at}"
    late: str = "{handover} · handed over at {at}, {late} late: posted only {posted}"
    nobody: str = "nobody"
    nothing: str = "Nothing notable."
    moved: str = "{handover}: the rota was changed, so there is no such change of shift any more."
    push_draft: str = "{handover}: your shift of {rota} ends {at}; here is the draft of its handover"
    push_posted: str = "{handover}: {rota} goes from {outgoing} to {incoming}. {open} open, {approvals} to approve"
    push_accepted: str = "{handover}: {who} has accepted {rota}"
    push_over: str = "{handover}: {rota}, {standing}"
    push_digest: str = "{about}: {open} open, {resolved} resolved, {pages} pages"

    # below it
    both: str = "Until somebody accepts it, {everybody} are all paged."
    accepted: str = "Accepted by {who} {when}."
    must: str = "{incoming}, press Accept."
    alone: str = "Pages go to {everybody} alone, {outgoing} is not on call any more."
    lapsed: str = "Nobody accepted it in time."
    lapsed_vacant: str = "Nobody takes over: the seat is vacant."
    lapsed_back: str = "The shift went back to {outgoing}."
    draft_over: str = "It has been posted in {channel}."
    draft_nowhere: str = "No channel took it: /handover {rota} has it."
    standing_accepted: str = "accepted"
    standing_posted: str = "posted, not accepted yet"
    standing_lapsed: str = "not accepted"
    standing_vacant: str = "nobody takes over"
    standing_back: str = "went back to who had it"
    more: str = "and {count} more: {where}"
    remark: str = "{who}, {when}: {text}"

    # titles, in the order in which they matter
    title_remarks: str = "From the outgoing"
    title_open: str = "Open incidents"
    title_approvals: str = "Waiting for approval"
    title_changes: str = "Changes in flight"
    title_watches: str = "Watch"
    title_ways: str = "Lost their way back"
    title_quiet: str = "Held back beyond this shift"
    title_ended: str = "Resolved, and what may come of it"
    title_noise: str = "Noise"
    title_debts: str = "Debts"
    title_figures: str = "This shift, and those before it"

    # open incidents
    open_line: str = "{incident} · {severity} · {about} ({owner}): {title}. {next}"
    next_first: str = "{tier} ({whom}) is paged first, {when}."
    next_step: str = "Nobody has answered; next is {tier} ({whom}), {when}."
    next_last: str = "Nobody has answered; next is the last resort ({whom}), {when}."
    next_exhausted: str = "Nobody has answered and everybody was paged: take it."
    next_none: str = "Nobody has answered and no step is due: take it."
    next_storm: str = "{storm} pages for it."
    next_calm: str = "Calm since {since}; it ends by itself unless it fires again."
    next_snoozed: str = "{who} is paged again {until}."
    next_leaving: str = "{who} has it and goes off call: take it over, or agree who goes on."
    next_held: str = "{who} has it."
    next_elsewhere: str = "Somebody works on it in {who}."
    next_approval: str = "{change} waits for approval until {until}."
    next_change: str = "{change} is under way."
    next_both: str = "{first} {second}"

    # changes and approvals
    approval_line: str = "{change} · {what}, wanted by {who}: {needs} more must agree by {until}, or it runs out."
    change_line: str = "{change} · {what} · {step}. {back}"
    back_waits: str = "Agreed to and not applied yet; it runs out {until}."
    back_seen: str = "Unless {after} is seen to serve by {until} it has failed; before it served {before}."
    back_metric: str = "{after} serves. If {metric} has not recovered by {until}, go back to {before}."
    back_watched: str = "{after} serves and is watched until {until}; before it served {before}."
    back_unknown: str = "Nobody can say what came of it: look at what serves. Before it served {before}."
    back_retrain: str = "Nothing that serves is changed by it; it is given up {until}."

    # the watch list
    watch_line: str = "{model} {version}: {metric} {now} (before: {baseline}, limit: {limit}), until {until}"
    watch_over: str = "{model} {version}: {metric} {now}, OVER its limit {limit} (before: {baseline}), until {until}"
    watch_unheard: str = "{model} {version}: no sample of {metric} yet (before: {baseline}), until {until}"
    watch_alone: str = "{model} {version}: by its incidents alone, until {until}"
    limit_worse: str = "{allowed} worse"
    unknown: str = "unknown"

    way_line: str = "{model}, since {when}: {why}"

    # what is held back
    silence_line: str = "{silence} until {until}: {what}, by {who}: {why}"
    freeze_line: str = "{freeze} until {until}: no change of {what}: {why}"
    hold_line: str = "{incident} is under legal hold since {when}: {why}"
    held_line: str = "Alerts that fire and are held back now: {count}"
    everything: str = "everything"

    # what was resolved
    ended_line: str = "{incident} · {severity} · {about}: {title}. {risk}"
    risk_back: str = "It came back as {again}."
    risk_ended: str = "It ended by itself and nothing was changed, so it may come back."
    risk_alone: str = "Resolved by {who} without a change of production: watch for it."
    risk_changed: str = "Resolved by {who} after {change}."
    risk_false: str = "A false alarm, says {who}."
    the_bot: str = "Tocsin"

    # noise
    noise_line: str = "{about}: {title} · alerts: {alerts}, incidents: {count}"
    noise_share: str = "Ended by themselves: {ended} of {all} ({share} %)"
    noise_night: str = "{who}: pages at night: {count} (22–07, {zone})"

    # debts
    debt_report: str = "{incident} owes an authority by {when}: {what}"
    debt_postmortem: str = "Postmortem {postmortem} of {incident} was due {when}: {who}"
    debt_unnoted: str = "Resolved without a note: {count} ({names})"
    debt_follow_up: str = "{follow_up} of {incident} is {days} days late ({who}): {what}"
    debt_review: str = "Runbook {runbook} was to be reviewed by {date}: {who}"
    debt_letters: str = "Messages nobody could read: {count} (tocsin replay --list)"
    debt_address: str = "{who} has not confirmed, so is not reached by: {ways}"

    # figures; those before stand from the oldest on
    figure_incidents: str = "Incidents: {now} (before: {before})"
    figure_pages: str = "Pages: {now} (before: {before})"
    figure_night: str = "Pages at night: {now} (before: {before})"
    figure_ack: str = "Minutes to acknowledge, median: {now} (before: {before})"
    figure_hours: str = "Hours on call: {now} (before: {before})"

    # buttons, the form, the page of one's own
    accept: str = "Accept"
    accept_title: str = "Take the shift?"
    accept_sure: str = "From now on {rota} pages you, and the outgoing no more."
    accept_aloud: str = "Accept {handover}: {rota}"
    note: str = "Add a note"
    show: str = "Show"
    which: str = "Which rota? There are: {names}."
    note_of: str = "A note on {handover}, {rota}. It is shown as you write it."
    note_label: str = "What the numbers do not say"
    home_title: str = "Handovers that wait for you"
    home_accept: str = "{handover} · {rota} is yours since {at}, and nobody has accepted it yet"
    home_draft: str = "{handover} · {rota} is handed over {at}; add what the next one must know"

    # the picture
    picture_title: str = "The load of {rota}"
    picture_incidents: str = "incidents opened"
    picture_pages: str = "pages sent"
    picture_each: str = "each bar: {span}"
    picture_aloud: str = "The load of {rota} from {since} until {until}: {incidents} incidents, {pages} pages. {peak}"
    picture_peak: str = "Most pages at {at}: {count}."
    picture_none: str = "No pages."


TURKISH = Handover(
    header="{rota} devri: {outgoing} → {incoming}",
    header_now="{rota} nöbeti",
    header_digest="{about} raporu",
    span="{since} – {until}, durum: {drafted}",
    draft="{handover} · taslak: {at} olunca {incoming} için yayımlanır. Sayıların söylemediğini ekleyin.",
    draft_vacant="{handover} · taslak: {at} olunca kimse devralmıyor, yer boş. Kim devralabilir?",
    posted="{handover} · devir zamanı: {at}",
    late="{handover} · devir zamanı: {at}, {late} geç: ancak {posted} yayımlandı",
    nobody="hiç kimse",
    nothing="Kayda değer bir şey yok.",
    moved="{handover}: çizelge değişti, artık böyle bir nöbet değişimi yok.",
    push_draft="{handover}: {rota} nöbetiniz {at} bitiyor; devir taslağı burada",
    push_posted="{handover}: {rota}, {outgoing} → {incoming}. Açık: {open}, onay bekleyen: {approvals}",
    push_accepted="{handover}: {rota} nöbetini {who} devraldı",
    push_over="{handover}: {rota}, {standing}",
    push_digest="{about}: açık {open}, çözülen {resolved}, çağrı {pages}",
    both="Biri devralana kadar hepsi çağrılır: {everybody}.",
    accepted="Devralan: {who}, {when}.",
    must="{incoming}, Devral düğmesine basın.",
    alone="Yalnızca {everybody} çağrılır, {outgoing} artık nöbetçi değil.",
    lapsed="Zamanında kimse devralmadı.",
    lapsed_vacant="Kimse devralmıyor: yer boş.",
    lapsed_back="Nöbet geri döndü: {outgoing}.",
    draft_over="Şu kanalda yayımlandı: {channel}.",
    draft_nowhere="Hiçbir kanal kabul etmedi: /handover {rota} ile görülür.",
    standing_accepted="devralındı",
    standing_posted="yayımlandı, daha devralınmadı",
    standing_lapsed="devralınmadı",
    standing_vacant="kimse devralmıyor",
    standing_back="eski nöbetçisine döndü",
    more="ve {count} tane daha: {where}",
    remark="{who}, {when}: {text}",
    title_remarks="Nöbeti bırakanlardan",
    title_open="Açık olaylar",
    title_approvals="Onay bekleyenler",
    title_changes="Süren değişiklikler",
    title_watches="Gözlenenler",
    title_ways="Geri dönüşünü yitirenler",
    title_quiet="Bu nöbetten sonra da bekletilenler",
    title_ended="Çözülenler ve kalan risk",
    title_noise="Gürültü",
    title_debts="Borçlar",
    title_figures="Bu nöbet ve öncekiler",
    open_line="{incident} · {severity} · {about} ({owner}): {title}. {next}",
    next_first="Önce {tier} ({whom}) çağrılır, {when}.",
    next_step="Kimse yanıt vermedi; sırada {tier} ({whom}), {when}.",
    next_last="Kimse yanıt vermedi; sırada son çare ({whom}), {when}.",
    next_exhausted="Herkes çağrıldı, kimse yanıt vermedi: siz üstlenin.",
    next_none="Kimse yanıt vermedi, sırada adım yok: siz üstlenin.",
    next_storm="Bunun için {storm} çağırıyor.",
    next_calm="{since} zamanından beri sakin; yeniden başlamazsa kendiliğinden kapanır.",
    next_snoozed="{who} yeniden çağrılır: {until}.",
    next_leaving="Üstlenen {who} nöbetten çıkıyor: devralın ya da kimin süreceğini kararlaştırın.",
    next_held="Üstlenen: {who}.",
    next_elsewhere="Üzerinde çalışılan yer: {who}.",
    next_approval="{change}, {until} zamanına kadar onay bekliyor.",
    next_change="{change} sürüyor.",
    next_both="{first} {second}",
    approval_line="{change} · {what}, isteyen: {who}; {until} olunca süresi dolar, beklenen onay: {needs}.",
    change_line="{change} · {what} · {step}. {back}",
    back_waits="Onaylandı, daha uygulanmadı; süresi {until} dolar.",
    back_seen="{until} zamanına kadar {after} hizmette görülmezse başarısızdır; önceki: {before}.",
    back_metric="{after} hizmet veriyor. {metric} {until} zamanına kadar düzelmezse şuna dönün: {before}.",
    back_watched="{after} hizmet veriyor, {until} zamanına kadar izleniyor; önceki: {before}.",
    back_unknown="Sonucu kimse söyleyemiyor: neyin hizmet verdiğine bakın. Önceki: {before}.",
    back_retrain="Hizmet veren bir şey değişmez; {until} bırakılır.",
    watch_line="{model} {version}: {metric} {now} (önce: {baseline}, sınır: {limit}), bitiş {until}",
    watch_over="{model} {version}: {metric} {now}, {limit} SINIRI AŞILDI (önce: {baseline}), bitiş {until}",
    watch_unheard="{model} {version}: daha {metric} ölçümü yok (önce: {baseline}), bitiş {until}",
    watch_alone="{model} {version}: yalnızca olaylarıyla, bitiş {until}",
    limit_worse="{allowed} daha kötü",
    unknown="bilinmiyor",
    way_line="{model}, {when} zamanından beri: {why}",
    silence_line="{silence}, bitiş {until}: {what}, yapan: {who}: {why}",
    freeze_line="{freeze}, bitiş {until}: değiştirilemez: {what}: {why}",
    hold_line="{incident} {when} zamanından beri yasal koruma altında: {why}",
    held_line="Sürdüğü halde bekletilen uyarı: {count}",
    everything="her şey",
    ended_line="{incident} · {severity} · {about}: {title}. {risk}",
    risk_back="{again} olarak geri geldi.",
    risk_ended="Kendiliğinden bitti, hiçbir şey değiştirilmedi; geri gelebilir.",
    risk_alone="Üretimde değişiklik olmadan kapatan: {who}; gözünüz üstünde olsun.",
    risk_changed="{change} sonrasında kapatan: {who}.",
    risk_false="Yanlış alarm, bildiren: {who}.",
    the_bot="Tocsin",
    noise_line="{about}: {title} · uyarı: {alerts}, olay: {count}",
    noise_share="Kendiliğinden bitenler: {ended}, toplam: {all} (%{share})",
    noise_night="{who}: gece çağrıları: {count} (22–07, {zone})",
    debt_report="{incident} için {when} anına kadar makama bildirilecek: {what}",
    debt_postmortem="{incident} incelemesi {postmortem}, son günü {when} idi: {who}",
    debt_unnoted="Notsuz kapatılanlar: {count} ({names})",
    debt_follow_up="{incident} olayının {follow_up} işi {days} gün gecikti ({who}): {what}",
    debt_review="{runbook} kılavuzu {date} tarihine kadar gözden geçirilecekti: {who}",
    debt_letters="Okunamayan iletiler: {count} (tocsin replay --list)",
    debt_address="{who} doğrulamadığı için şu yollarla ulaşılamıyor: {ways}",
    figure_incidents="Olay: {now} (önceki: {before})",
    figure_pages="Çağrı: {now} (önceki: {before})",
    figure_night="Gece çağrısı: {now} (önceki: {before})",
    figure_ack="Üstlenme süresi, ortanca, dakika: {now} (önceki: {before})",
    figure_hours="Nöbet saati: {now} (önceki: {before})",
    accept="Devral",
    accept_title="Nöbeti devralıyor musunuz?",
    accept_sure="{rota} bundan sonra sizi çağırır, nöbeti bırakanları artık çağırmaz.",
    accept_aloud="Devral, {handover}: {rota}",
    note="Not ekle",
    show="Göster",
    which="Hangi çizelge? Var olanlar: {names}.",
    note_of="{handover} için not, {rota}. Yazdığınız gibi gösterilir.",
    note_label="Sayıların söylemediği",
    home_title="Sizi bekleyen devirler",
    home_accept="{handover} · {rota} {at} zamanından beri sizde, daha kimse devralmadı",
    home_draft="{handover} · {rota} devri: {at}; sonrakinin bilmesi gerekeni ekleyin",
    picture_title="Yük: {rota}",
    picture_incidents="açılan olaylar",
    picture_pages="gönderilen çağrılar",
    picture_each="her çubuk: {span}",
    picture_aloud="{rota} nöbetinin yükü, {since} – {until}: {incidents} olay, {pages} çağrı. {peak}",
    picture_peak="En çok çağrı: {at}, {count}.",
    picture_none="Çağrı yok.",
)
