"""What is said of freezes and legal holds: that no change is to be made, since when, until when, and why."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Forbidding:
    """English."""

    # why a change is refused
    frozen: str = "Changes of {entity} are frozen until {until} ({freeze}, by {who}): {why}"
    frozen_all: str = "All changes are frozen until {until} ({freeze}, by {who}): {why}"
    held: str = (
        "{incident} is under legal hold since {since} by {who}, so nothing is changed before it is lifted: {why}"
    )

    # what came of it
    laid: str = "{incident} is under legal hold: nothing it is about may be changed until it is lifted."
    lifted: str = "{incident} is under no legal hold any more."
    laid_already: str = "{incident} is under legal hold already, by {who}."
    lifted_already: str = "{incident} is under no legal hold."

    # what a channel is told
    told_frozen: str = "No change of {entity} from {start} until {until} ({freeze}, by {who}): {why}"
    told_frozen_all: str = "No change at all from {start} until {until} ({freeze}, by {who}): {why}"
    told_thawed: str = "{freeze} is lifted by {who}: changes may be made again."
    told_laid: str = "{incident} is under legal hold by {who}: {why}"
    told_lifted: str = "{who} lifted the legal hold on {incident}: {why}"


TURKISH = Forbidding(
    frozen="{entity} için değişiklikler {until} zamanına kadar donduruldu ({freeze}, {who}): {why}",
    frozen_all="Bütün değişiklikler {until} zamanına kadar donduruldu ({freeze}, {who}): {why}",
    held="{incident} {since} zamanından beri hukuki koruma altında ({who}); kaldırılana kadar bir şey değişmez: {why}",
    laid="{incident} hukuki koruma altında: kaldırılana kadar ilgili hiçbir şey değiştirilemez.",
    lifted="{incident} artık hukuki koruma altında değil.",
    laid_already="{incident} zaten hukuki koruma altında ({who}).",
    lifted_already="{incident} hukuki koruma altında değil.",
    told_frozen="{entity} için değişiklik yok, başlangıç: {start}, bitiş: {until} ({freeze}, {who}): {why}",
    told_frozen_all="Hiçbir değişiklik yok, başlangıç: {start}, bitiş: {until} ({freeze}, {who}): {why}",
    told_thawed="{freeze} kaldırıldı ({who}): değişiklik yapılabilir.",
    told_laid="{incident} hukuki koruma altında ({who}): {why}",
    told_lifted="{incident} üzerindeki hukuki koruma kaldırıldı ({who}): {why}",
)
