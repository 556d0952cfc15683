"""What is said of past incidents that a new one is like: in what, and what ended them."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Likeness:
    """English."""

    title: str = "Like {incident}, before"
    card: str = "Like {incident}: {why}"
    line: str = "{incident} · {about}: {title}"
    when: str = "{when}"
    because: str = "Alike: {why}"
    ended: str = "Ended: {how}"
    reasons: Mapping[str, str] = field(
        default_factory=lambda: {
            "model": "same model {names}",
            "feature": "same feature {names}",
            "segment": "same segment {names}",
            "name": "both name {names}",
            "metric": "same metric {names}",
            "kind": "same kind {names}",
            "monitor": "told by {names}",
            "words": "the words {names}",
            "change": "both soon after a change",
        }
    )
    unsaid: str = "much the same words"
    resolved: str = "resolved by {who} after {length}"
    false: str = "a false alarm, said {who} after {length}"
    alone: str = "by itself after {length}"
    somebody: str = "somebody"
    change: str = "{change} ({lever} to {version})"
    bare: str = "{change} ({lever})"
    why: str = "“{text}”"
    note: str = "last note: “{text}”"
    postmortem: str = "postmortem {postmortem}"


TURKISH = Likeness(
    title="{incident} olayına benzeyen eski olaylar",
    card="Benzeri: {incident} ({why})",
    line="{incident} · {about}: {title}",
    when="{when}",
    because="Benzerlik: {why}",
    ended="Sonu: {how}",
    reasons={
        "model": "aynı model: {names}",
        "feature": "aynı özellik: {names}",
        "segment": "aynı dilim: {names}",
        "name": "ikisinde de geçen: {names}",
        "metric": "aynı ölçü: {names}",
        "kind": "aynı tür: {names}",
        "monitor": "bildiren: {names}",
        "words": "ortak sözler: {names}",
        "change": "ikisi de bir değişiklikten hemen sonra",
    },
    unsaid="sözleri neredeyse aynı",
    resolved="{length} sonra çözüldü, çözen: {who}",
    false="{length} sonra yanlış alarm dendi, diyen: {who}",
    alone="{length} sonra kendiliğinden",
    somebody="biri",
    change="{change} ({lever}, sürüm {version})",
    bare="{change} ({lever})",
    why="“{text}”",
    note="son not: “{text}”",
    postmortem="olay sonrası inceleme {postmortem}",
)
