"""What is said while people are asked: for their agreement, after the glass was broken, for a review next day."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Asking:
    """English. `what` is the change in a few words: rollback of churn, 7 -> 6."""

    what: str = "{lever} of {model}: {before} -> {after}"
    nothing: str = "nothing"
    paused: str = "paused"

    # a change waits for people
    asked: str = "{change}: {who} asks you to agree to {what}. {why}"
    lead: str = "{change}: nobody has agreed yet to {what}, asked for by {who}. {why}"
    channel: str = "{change}: still nobody has agreed to {what}, asked for by {who}. Approvers: {approvers}. {why}"
    how: str = "Until {until}: /approvals, or in a terminal: tocsin change approve {change}"
    expired: str = "{change} has expired: nobody agreed in time to {what}. If it is still wanted, propose it again."
    unapplied: str = "{change} has expired before it was applied ({what}). If it is still wanted, propose it again."

    # the glass was broken
    broken: str = "{who} broke the glass: {change}, {what}, is applied without a second person. Reason: {why}"
    review: str = "{change}: {who} changed production alone on {day} ({what}). Please review it. Reason given: {why}"
    overdue: str = "{change}: nobody has reviewed yet what {who} changed alone on {day} ({what}). Reason given: {why}"
    review_how: str = "Then: /tocsin review {change} WORDS, or in a terminal: tocsin change review {change} --why WORDS"
    reviewed: str = "{change} is reviewed."
    unbroken: str = "{change} was agreed to as usual; there is nothing to review."


TURKISH = Asking(
    what="{model} için {lever}: {before} -> {after}",
    nothing="hiçbir şey",
    paused="duraklatılmış",
    asked="{change}: {who} şunun için onayınızı istiyor: {what}. {why}",
    lead="{change}: {who} tarafından istenen şu değişikliği henüz kimse onaylamadı: {what}. {why}",
    channel="{change}: {who} tarafından istenen {what} hâlâ onaylanmadı. Onaylayabilenler: {approvers}. {why}",
    how="Son an: {until}. /approvals ya da terminalde: tocsin change approve {change}",
    expired="{change} zaman aşımına uğradı: {what} zamanında onaylanmadı. Hâlâ gerekiyorsa yeniden önerin.",
    unapplied="{change} uygulanmadan zaman aşımına uğradı ({what}). Hâlâ gerekiyorsa yeniden önerin.",
    broken="{who} camı kırdı: {change}, {what}, ikinci bir kişi olmadan uygulanıyor. Gerekçe: {why}",
    review="{change}: {who}, {day} günü üretimi tek başına değiştirdi ({what}). Lütfen gözden geçirin. Gerekçe: {why}",
    overdue="{change}: {who}, {day} günü tek başına değiştirdi, henüz gözden geçirilmedi ({what}). Gerekçe: {why}",
    review_how="Sonra: /tocsin review {change} SÖZLER ya da terminalde: tocsin change review {change} --why SÖZLER",
    reviewed="{change} gözden geçirildi.",
    unbroken="{change} her zamanki gibi onaylandı; gözden geçirilecek bir şey yok.",
)
