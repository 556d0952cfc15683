"""What is said of changes of production: what would be different, who must agree, how far it has come, how it ended."""

from collections.abc import Mapping
from dataclasses import dataclass, field

LEVERS: Mapping[str, str] = {
    "rollback": "roll back {model}",
    "promote": "promote {model}",
    "shift": "shift the traffic of {model}",
    "pause": "pause {model}",
    "resume": "resume {model}",
    "retrain": "retrain {model}",
}
STEPS: Mapping[str, str] = {
    "proposed": "PROPOSED",
    "approved": "APPROVED",
    "applying": "APPLYING",
    "verifying": "VERIFYING",
    "done": "DONE",
    "failed": "FAILED",
    "unknown": "UNKNOWN",
    "rejected": "REJECTED",
    "expired": "EXPIRED",
    "withdrawn": "WITHDRAWN",
}
#: What an entry of a change tells, by its kind without the `change.` before it.
TRAIL: Mapping[str, str] = {
    "proposed": "{when} {who} asked for it.",
    "agreed": "{when} {who} agreed.",
    "approved": "{when} Approved.",
    "rejected": "{when} {who} rejected it. {why}",
    "withdrawn": "{when} {who} took it back. {why}",
    "expired": "{when} It expired.",
    "applying": "{when} It is being applied.",
    "seen": "{when} Seen to serve.",
    "done": "{when} Done.",
    "failed": "{when} Failed.",
    "unknown": "{when} Nobody can say what came of it.",
}


@dataclass(frozen=True)
class Change:
    """English."""

    levers: Mapping[str, str] = field(default_factory=lambda: LEVERS)
    steps: Mapping[str, str] = field(default_factory=lambda: STEPS)
    trail: Mapping[str, str] = field(default_factory=lambda: TRAIL)

    # what serves, and what would
    nothing: str = "nothing"
    share: str = "{version} {percent} %"
    more_shares: str = "{count} more"
    paused: str = "paused ({version})"
    becomes: str = "{model}: {before} becomes {after}"
    unseen: str = "nobody has looked yet"

    # the card
    header: str = "{change} · {step} · {what}"
    push: str = "[{step}] {change} {what}: {before} becomes {after}."
    push_wanted: str = "[{change}] Your agreement is asked for: {what}, {before} becomes {after}. Until {until}."
    asked_by: str = "Asked for by {who} {when}: {why}"
    for_incident: str = "Because of {incident}: {title}"
    undoes: str = "It takes back {change}."
    warning: str = "Mind: {warning}"
    needs_one: str = "One of these must agree until {until}: {who}"
    needs_more: str = "{count} of these must agree until {until}: {who}"
    needs_none: str = "Nobody else needs to agree."
    needs_nobody: str = "Nobody may agree to it now."
    glass: str = "The glass was broken, so nobody was asked: {why}"
    frozen: str = "Kept before anything was changed: {facts}"
    frozen_served: str = "{serving} served"
    frozen_alerts: str = "alerts: {count}"
    frozen_flow: str = "about {count} predictions since it began (an estimate)"
    frozen_unknown: str = "how many predictions is unknown"
    applying: str = "The platform is being told."
    watching: str = "Watched until {until}; done is what is seen to serve."
    seen: str = "Seen to serve: {serving}"
    recovering: str = "{metric} is watched until {until}: has it recovered?"
    unknown: str = "Nobody can say what came of it. Look at the platform, and at what was seen, before you do anything."
    ended: str = "How it ended: {outcome}"
    recovered: str = "{metric} recovered."
    inconclusive: str = "Whether {metric} recovered cannot be told yet."
    worse: str = "{metric} is WORSE than before. Nothing more is done by itself; a person decides."
    the_metric: str = "The metric"
    plan: str = "{change} · plan {digest} · {runbook} · watched for {minutes} min"
    no_runbook: str = "no runbook"
    other_approver: str = "Asked because you may agree to changes of {model}."

    # its buttons
    approve: str = "Approve"
    reject: str = "Reject"
    withdraw: str = "Withdraw"
    undo: str = "Undo"
    again: str = "Propose again"
    approve_title: str = "Approve {change}?"
    approve_asked: str = "{model}: {before} becomes {after}. It is applied at once, and watched until it is seen."
    approve_more: str = "{model}: {before} becomes {after}. One more must agree after you before it is applied."
    reject_title: str = "Reject {change}?"
    reject_asked: str = "Nothing is changed: {model} goes on with {before}. {who} is told."
    withdraw_title: str = "Withdraw {change}?"
    withdraw_asked: str = "Nothing is changed: {model} goes on with {before}."
    read_aloud: str = "{label} {change}, {what}"

    # a version to choose
    good: str = "{version} · last known good"
    measured: str = "{metric} {value}"
    differs: str = "{metric} {value} ({difference})"
    days: str = "{count} d old"
    hours: str = "{count} h old"
    minutes: str = "{count} min old"
    made_by: str = "by {who}"
    unsaid: str = "nothing is known of it"

    # the form
    choose_model: str = "Choose a model or agent to see what serves now."
    choose_version: str = "No last known good version is known, so choose one."
    no_versions: str = "The platform offers no other version."
    too_long: str = "Versions that cannot be chosen here, because of their names: {count}. Type them in a command."
    serves_now: str = "Serves now: {serving}"
    why_version: str = "Why that version: {why}"
    agree_one: str = "One of these must agree: {who}"
    agree_more: str = "{count} of these must agree: {who}"
    agree_none: str = "Nobody else needs to agree: it is applied as soon as you send this."
    agree_nobody: str = "Somebody else must agree, and nobody may. This will be refused."
    bad_split: str = "Write a version and its percent on each line, as in 7 = 90; together they must be 100."

    # commands
    no_model: str = "No model or agent is called {word}."
    closest: str = "Did you mean {names}?"
    none_open: str = "No change waits for anybody."
    waiting: str = "Open changes: {names}"
    listed: str = "{change} · {step} · {what}: {before} becomes {after} · asked for by {who} {when}"
    models: str = "Models and agents: {count}"
    no_models: str = "config/estate.yaml names no model or agent."
    model: str = "{model} ({team}): {serving} since {since} by {who}"
    model_unseen: str = "{model} ({team}): {serving}"
    no_platform: str = "no platform runs it, so nothing of it can be changed from here"
    last_good: str = "    Last known good: {version}"
    no_good: str = "    Last known good: none"
    way_back: str = "    Way back: {to}. {why}"
    no_way_back: str = "    No way back: {why}"
    nobody_told: str = "somebody outside Tocsin"

    # App Home
    approvals_title: str = "Waiting for your approval"
    yours_title: str = "Your changes"


