"""What a finished trial says: which version is better, how sure that is, and what to do next."""

from collections.abc import Mapping
from dataclasses import dataclass, field

#: Why rows are left out, by what the rules call it.
LEFT_OUT: Mapping[str, str] = {
    "outside the window": "outside the window",
    "in a span that is left out": "from a time when the data was not to be trusted",
    "too young to have a label": "too young to have a label",
    "without a label": "without a label",
    "without a prediction of each version": "without a prediction of each version",
}


@dataclass(frozen=True)
class Tried:
    """English."""

    # the verdict, in large letters
    better: str = "{model}: {challenger} is BETTER than {champion}"
    worse: str = "{model}: {challenger} is WORSE than {champion}"
    level: str = "{model}: nothing tells {challenger} from {champion}"
    too_little: str = "{model}: too little data to compare {challenger} with {champion}"
    alone: str = "{model}: {champion} was measured"
    too_little_alone: str = "{model}: too little data to measure {champion}"
    failed: str = "{model}: the evaluation FAILED"
    push: str = "{trial}: {verdict}"
    push_scored: str = "{trial}: {verdict} ({metric} {challenger} against {champion})"

    # on what
    rows: str = "{count} rows, from {since} to {until}"
    left_out: Mapping[str, str] = field(default_factory=lambda: LEFT_OUT)
    without: str = "; {count} left out: {reasons}"

    # the table
    metric: str = "Metric"
    champion: str = "Champion {version}"
    challenger: str = "Challenger {version}"
    difference: str = "Difference"
    estimate: str = "{value} ({low} to {high})"
    is_better: str = "better"
    is_worse: str = "worse"
    is_level: str = "no clear difference"
    unmeasured: str = "not measured"

    # the slices, the groups and the checks
    worse_on: str = "WORSE on some slices ({count} of {total}):"
    worse_nowhere: str = "Worse on no slice (of {total})."
    better_on: str = "Better on some slices ({count} of {total}): {names}"
    weakest: str = "The weakest slices (of {total}):"
    too_small: str = "Slices with too few rows: {count}"
    slice_both: str = "{where}: {metric} {challenger} against {champion}, {difference}, {count} rows"
    slice_alone: str = "{where}: {metric} {champion}, {count} rows"
    gap_both: str = "Widest gap of {metric} between groups of {column}: {challenger} against {champion}"
    gap_alone: str = "Widest gap of {metric} between groups of {column}: {champion}"
    mind: str = "Mind: {why}"
    gate_passed: str = "It passes the runbook's gate ({count} of {count})."
    gate_failed: str = "It does NOT pass the runbook's gate: {why}"

    # what to do
    next_rollback: str = "Next: roll back to {challenger}. The button changes nothing yet: it shows what would change."
    next_promote: str = "Next: promote {challenger}. The button changes nothing yet: it shows what would change."
    next_gate: str = "Next: keep {champion}. {challenger} is better and does not pass the gate: see what it lacks."
    next_serve: str = "Next: let {challenger} serve; Tocsin has no lever for it here."
    next_slices: str = "Look first at the slices on which it is worse."
    next_worse: str = "Next: keep {champion}. With {challenger} it would be worse."
    next_level: str = (
        "Next: keep {champion}. Nothing shows that {challenger} would help; a longer window may: {command}"
    )
    next_too_little: str = "Next: keep {champion} until there is more to look at. A longer window may do: {command}"
    next_alone: str = "There was no other version to compare it with."
    next_failed: str = "Next: mend what stands here, then ask again: {command}"
    reason: str = "{trial}: {challenger} is better than {champion} ({metric} {new} against {old})"
    read_aloud: str = "{label}: {model} to {version}"
    by_person: str = "asked for by {who}"
    by_runbook: str = "asked for by the runbook {who}"
    by_itself: str = "made by itself"
    all_of_it: str = "all of it: {command}"

    # asking for one
    comes_thread: str = "The result comes in the thread of {incident}."
    comes_direct: str = "The result comes to you by direct message."
    which: str = "Which model or agent? For example: {example}"
    none: str = "No model or agent has `trial` in config/estate.yaml, so nothing says how versions are compared."
    no_model: str = "{incident} is about no model or agent that the catalogue knows, so there is nothing to evaluate."


