"""What is said of where alerts go: what was read, what holds them, which runbook it is and why, who is paged when."""

from collections.abc import Mapping
from dataclasses import dataclass, field

_MEANT = {
    "new": "new: {why}",
    "repeat": "a repeat, only counted: {why}",
    "resolved": "a resolve: {why}",
    "dropped": "dropped: {why}",
}
_NAMES = {"runbook": "runbook", "severity": "severity", "start": "first tier", "tiers": "tiers"}


@dataclass(frozen=True)
class Explain:
    """English."""

    # the parts
    read: str = "Read"
    identity: str = "Identity"
    known: str = "Known"
    noise: str = "Held back"
    incident: str = "Incident"
    runbook: str = "Runbook"
    severity: str = "Severity"
    paged: str = "Paged, if nobody answers"
    first: str = "Its first alert, as it would go now"
    copied: str = "Copied when it opened"
    changed: str = "Otherwise, if it opened now"

    # what was read
    about: str = "{status} · {kind} · {subject} · {environment}"
    through: str = "from {connection} ({source}), since {since}"
    inferred: str = "its sender gave no beginning, so when it came stands in"
    uncatalogued: str = "{model} is not in the catalogue: nobody is named as its owner"
    owned: str = "of team {team}, entity {entity}, criticality {criticality}"

    # who it is
    problem: str = "problem {problem}"
    grouped: str = "grouped by {fields}"
    nothing: str = "nothing"

    # what is known
    meant: Mapping[str, str] = field(default_factory=lambda: _MEANT)

    # what holds it
    free: str = "nothing holds it back"
    until: str = "until {until} at the latest"

    # the incident
    opens: str = "opens an incident"
    joins: str = "joins {incident}"
    joins_this: str = "joins the one that this delivery opens"
    raises: str = "makes that one graver: {severity}"
    within: str = "is part of {incident}"
    in_none: str = "is in no open incident"

    # the runbook
    chosen: str = "{title}: {why}"
    not_this: str = "not {runbook}: {why}"

    # how bad, and where it starts
    starts: str = "starts at {tier}"

    # who
    at_mark: str = "+{minutes} min: {who}"
    at_mark_again: str = "+{minutes} min: nobody new; {tier} is waited for: {who}"
    at_mark_nobody: str = "+{minutes} min: nobody"
    rung: str = "{tier} after {minutes} min: {who}"
    rung_waits: str = "{tier} after {minutes} min: {who}; the first page waits until +{later} min"
    because: str = "    {why}"
    nobody: str = "nobody"
    held_by: str = "nobody: {who} has it"
    over: str = "nobody: it is over"

    # an incident of before
    tiers: str = "tiers {tiers}"
    revision: str = "runbook {runbook}, revision {revision}"
    same: str = "nothing"
    change: str = "{what}: {now}, not {was}"
    change_held: str = "it would be held back: {now}"
    change_revision: str = "the runbook's text has changed since revision {was}"
    names: Mapping[str, str] = field(default_factory=lambda: _NAMES)


TURKISH = Explain(
    read="Okunan",
    identity="Kimlik",
    known="Bilinen",
    noise="Bekletme",
    incident="Olay",
    runbook="Runbook seçimi",
    severity="Önem",
    paged="Kimse yanıtlamazsa çağrılanlar",
    first="İlk uyarısı, şimdi gelseydi",
    copied="Açılırken alınan kurallar",
    changed="Şimdi açılsaydı farklı olacaklar",
    about="{status} · {kind} · {subject} · {environment} için",
    through="{connection} ({source}) üzerinden, {since} tarihinden beri",
    inferred="gönderen başlangıç bildirmedi; geliş anı sayıldı",
    uncatalogued="{model} katalogda yok: sahibi belli değil",
    owned="ekip {team}, birim {entity}, kritiklik {criticality}",
    problem="sorun {problem}",
    grouped="gruplama: {fields}",
    nothing="hiçbir şey",
    meant={
        "new": "yeni: {why}",
        "repeat": "tekrar, yalnızca sayıldı: {why}",
        "resolved": "çözüldü bildirimi: {why}",
        "dropped": "dikkate alınmadı: {why}",
    },
    free="hiçbir şey bekletmiyor",
    until="en geç {until} tarihine kadar",
    opens="yeni olay açar",
    joins="{incident} olayına katılır",
    joins_this="bu iletinin açtığı olaya katılır",
    raises="o olayı ağırlaştırır: {severity}",
    within="{incident} olayının parçası",
    in_none="açık bir olayda değil",
    chosen="{title}: neden {why}",
    not_this="{runbook} değil: {why}",
    starts="{tier} ile başlar",
    at_mark="+{minutes} dk: {who}",
    at_mark_again="+{minutes} dk: yeni kimse yok; {tier} bekleniyor: {who}",
    at_mark_nobody="+{minutes} dk: kimse",
    rung="{minutes} dk sonra {tier}: {who}",
    rung_waits="{minutes} dk sonra {tier}: {who}; ilk çağrı +{later} dk'ya kadar bekler",
    because="    neden: {why}",
    nobody="kimse",
    held_by="kimse: {who} üstlendi",
    over="kimse: sona erdi",
    tiers="kademeler {tiers}",
    revision="{runbook} runbook'u, {revision} sürümü",
    same="yok",
    change="{what}: {was} değil {now}",
    change_held="bekletilirdi: {now}",
    change_revision="runbook metni {was} sürümünden beri değişti",
    names={"runbook": "runbook'u", "severity": "önem", "start": "ilk kademe", "tiers": "kademeler"},
)
