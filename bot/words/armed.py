"""What the owners of tiers hear: that they reach nobody, who cannot be reached, and that it was mended."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Armed:
    """English."""

    disarmed: str = "Not everybody could be paged in the next {days} days. See: tocsin oncall gaps"
    mended: str = "Mended: what reached nobody reaches somebody again."
    now: str = "• {targets}: nobody now, until {end}. {why} ({tiers})"
    later: str = "• {targets}: nobody from {start} until {end}. {why} ({tiers})"
    more: str = "• {targets}: {count} more such spans, the last until {end}."
    tier: str = "{tier} of {runbooks}"
    more_runbooks: str = "{runbooks} and {count} more"
    unreached: str = (
        "• {person}: no page reaches them, and {targets} leads to them. Give them `slack`, `email` or another way that "
        "is connected, in config/people.yaml."
    )
    unurgent: str = (
        "• {person}: none of the ways they chose for this urgency is connected, and {targets} leads to them. Change "
        "`notify` in config/people.yaml, or connect one."
    )
    unconfirmed: str = (
        "• {person}: {targets} leads to them, and they have confirmed no address a page would come to. They press "
        "Confirm on their Home tab, or type tocsin pager verify."
    )
    stranger: str = (
        "• {person}: {targets} names them, and config/people.yaml does not know them. Take them out, or put them in."
    )
    armed: str = "• {targets}: somebody at every hour until {end}."
    reached: str = "• {person}: no longer out of reach."
    others: str = "• and {count} others"


TURKISH = Armed(
    disarmed="Önümüzdeki {days} gün içinde herkes çağrılamayacak. Ayrıntısı: tocsin oncall gaps",
    mended="Düzeldi: kimseye ulaşmayanlar yeniden birine ulaşıyor.",
    now="• {targets}: şu anda kimse yok, {end} anına dek. {why} ({tiers})",
    later="• {targets}: {start} anından {end} anına dek kimse yok. {why} ({tiers})",
    more="• {targets}: böyle {count} aralık daha var, sonuncusu {end} anına dek.",
    tier="{runbooks} için {tier}",
    more_runbooks="{runbooks} ve {count} tane daha",
    unreached=(
        "• {person}: hiçbir çağrı ulaşmıyor, oysa {targets} ona gidiyor. config/people.yaml içinde `slack`, `email` ya "
        "da bağlı olan başka bir yol yazın."
    ),
    unurgent=(
        "• {person}: bu aciliyet için seçtiği yolların hiçbiri bağlı değil, oysa {targets} ona gidiyor. "
        "config/people.yaml içindeki `notify` ayarını değiştirin ya da bir yol bağlayın."
    ),
    unconfirmed=(
        "• {person}: {targets} ona gidiyor, ama çağrının ulaşacağı hiçbir adresini doğrulamadı. Giriş sekmesinde "
        "Doğrula düğmesine basmalı ya da tocsin pager verify yazmalı."
    ),
    stranger="• {person}: {targets} onu anıyor, ama config/people.yaml onu tanımıyor. Çıkarın ya da ekleyin.",
    armed="• {targets}: {end} anına dek her saatte biri var.",
    reached="• {person}: artık ulaşılamaz değil.",
    others="• ve {count} tane daha",
)