TURKISH = Tried(
    better="{model}: {challenger}, {champion} sürümünden DAHA İYİ",
    worse="{model}: {challenger}, {champion} sürümünden DAHA KÖTÜ",
    level="{model}: {challenger} ile {champion} arasında fark görülmüyor",
    too_little="{model}: {challenger} ile {champion} karşılaştırması için veri çok az",
    alone="{model}: {champion} ölçüldü",
    too_little_alone="{model}: {champion} ölçümü için veri çok az",
    failed="{model}: değerlendirme BAŞARISIZ oldu",
    push="{trial}. {verdict}",
    push_scored="{trial}. {verdict} ({metric} {challenger}, öncekinde {champion})",
    rows="{count} satır, {since} ile {until} arası",
    left_out={
        "outside the window": "dönem dışında",
        "in a span that is left out": "verinin güvenilmez olduğu bir zamandan",
        "too young to have a label": "gerçek sonuç için henüz çok yeni",
        "without a label": "gerçek sonucu bilinmiyor",
        "without a prediction of each version": "her sürümün tahmini yok",
    },
    without="; dışarıda kalan {count}: {reasons}",
    metric="Metrik",
    champion="Mevcut {version}",
    challenger="Aday {version}",
    difference="Fark",
    estimate="{value} ({low} – {high})",
    is_better="daha iyi",
    is_worse="daha kötü",
    is_level="belirgin fark yok",
    unmeasured="ölçülmedi",
    worse_on="Bazı dilimlerde DAHA KÖTÜ ({total} içinden {count}):",
    worse_nowhere="Hiçbir dilimde daha kötü değil (bakılan: {total}).",
    better_on="Bazı dilimlerde daha iyi ({total} içinden {count}): {names}",
    weakest="En zayıf dilimler ({total} içinden):",
    too_small="Yeterli satırı olmayan dilimler: {count}",
    slice_both="{where}: {metric} {challenger}, öncekinde {champion}, fark {difference}, {count} satır",
    slice_alone="{where}: {metric} {champion}, {count} satır",
    gap_both="{column} grupları arasında en geniş {metric} farkı: {challenger}, öncekinde {champion}",
    gap_alone="{column} grupları arasında en geniş {metric} farkı: {champion}",
    mind="Dikkat: {why}",
    gate_passed="Runbook'un koşullarını sağlıyor ({count}/{count}).",
    gate_failed="Runbook'un koşullarını SAĞLAMIYOR: {why}",
    next_rollback="Sırada: {challenger} sürümüne geri dönün. Düğme bir şeyi değiştirmez, neyin değişeceğini gösterir.",
    next_promote="Sırada: {challenger} sürümünü yükseltin. Düğme bir şeyi değiştirmez, neyin değişeceğini gösterir.",
    next_gate="Sırada: {champion} kalsın. {challenger} daha iyi ama koşulları sağlamıyor: neyin eksik olduğuna bakın.",
    next_serve="Sırada: {challenger} hizmet versin; Tocsin'in burada bunun için bir düğmesi yok.",
    next_slices="Önce daha kötü olduğu dilimlere bakın.",
    next_worse="Sırada: {champion} kalsın. {challenger} ile durum daha kötü olurdu.",
    next_level=(
        "Sırada: {champion} kalsın. {challenger} sürümünün yararı görülmüyor; daha uzun bir dönem deneyin: {command}"
    ),
    next_too_little="Sırada: veri çoğalana kadar {champion} kalsın. Daha uzun bir dönem yetebilir: {command}",
    next_alone="Karşılaştırılacak başka sürüm yoktu.",
    next_failed="Sırada: burada yazanı giderin, sonra yeniden isteyin: {command}",
    reason="{trial}: {challenger}, {champion} sürümünden daha iyi ({metric} {new}, öncekinde {old})",
    read_aloud="{label}: {model}, hedef {version}",
    by_person="isteyen: {who}",
    by_runbook="isteyen runbook: {who}",
    by_itself="kendiliğinden yapıldı",
    all_of_it="tamamı: {command}",
    comes_thread="Sonuç {incident} kartının altına yazılacak.",
    comes_direct="Sonuç size doğrudan mesajla gelecek.",
    which="Hangi model ya da ajan? Örneğin: {example}",
    none="config/estate.yaml içinde `trial` yazan model ya da ajan yok; sürümler neyle karşılaştırılır, belli değil.",
    no_model="{incident} katalogdaki bir model ya da ajanla ilgili değil; değerlendirilecek bir şey yok.",
)
