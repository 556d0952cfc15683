"""What is said of a run that trains a model: why it was not started, how it ended, and who called it off."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Training:
    """English."""

    # why it was not started
    untrained: str = "{why} Nothing was trained."
    unsanctioned: str = "The log does not say that exactly this was agreed to; propose it again."
    too_late: str = "It was to be started before {until} UTC; propose it again."
    recatalogued: str = "The catalogue says otherwise of {model} now; propose it again."
    reworded: str = "The runbook {runbook} was changed since; propose it again."
    over_now: str = "It costs about {cost} {currency}, and only {left} is left of the budget now; propose it again."
    hindered: str = "{why} Then propose it again."
    known_already: str = "The trainer knows a run {change} already, which is none of this change; propose it again."
    unreached: str = "The trainer or the platform could not be reached in time: {why}"
    told_no: str = "Trainer or platform say: {why}"
    untaken: str = "The trainer did not take it, and nothing was started: {why}"
    # what is in doubt
    cut_off: str = "Its worker was stopped while the trainer was told."
    repeated: str = "{why} The trainer has no run of it, so it is told once more."
    never_began: str = "The trainer has no run of it, so nothing was started. {why}"
    not_known: str = "Whether a run was started nobody can say, and it is looked for every {every}. {why}"
    unstopped: str = "Its run was not seen to stop, and stopping it is tried every {every}. {why}"
    given_up: str = "For {span} its run was not seen to end, so look at the trainer. {why}"
    goes_on: str = "It still goes on."
    found: str = "Its run was found: {run}."
    begun: str = "The trainer took it: {run}."
    # how it ended
    failed: str = "The run failed."
    failed_at: str = "The run failed at: {stage}."
    last_words: str = "Its log ends with: {log}"
    stopped_there: str = "Somebody stopped the run at the trainer."
    empty: str = "It succeeded without a model: the trainer names no version that it made."
    vanished: str = "The trainer knows nothing of its run any more."
    too_long: str = "It went on for longer than {longest}, and was stopped."
    off_by: str = "Called off by {who}."
    off_because: str = "Called off by {who}: {why}"
    made_before: str = "By then it had made version {version}, which is not judged."
    made: str = "It made version {version}, which is judged now."
    # what whoever calls it off is told
    off: str = "{change} is called off: its run is stopped, and the trainer is asked until it is."
    off_already: str = "{change} was called off already, by {who}."
    over_already: str = "The run of {change} is over, and what it made is judged now; it serves only if people agree."
    no_run: str = "{change} trains nothing. Take it back in place of calling it off."


TURKISH = Training(
    untrained="{why} Hiçbir şey eğitilmedi.",
    unsanctioned="Kayıt, tam olarak bunun onaylandığını söylemiyor; yeniden önerin.",
    too_late="En geç {until} UTC'de başlatılmalıydı; yeniden önerin.",
    recatalogued="Katalog {model} için artık başka bir şey söylüyor; yeniden önerin.",
    reworded="{runbook} runbook'u o zamandan beri değişti; yeniden önerin.",
    over_now="Yaklaşık {cost} {currency} tutar, bütçeden artık yalnızca {left} kaldı; yeniden önerin.",
    hindered="{why} Sonra yeniden önerin.",
    known_already="Eğitici {change} adlı bir koşuyu zaten biliyor, ama bu değişikliğin değil; yeniden önerin.",
    unreached="Eğiticiye ya da platforma zamanında ulaşılamadı: {why}",
    told_no="Eğitici ya da platform diyor ki: {why}",
    untaken="Eğitici bunu kabul etmedi, hiçbir şey başlatılmadı: {why}",
    cut_off="Eğiticiye söylenirken onu yapan işçi durduruldu.",
    repeated="{why} Eğiticide bunun koşusu yok, bu yüzden bir kez daha söyleniyor.",
    never_began="Eğiticide bunun koşusu yok, yani hiçbir şey başlatılmadı. {why}",
    not_known="Bir koşu başladı mı kimse söyleyemiyor, her {every} bir aranıyor. {why}",
    unstopped="Koşusunun durduğu görülmedi, durdurmak her {every} bir deneniyor. {why}",
    given_up="{span} boyunca koşusunun bittiği görülmedi, eğiticiye bakın. {why}",
    goes_on="Hâlâ sürüyor.",
    found="Koşusu bulundu: {run}.",
    begun="Eğitici kabul etti: {run}.",
    failed="Koşu başarısız oldu.",
    failed_at="Koşu şu aşamada başarısız oldu: {stage}.",
    last_words="Günlüğünün sonu: {log}",
    stopped_there="Biri koşuyu eğiticide durdurdu.",
    empty="Model üretmeden başarıyla bitti: eğitici ürettiği bir sürümün adını vermiyor.",
    vanished="Eğitici koşusunu artık hiç bilmiyor.",
    too_long="{longest} süresinden uzun sürdü ve durduruldu.",
    off_by="{who} iptal etti.",
    off_because="{who} iptal etti: {why}",
    made_before="O ana kadar {version} sürümünü üretmişti; bu değerlendirilmiyor.",
    made="{version} sürümünü üretti, şimdi değerlendiriliyor.",
    off="{change} iptal edildi: koşusu durduruluyor, durana kadar eğiticiye soruluyor.",
    off_already="{change} zaten iptal edildi, iptal eden: {who}.",
    over_already="{change} koşusu bitti, ürettiği şimdi değerlendiriliyor; ancak onay verilirse hizmete girer.",
    no_run="{change} hiçbir şey eğitmiyor. İptal etmek yerine geri alın.",
)
