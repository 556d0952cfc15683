"""What is said of serious incidents: which report is due to whom and when, and that nobody here gives legal advice."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Serious:
    """English."""

    # one clock
    duty: str = "{title} ({source})"
    due: str = "{duty} due in {left}, by {when}."
    over: str = "{duty} was due {left} ago, at {when}, and nobody has said that it was made."
    more: str = "And {count} more."
    days: str = "{days} d {hours} h"
    hours: str = "{hours} h"
    soon: str = "less than an hour"
    met: str = "{duty} was made at {when} ({reference}) by {who}."
    late: str = "{duty} was made at {when} ({reference}) by {who}, after it was due at {due}."
    dropped: str = "{duty} was dropped by {who}: {why}"

    # what came of it
    marked: str = "{incident} is marked as serious ({regimes}), counted from {aware}."
    sooner: str = "{incident} is counted from {aware} now ({regimes})."
    marked_already: str = "{incident} is marked as serious already ({regimes})."
    offer: str = (
        "To be looked at by legal: the AI Act (Art. 73(6)) forbids altering the system in a way that may affect a "
        "later evaluation of the causes before the authority is told; `/incident hold {incident} because WHY` lays a "
        "legal hold. This is no legal advice."
    )
    offer_any: str = (
        "To be looked at by legal: `/incident hold {incident} because WHY` lays a legal hold. This is no legal advice."
    )
    said_met: str = "{duty}: made, for {incident}."
    said_late: str = "{duty}: made late, for {incident}; it was due at {due}."
    said_dropped: str = "{duty}: dropped, for {incident}."
    said_again: str = "{duty}: runs again, for {incident}."
    settled_already: str = "{duty} of {incident} is settled already: {standing}, by {who}."
    standings: Mapping[str, str] = field(
        default_factory=lambda: {"running": "it runs", "met": "made", "late": "made late", "dropped": "dropped"}
    )
    running_already: str = "{duty} of {incident} runs already."

    # what a channel is told
    told_marked: str = "{who} marked {incident} as serious ({regimes}), counted from {aware}: {why}"
    told_met: str = "{who} made this report for {incident}: {duty} ({reference})."
    told_late: str = "{who} made this report for {incident} after it was due: {duty} ({reference})."
    told_dropped: str = "{who} dropped a clock of {incident}, {duty}: {why}"
    told_again: str = "{who} let a clock of {incident} run again, {duty}: {why}"
    told_warned: str = "{incident}: {due}"
    nobody: str = "Nobody who answers for it can be reached. Whoever reads this: please look."

    # a page
    asked: str = "{incident} ({title}): {due}"
    how: str = (
        "Once it is made, say so with Report made on its card, or /incident reported {incident} {step} REFERENCE."
    )

    # buttons, forms, own page
    regime: str = "Which law, and what kind of incident"
    aware: str = "When somebody became aware of it"
    aware_hint: str = "As 2026-12-01 08:00 by your own clock; now if left out. The time counts from then."
    mark_means: str = "{duty}: due by {when}."
    mark_over: str = "{duty}: was due by {when} already."
    no_regime: str = "Choose at least one."
    clock: str = "Which report"
    reference: str = "The authority's reference"
    reference_hint: str = "As the authority calls it: a case number, or how it was sent."
    made: str = "When it was made"
    made_hint: str = "As 2026-12-01 08:00 by your own clock; now if left out."
    none_runs: str = "No clock of this incident runs."
    home_title: str = "Reports that are due"
    home_line: str = "{incident}: {duty}, due by {when}"


TURKISH = Serious(
    duty="{title} [{source}]",
    due="{duty} için kalan süre {left}, son an {when}.",
    over="{duty} için süre {left} önce, {when} anında doldu ve yapıldığını kimse söylemedi.",
    more="Ve {count} tane daha.",
    days="{days} g {hours} sa",
    hours="{hours} sa",
    soon="bir saatten az",
    met="{duty} {when} anında yapıldı ({reference}), bildiren: {who}.",
    late="{duty} {when} anında yapıldı ({reference}), bildiren: {who}; süresi {due} anında dolmuştu.",
    dropped="{duty} düşürüldü ({who}): {why}",
    marked="{incident} ciddi olay olarak işaretlendi ({regimes}), başlangıç: {aware}.",
    sooner="{incident} artık {aware} anından sayılıyor ({regimes}).",
    marked_already="{incident} zaten ciddi olay olarak işaretli ({regimes}).",
    offer=(
        "Hukuk birimi bakmalı: Yapay Zekâ Tüzüğü (md. 73(6)), makama bildirilmeden sistemin nedenlerin sonradan "
        "değerlendirilmesini etkileyebilecek biçimde değiştirilmesini yasaklar; `/incident hold {incident} because "
        "NEDEN` hukuki koruma koyar. Bu hukuki danışmanlık değildir."
    ),
    offer_any=(
        "Hukuk birimi bakmalı: `/incident hold {incident} because NEDEN` hukuki koruma koyar. "
        "Bu hukuki danışmanlık değildir."
    ),
    said_met="{duty}: {incident} için yapıldı.",
    said_late="{duty}: {incident} için geç yapıldı; süresi {due} anında dolmuştu.",
    said_dropped="{duty}: {incident} için düşürüldü.",
    said_again="{duty}: {incident} için yeniden işliyor.",
    settled_already="{duty} ({incident}) zaten kapandı: {standing}, {who}.",
    standings={"running": "işliyor", "met": "yapıldı", "late": "geç yapıldı", "dropped": "düşürüldü"},
    running_already="{duty} ({incident}) zaten işliyor.",
    told_marked="{who}, {incident} olayını ciddi olarak işaretledi ({regimes}), başlangıç {aware}: {why}",
    told_met="{who}, {incident} için bu bildirimi yaptı: {duty} ({reference}).",
    told_late="{who}, {incident} için bu bildirimi süresi dolduktan sonra yaptı: {duty} ({reference}).",
    told_dropped="{who}, {incident} olayının bir saatini düşürdü, {duty}: {why}",
    told_again="{who}, {incident} olayının bir saatini yeniden işletti, {duty}: {why}",
    told_warned="{incident} için: {due}",
    nobody="Sorumlulardan hiçbirine ulaşılamıyor. Bunu okuyan: lütfen bakın.",
    asked="{incident} [{title}]: {due}",
    how="Yapılınca kartta Bildirim yapıldı düğmesine basın ya da /incident reported {incident} {step} REFERANS yazın.",
    regime="Hangi yasa ve ne tür olay",
    aware="Ne zaman farkına varıldı",
    aware_hint="Kendi saatinizle 2026-12-01 08:00 gibi; boşsa şimdi. Süre o andan işler.",
    mark_means="{duty}: son an {when}.",
    mark_over="{duty}: süresi {when} anında doldu bile.",
    no_regime="En az birini seçin.",
    clock="Hangi bildirim",
    reference="Makamın referansı",
    reference_hint="Makamın verdiği ad: bir dosya numarası ya da nasıl gönderildiği.",
    made="Ne zaman yapıldı",
    made_hint="Kendi saatinizle 2026-12-01 08:00 gibi; boşsa şimdi.",
    none_runs="Bu olayın işleyen bir saati yok.",
    home_title="Süresi işleyen bildirimler",
    home_line="{incident}: {duty}, son an {when}",
)