TURKISH = Change(
    levers={
        "rollback": "{model} geri alınsın",
        "promote": "{model} yükseltilsin",
        "shift": "{model} trafiği kaydırılsın",
        "pause": "{model} duraklatılsın",
        "resume": "{model} sürdürülsün",
        "retrain": "{model} yeniden eğitilsin",
    },
    steps={
        "proposed": "ÖNERİLDİ",
        "approved": "ONAYLANDI",
        "applying": "UYGULANIYOR",
        "verifying": "DOĞRULANIYOR",
        "done": "TAMAM",
        "failed": "BAŞARISIZ",
        "unknown": "BELİRSİZ",
        "rejected": "REDDEDİLDİ",
        "expired": "SÜRESİ DOLDU",
        "withdrawn": "GERİ ÇEKİLDİ",
    },
    trail={
        "proposed": "{when} İsteyen: {who}.",
        "agreed": "{when} Onaylayan: {who}.",
        "approved": "{when} Onaylandı.",
        "rejected": "{when} Reddeden: {who}. {why}",
        "withdrawn": "{when} Geri çeken: {who}. {why}",
        "expired": "{when} Süresi doldu.",
        "applying": "{when} Uygulanıyor.",
        "seen": "{when} Hizmet verdiği görüldü.",
        "done": "{when} Tamam.",
        "failed": "{when} Başarısız.",
        "unknown": "{when} Ne olduğunu kimse söyleyemiyor.",
    },
    nothing="hiçbir şey",
    share="{version} %{percent}",
    more_shares="{count} tane daha",
    paused="duraklatılmış ({version})",
    becomes="{model}: {before} yerine {after}",
    unseen="henüz bakan olmadı",
    header="{change} · {step} · {what}",
    push="[{step}] {change} {what}: {before} yerine {after}.",
    push_wanted="[{change}] Onayınız isteniyor: {what}, {before} yerine {after}. En geç: {until}.",
    asked_by="İsteyen: {who}, {when}: {why}",
    for_incident="Nedeni {incident}: {title}",
    undoes="Şunu geri alır: {change}.",
    warning="Dikkat: {warning}",
    needs_one="Şunlardan biri onaylamalı, en geç {until}: {who}",
    needs_more="Şunlardan {count} kişi onaylamalı, en geç {until}: {who}",
    needs_none="Başka kimsenin onayı gerekmiyor.",
    needs_nobody="Şu anda bunu onaylayabilecek kimse yok.",
    glass="Cam kırıldı, bu yüzden kimseye sorulmadı: {why}",
    frozen="Bir şey değişmeden önce saklanan: {facts}",
    frozen_served="hizmet veren {serving}",
    frozen_alerts="uyarı sayısı: {count}",
    frozen_flow="başladığından beri yaklaşık {count} tahmin (kestirim)",
    frozen_unknown="kaç tahmin yapıldığı bilinmiyor",
    applying="Platforma bildiriliyor.",
    watching="Şu zamana kadar izleniyor: {until}; ancak hizmet verdiği görülürse tamam sayılır.",
    seen="Hizmet verdiği görülen: {serving}",
    recovering="{metric} şu zamana kadar izleniyor: {until}. Düzeldi mi?",
    unknown="Ne olduğunu kimse söyleyemiyor. Bir şey yapmadan önce platforma ve görülenlere bakın.",
    ended="Nasıl bitti: {outcome}",
    recovered="{metric} düzeldi.",
    inconclusive="{metric} düzeldi mi, henüz söylenemiyor.",
    worse="{metric} öncekinden DAHA KÖTÜ. Kendiliğinden başka bir şey yapılmaz; kararı bir insan verir.",
    the_metric="Ölçüt",
    plan="{change} · plan {digest} · {runbook} · izleme {minutes} dk",
    no_runbook="runbook yok",
    other_approver="{model} değişikliklerini onaylayabildiğiniz için soruldu.",
    approve="Onayla",
    reject="Reddet",
    withdraw="Geri çek",
    undo="Geri al",
    again="Yeniden öner",
    approve_title="{change} onaylansın mı?",
    approve_asked="{model}: {before} yerine {after}. Hemen uygulanır ve hizmet verdiği görülene kadar izlenir.",
    approve_more="{model}: {before} yerine {after}. Uygulanmadan önce sizden sonra bir kişi daha onaylamalı.",
    reject_title="{change} reddedilsin mi?",
    reject_asked="Hiçbir şey değişmez: {model} {before} ile sürer. {who} bilgilendirilir.",
    withdraw_title="{change} geri çekilsin mi?",
    withdraw_asked="Hiçbir şey değişmez: {model} {before} ile sürer.",
    read_aloud="{label} {change}, {what}",
    good="{version} · bilinen son iyi",
    measured="{metric} {value}",
    differs="{metric} {value} ({difference})",
    days="{count} günlük",
    hours="{count} saatlik",
    minutes="{count} dakikalık",
    made_by="yapan {who}",
    unsaid="hakkında bir şey bilinmiyor",
    choose_model="Şu anda neyin hizmet verdiğini görmek için bir model ya da ajan seçin.",
    choose_version="Bilinen son iyi sürüm yok, bu yüzden siz seçin.",
    no_versions="Platform başka bir sürüm sunmuyor.",
    too_long="Adları yüzünden burada seçilemeyen sürüm sayısı: {count}. Bunları komutla yazın.",
    serves_now="Şu anda hizmet veren: {serving}",
    why_version="Neden bu sürüm: {why}",
    agree_one="Şunlardan biri onaylamalı: {who}",
    agree_more="Şunlardan {count} kişi onaylamalı: {who}",
    agree_none="Başka kimsenin onayı gerekmiyor: gönderdiğiniz anda uygulanır.",
    agree_nobody="Başka birinin onayı gerekiyor, ama onaylayabilecek kimse yok. Bu reddedilecek.",
    bad_split="Her satıra bir sürüm ve yüzdesini yazın, 7 = 90 gibi; toplamı 100 olmalı.",
    no_model="Bu adda bir model ya da ajan yok: {word}.",
    closest="Bunu mu demek istediniz: {names}?",
    none_open="Kimseyi bekleyen değişiklik yok.",
    waiting="Açık değişiklikler: {names}",
    listed="{change} · {step} · {what}: {before} yerine {after} · isteyen {who}, {when}",
    models="Modeller ve ajanlar: {count}",
    no_models="config/estate.yaml içinde model ya da ajan yok.",
    model="{model} ({team}): {serving}, {since} zamanından beri, yapan {who}",
    model_unseen="{model} ({team}): {serving}",
    no_platform="hiçbir platform çalıştırmıyor, bu yüzden buradan değiştirilemez",
    last_good="    Bilinen son iyi: {version}",
    no_good="    Bilinen son iyi: yok",
    way_back="    Dönüş yolu: {to}. {why}",
    no_way_back="    Dönüş yolu yok: {why}",
    nobody_told="Tocsin dışından biri",
    approvals_title="Onayınızı bekleyenler",
    yours_title="Değişiklikleriniz",
)
