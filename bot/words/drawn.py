"""What stands in the pictures of an incident, and the finding that is read aloud in the place of each."""

from collections.abc import Mapping
from dataclasses import dataclass, field

#: What happened to an incident or to a change for it, by the kind of its entry; few words, they stand in a list.
HAPPENED: Mapping[str, str] = {
    "opened": "opened as {severity}",
    "acknowledged": "taken by {who}",
    "escalated": "escalated by {who}",
    "worsened": "worse: {severity}",
    "regraded": "{severity}, says {who}",
    "handed_over": "handed over by {who}",
    "snoozed": "snoozed by {who}",
    "given_back": "given back, nobody attended",
    "mitigated": "mitigated",
    "resolved": "resolved",
    "proposed": "{what} proposed by {who}",
    "approved": "{what} approved",
    "rejected": "{what} rejected by {who}",
    "applying": "{what} begun",
    "seen": "{what} is seen to serve",
    "done": "{what} done",
    "failed": "{what} failed",
    "unknown": "{what}: nobody knows",
    "deploy": "elsewhere: {what}",
    "served": "{what} serves",
}


@dataclass(frozen=True)
class Drawn:
    """English."""

    happened: Mapping[str, str] = field(default_factory=lambda: HAPPENED)
    more: str = "and {count} more"
    zone: str = "times of {zone}"
    limit: str = "limit {limit}"
    rows: str = "{count} rows"

    drift_title: str = "{incident} {subject}: drift by {metric}"
    drift_value: str = "value"
    drift_beyond: str = "beyond its limit"
    drift_limit: str = "limit"
    drift_noise: str = "chance alone"
    drift_reference: str = "reference"
    drift_current: str = "current"
    drift_aloud: str = "{feature} drifted most: {metric} {value}{limit}{rows}."
    drift_alone: str = "{metric} is {value}{limit}{rows}."
    drift_over: str = " over a limit of {limit}"
    drift_under: str = " under a limit of {limit}"
    drift_within: str = " within a limit of {limit}"
    drift_rows: str = ", on {count} rows"
    drift_count: str = "Beyond their limit: {over} of {count} features."
    drift_doubt: str = "Chance alone reaches {noise} on so few rows."

    metric_title: str = "{incident} {subject}: {metric}"
    metric_aloud: str = "{name}: {first} at {since}, {high} at its highest, {last} at {until}{limit}."
    metric_low: str = "{name}: {first} at {since}, {low} at its lowest, {last} at {until}{limit}."
    metric_over: str = ", beyond the limit of {limit}"
    metric_within: str = ", within the limit of {limit} again"
    metric_kept: str = ", never beyond the limit of {limit}"
    marked: str = "Marked: {marks}."
    mark: str = "{at} {what}"

    timeline_title: str = "{incident} {subject}: what happened"
    timeline_aloud: str = (
        "{incident} opened at {at} ({zone}){parts}. Pages: {pages} (people: {people}). Changes: {changes}."
    )
    after_acknowledged: str = ", taken after {span} by {who}"
    after_mitigated: str = ", mitigated after {span}"
    after_resolved: str = ", resolved after {span}"
    still_open: str = ", still open after {span}"
    lane_decisions: str = "decisions"
    lane_changes: str = "changes"
    paged: str = "paged"
    answered: str = "answered"
    failed: str = "did not arrive"
    fires: str = "fires"
    moment: str = "under a minute"

    line: str = "{name} {bars} {low} to {high}, last {last}{limit}"
    line_one: str = "{name} {last}{limit}"
    line_limit: str = " (limit {limit})"
    lines_title: str = "{incident} in figures, each bar a value in its order of time"
    nothing: str = "Of {incident} there is nothing to draw yet."
    sent: str = "The pictures of {incident} are in our direct messages."
    not_sent: str = "Slack does not take the pictures: {code}."


TURKISH = Drawn(
    happened={
        "opened": "açıldı: {severity}",
        "acknowledged": "{who} üstlendi",
        "escalated": "{who} yükseltti",
        "worsened": "ağırlaştı: {severity}",
        "regraded": "{severity} ({who})",
        "handed_over": "{who} devretti",
        "snoozed": "{who} erteledi",
        "given_back": "geri verildi, ilgilenen yok",
        "mitigated": "etkisi giderildi",
        "resolved": "çözüldü",
        "proposed": "{what} önerildi: {who}",
        "approved": "{what} onaylandı",
        "rejected": "{what} reddedildi: {who}",
        "applying": "{what} başladı",
        "seen": "{what} yayında görüldü",
        "done": "{what} bitti",
        "failed": "{what} başarısız",
        "unknown": "{what}: sonuç bilinmiyor",
        "deploy": "başka yerde: {what}",
        "served": "{what} yayında",
    },
    more="ve {count} tane daha",
    zone="{zone} saatiyle",
    limit="sınır {limit}",
    rows="{count} satır",
    drift_title="{incident} {subject}: {metric} ile sapma",
    drift_value="değer",
    drift_beyond="sınırın ötesinde",
    drift_limit="sınır",
    drift_noise="yalnız şans",
    drift_reference="referans",
    drift_current="güncel",
    drift_aloud="En çok {feature} saptı: {metric} {value}{limit}{rows}.",
    drift_alone="{metric} {value}{limit}{rows}.",
    drift_over=", {limit} sınırının üstünde",
    drift_under=", {limit} sınırının altında",
    drift_within=", {limit} sınırı içinde",
    drift_rows=", {count} satırda",
    drift_count="{count} özellikten {over} tanesi sınırını aştı.",
    drift_doubt="Bu kadar az satırda yalnız şans {noise} değerine varır.",
    metric_title="{incident} {subject}: {metric}",
    metric_aloud="{name}: {since} anında {first}, en yüksek {high}, {until} anında {last}{limit}.",
    metric_low="{name}: {since} anında {first}, en düşük {low}, {until} anında {last}{limit}.",
    metric_over=", {limit} sınırının ötesinde",
    metric_within=", yeniden {limit} sınırı içinde",
    metric_kept=", {limit} sınırını hiç aşmadı",
    marked="İşaretliler: {marks}.",
    mark="{at} {what}",
    timeline_title="{incident} {subject}: neler oldu",
    timeline_aloud="{incident}, {at} ({zone}) açıldı{parts}. Çağrı: {pages} (kişi: {people}). Değişiklik: {changes}.",
    after_acknowledged=", {span} sonra {who} üstlendi",
    after_mitigated=", {span} sonra etkisi giderildi",
    after_resolved=", {span} sonra çözüldü",
    still_open=", {span} sonra hâlâ açık",
    lane_decisions="kararlar",
    lane_changes="değişiklikler",
    paged="çağrıldı",
    answered="yanıtladı",
    failed="ulaşmadı",
    fires="alarm sürüyor",
    moment="bir dakikadan kısa",
    line="{name} {bars} {low} ile {high} arası, son {last}{limit}",
    line_one="{name} {last}{limit}",
    line_limit=" (sınır {limit})",
    lines_title="{incident} rakamlarla, her çubuk zaman sırasıyla bir değer",
    nothing="{incident} için henüz çizilecek bir şey yok.",
    sent="{incident} resimleri aramızdaki doğrudan mesajlarda.",
    not_sent="Slack resimleri kabul etmiyor: {code}.",
)
