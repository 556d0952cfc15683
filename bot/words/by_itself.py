"""What is said of retrains that nobody asked for: why they are proposed, why not, and what came of them in a week."""

from dataclasses import dataclass


@dataclass(frozen=True)
class ByItself:
    """English."""

    # why it is proposed
    by_runbook: str = "The runbook {runbook} asks for it: {incident} opened ({kind})."
    by_schedule: str = "It is proposed by itself every {every}."

    # why it is not
    there_already: str = "No retrain of {model} is proposed: {version} is there already, and does better ({trial})."
    only_suspected: str = "No retrain of {model} is proposed: its drift is only suspected, and nothing confirmed it."
    in_the_way: str = "No retrain of {model} is proposed. {why}"

    # the week
    week: str = "Retraining in {entity}, week to {date}"
    without_policy: str = "These drift, and have no `retrain` in config/estate.yaml:"
    drifts: str = "• {model}: {count} incidents, {open} of them open, newest {incident}"
    never_beat: str = "The last {count} retrains of these never beat their champion:"
    never: str = "• {model}: {changes}"
    of_week: str = "Retrains of the week:"
    passed: str = "• {change}, {model}: {version} passed the gate"
    missed: str = "• {change}, {model}: {version} did not pass the gate"
    unjudged: str = "• {change}, {model}: {version} was never judged"
    failed: str = "• {change}, {model}: it failed, and made no version"
    cancelled: str = "• {change}, {model}: it was called off"
    going: str = "• {change}, {model}: it goes on"
    spend: str = "Spent this month: {spent} {currency} of {budget} {currency}, {left} {currency} left."
    beyond: str = "Spent this month: {spent} {currency}, {more} {currency} more than the budget of {budget} {currency}."
    uncounted: str = "Spent this month: {spent}. No budget is set for it."
    others: str = "• and {count} others"


TURKISH = ByItself(
    by_runbook="Bunu {runbook} runbook'u istiyor: {incident} açıldı ({kind}).",
    by_schedule="Kendiliğinden önerilir, aralığı: {every}.",
    there_already="{model} için yeniden eğitim önerilmiyor: {version} zaten var ve daha iyi ({trial}).",
    only_suspected="{model} için yeniden eğitim önerilmiyor: kayma yalnızca bir şüphe, hiçbir şey doğrulamadı.",
    in_the_way="{model} için yeniden eğitim önerilmiyor. {why}",
    week="Yeniden eğitim, {entity}, {date} ile biten hafta",
    without_policy="Bunlar kayıyor, ama config/estate.yaml içinde `retrain` ayarları yok:",
    drifts="• {model}: {count} olay, {open} tanesi açık, en yenisi {incident}",
    never_beat="Bunların son {count} yeniden eğitimi hizmet verenden daha iyi olmadı:",
    never="• {model}: {changes}",
    of_week="Haftanın yeniden eğitimleri:",
    passed="• {change}, {model}: {version} eşiği geçti",
    missed="• {change}, {model}: {version} eşiği geçemedi",
    unjudged="• {change}, {model}: {version} yargılanmadı",
    failed="• {change}, {model}: başarısız oldu, sürüm çıkmadı",
    cancelled="• {change}, {model}: durduruldu",
    going="• {change}, {model}: sürüyor",
    spend="Bu ay harcanan: {spent} {currency}, bütçe {budget} {currency}, kalan {left} {currency}.",
    beyond="Bu ay harcanan: {spent} {currency}; {budget} {currency} bütçeyi {more} {currency} aştı.",
    uncounted="Bu ay harcanan: {spent}. Bunun için bütçe konmamış.",
    others="• ve {count} tane daha",
)
