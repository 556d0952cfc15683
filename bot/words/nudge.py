"""What is said once a day about runbooks that nobody keeps, or that nobody has written yet."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Nudge:
    """English."""

    overdue: str = (
        "The runbook {runbook} ({title}) was to be reviewed by {date}, {days} days ago. Read it again, mend what is no "
        "longer true, then set a new review_by."
    )
    unmatched: str = (
        "In the last day {count} incidents had no runbook of their own and went to {runbook}, which you own:\n{lines}\n"
        "Let their owners write one: tocsin runbooks unmatched"
    )
    unmatched_line: str = "{incidents} × {entity}, {model}, {kind} ({alerts} alerts), newest {incident}: {title}"
    more: str = "and {count} more groups"
    forgotten: str = (
        "{count} incidents of what you own have been acknowledged and open for over a day. Ask their holders, hand "
        "them over, or close them:\n{lines}"
    )
    forgotten_line: str = "{incident} ({severity}), held by {who} since {since}: {title}"
    forgotten_more: str = "and {count} more"


TURKISH = Nudge(
    overdue=(
        "{runbook} ({title}) runbook'u en geç {date} tarihinde gözden geçirilecekti, {days} gün geçti. Yeniden okuyun, "
        "artık doğru olmayanı düzeltin, sonra yeni bir review_by yazın."
    ),
    unmatched=(
        "Son bir günde {count} olayın kendine ait bir runbook'u yoktu; sahibi olduğunuz {runbook} üstlendi:\n{lines}\n"
        "Sahiplerine birer runbook yazdırın: tocsin runbooks unmatched"
    ),
    unmatched_line="{incidents} × {entity}, {model}, {kind} ({alerts} alarm), en yenisi {incident}: {title}",
    more="ve {count} grup daha",
    forgotten=(
        "Size ait {count} olay bir günü aşkın süredir üstlenilmiş ve açık duruyor. Üstlenenlere sorun, devredin ya da "
        "kapatın:\n{lines}"
    ),
    forgotten_line="{incident} ({severity}), {since} tarihinden beri {who} üstlendi: {title}",
    forgotten_more="ve {count} olay daha",
)
