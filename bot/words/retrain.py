"""What is said of models that are trained anew: what they learn from, how far they are, and what came of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

#: How far it is, where a change of what serves says it otherwise.
STEPS: Mapping[str, str] = {"applying": "STARTING", "verifying": "TRAINING"}
#: What an entry of a retrain tells, by its kind.
TRAIL: Mapping[str, str] = {
    "change.applying": "{when} The trainer is being told.",
    "training.started": "{when} The run began.",
    "training.called_off": "{when} {who} called it off. {why}",
}
#: How a watch over what was promoted ended.
WATCHED: Mapping[str, str] = {
    "well": "The watch is over, and {version} does WELL. {why}",
    "wrong": "The watch is over: {version} does WORSE. {why}",
    "inconclusive": "The watch is over, and nobody can tell how {version} does. {why}",
    "moved": "The watch is over, because {version} serves no more. {why}",
}


@dataclass(frozen=True)
class Retrain:
    """English."""

    # the plan
    effect: str = "{model} is trained anew. What serves stays {serving}, until a version that passes is promoted."
    learns: str = "It learns from {since} until {until} ({clean} of data)."
    without: str = "Left out: {span} in which its data was broken, late or missing."
    mind_over: str = "It costs about {cost} {currency}, and {left} is left of the budget: one more has to agree."
    mind_no_trial: str = "{model} has no `trial`, so what it makes cannot be compared, and will not be promoted."
    mind_no_gate: str = "The runbook has no gate for it: it must only not be worse than what serves."
    mind_no_holdout: str = "It is tried on rows it learns from, which flatters it: `retrain.holdout` keeps some back."
    kept_back: str = "What came after is kept back, to try it on."
    mind_nothing_serves: str = "Nothing serves now that the new version could be compared with."

    # its card
    steps: Mapping[str, str] = field(default_factory=lambda: STEPS)
    trail: Mapping[str, str] = field(default_factory=lambda: TRAIL)
    judging: str = "JUDGING"
    stays: str = "{model} is trained anew; {serving} goes on serving."
    push: str = "[{step}] {change} {what}: {told}"
    push_cost: str = "cost {cost}; {serving} goes on serving."
    push_wanted: str = "[{change}] Your agreement is asked for: {what}, cost {cost}. Until {until}."
    listed: str = "{change} · {step} · {what}, cost {cost} · asked for by {who} {when}"
    plan: str = "{change} · plan {digest} · {runbook} · stopped after {longest}"
    about: str = "about {amount} {currency}"
    unpriced: str = "unknown"
    cost: str = "Expected cost: {cost}. No budget is set for it."
    cost_left: str = "Expected cost: {cost}. Left of this month's budget without it: {left} {currency}."
    approve_asked: str = "{model} is trained anew, cost {cost}. {before} goes on serving."
    approve_more: str = "{model} is trained anew, cost {cost}; {before} goes on serving. One more must agree after you."
    reject_asked: str = "Nothing is trained. {who} is told."
    withdraw_asked: str = "Nothing is trained."

    # while it runs
    starting: str = "The trainer is being told."
    unknown: str = "Nobody can say whether it runs. Look at the trainer before you start another one."
    queued: str = "It waits for its turn there."
    runs: str = "It runs: {stage}"
    share: str = "{bar} {percent} %"
    elapsed: str = "Running for {elapsed} (as heard {heard}). Such runs take {usual}, so until about {until}."
    elapsed_first: str = "Running for {elapsed} (as heard {heard}). How long it takes is not known: none ended before."
    no_longer: str = "If it still runs at {until}, it is stopped."
    link: str = "Look at the run"
    so_far: str = "Cost so far: {cost}"
    took: str = "It took {elapsed}."
    took_cost: str = "It took {elapsed}, cost {cost}."
    judged: str = "{version} is compared with {champion} ({trial})."
    to_judge: str = "It made {version}, which is compared with what serves next."
    stopping: str = "{who} called it off, and its run is being stopped."
    call_off: str = "Call off"
    call_off_title: str = "Call off {change}?"
    call_off_asked: str = "The run is stopped, and what it has learnt is lost. {model} goes on with {before}."

    # how it ended
    passed: str = "{version} PASSED the gate ({count} of {count}):"
    passed_bare: str = "{version} PASSED."
    failed: str = "{version} did NOT pass the gate ({count} of {total} fell short):"
    found: str = "{what}: {got} (wanted: {wanted})"
    more_found: str = "{count} more"
    then: str = "Then: {change}, {what}."
    promotes: str = "Next: {change} asks to promote {version}; {before} serves until somebody agrees."
    to_promote: str = "Next: its promotion is proposed by itself in a moment."
    ways: str = "Next: train on more data, or look at where it fails. To keep {champion}, do nothing: it still serves."
    ways_scant: str = "Next: wait for labels, or keep more rows back to try it on. {champion} still serves."
    broke_off: str = "It broke off at: {stage}"
    log: str = "The end of its log:"
    widen: str = "Widen the window"
    look: str = "Look at {trial}"
    follows: str = "It came of {change}."

    # what it made, once that serves
    watching: str = "Watched until {until} beside {before}."
    watching_metric: str = "Watched until {until}: {metric} of {version} beside that of {before}."
    watched: Mapping[str, str] = field(default_factory=lambda: WATCHED)
    canary: str = "Step {step} of {total}: {version} gets {percent} % of the traffic."
    canary_next: str = "The next step is taken {wait} after it serves, if nothing goes wrong."

    # the form, and the trial that makes one open it
    bad_window: str = "Write a length of time, as in 30d, 12h or 8w."
    next_retrain: str = "Next: keep {champion}, or train {model} anew. The button shows first what that takes."
    next_judged: str = "Next: see {change}. Whether {challenger} passes its gate, and what follows, stands there."
    reason: str = "{trial}: no version is better than {champion}"

    # asked for agreement
    asked: str = "retrain of {model}, cost {cost} ({before} goes on serving)"

    # how it stands
    no_policy: str = "No model has `retrain` in config/estate.yaml, so none is ever trained anew."
    status: str = "Retraining: {names}"
    goes_on: str = "Goes on: {change}, {step}"
    rests: str = "It rests until {until}."
    obstacle: str = "In the way now: {why}"
    free: str = "It can be trained anew now, cost {cost}."
    next_at: str = "By itself next at {when}."
    spent: str = "Spent this month: {spent} {currency}; left: {left} {currency}"
    past: str = "{change}, ended {when}: {outcome}"
    past_passed: str = "{version} passed"
    past_fell: str = "{version} did not pass"
    past_broke: str = "no version"
    past_none: str = "None has ended yet."
    watch_on: str = "{version} is watched until {until}."


TURKISH = Retrain(
    effect="{model} yeniden eğitilir. Geçen bir sürüm yükseltilene kadar hizmet veren {serving} olarak kalır.",
    learns="{since} ile {until} arasındaki veriden öğrenir ({clean} veri).",
    without="Dışarıda bırakılan: verisinin bozuk, geç ya da eksik olduğu {span}.",
    mind_over="Yaklaşık {cost} {currency} tutar, bütçeden {left} kaldı: bir kişi daha onaylamalı.",
    mind_no_trial="{model} için `trial` yok, bu yüzden ortaya çıkan karşılaştırılamaz ve yükseltilmez.",
    mind_no_gate="Runbook bunun için bir eşik koymuyor: yalnızca hizmet verenden kötü olmamalı.",
    mind_no_holdout="Öğrendiği satırlarda denenir, bu onu iyi gösterir: `retrain.holdout` bir kısmını ayırır.",
    kept_back="Sonrasında gelen veri, denemek için ayrıldı.",
    mind_nothing_serves="Şu anda yeni sürümün karşılaştırılabileceği bir şey hizmet vermiyor.",
    steps={"applying": "BAŞLATILIYOR", "verifying": "EĞİTİLİYOR"},
    trail={
        "change.applying": "{when} Eğiticiye bildiriliyor.",
        "training.started": "{when} Çalışma başladı.",
        "training.called_off": "{when} Durduran: {who}. {why}",
    },
    judging="YARGILANIYOR",
    stays="{model} yeniden eğitilir; {serving} hizmet vermeyi sürdürür.",
    push="[{step}] {change} {what}. {told}",
    push_cost="Maliyet {cost}; {serving} hizmet vermeyi sürdürür.",
    push_wanted="[{change}] Onayınız isteniyor: {what}, maliyet {cost}. En geç: {until}.",
    listed="{change} · {step} · {what}, maliyet {cost} · isteyen {who} {when}",
    plan="{change} · plan {digest} · {runbook} · en çok {longest} sürer",
    about="yaklaşık {amount} {currency}",
    unpriced="bilinmiyor",
    cost="Beklenen maliyet: {cost}. Bunun için bütçe konmamış.",
    cost_left="Beklenen maliyet: {cost}. Bu ayın bütçesinden bu olmadan kalan: {left} {currency}.",
    approve_asked="{model} yeniden eğitilir, maliyeti {cost}. {before} hizmet vermeyi sürdürür.",
    approve_more=(
        "{model} yeniden eğitilir, maliyeti {cost}; {before} hizmet vermeyi sürdürür. Sizden sonra bir kişi daha "
        "onaylamalı."
    ),
    reject_asked="Hiçbir şey eğitilmez. {who} bilgilendirilir.",
    withdraw_asked="Hiçbir şey eğitilmez.",
    starting="Eğiticiye bildiriliyor.",
    unknown="Sürüp sürmediğini kimse söyleyemiyor. Yenisini başlatmadan eğiticiye bakın.",
    queued="Orada sırasını bekliyor.",
    runs="Sürüyor: {stage}",
    share="{bar} %{percent}",
    elapsed="{elapsed} oldu (son haber {heard}). Böyleleri {usual} sürer, yani {until} dolayına kadar.",
    elapsed_first="{elapsed} oldu (son haber {heard}). Daha önce biten olmadı, ne kadar süreceği bilinmiyor.",
    no_longer="{until} zamanında hâlâ sürüyorsa durdurulur.",
    link="Çalışmaya bak",
    so_far="Şimdiye kadarki maliyet: {cost}",
    took="{elapsed} sürdü.",
    took_cost="{elapsed} sürdü, maliyeti {cost}.",
    judged="{version} ile {champion} karşılaştırılıyor ({trial}).",
    to_judge="{version} ortaya çıktı; sırada hizmet verenle karşılaştırma var.",
    stopping="{who} durdurdu; çalışması sonlandırılıyor.",
    call_off="Durdur",
    call_off_title="{change} durdurulsun mu?",
    call_off_asked="Çalışma durur ve öğrendikleri kaybolur. {model} {before} ile sürer.",
    passed="{version} eşiği GEÇTİ ({count}/{count}):",
    passed_bare="{version} GEÇTİ.",
    failed="{version} eşiği GEÇEMEDİ ({total} içinden {count} eksik):",
    found="{what}: {got} (istenen: {wanted})",
    more_found="{count} tane daha",
    then="Sonra: {change}, {what}.",
    promotes="Sırada: {change}, {version} sürümünü yükseltmeyi öneriyor; biri onaylayana dek {before} hizmet verir.",
    to_promote="Sırada: yükseltilmesi birazdan kendiliğinden önerilir.",
    ways="Sırada: daha çok veriyle eğitin ya da nerede eksik kaldığına bakın. {champion} kalsın derseniz iş yok.",
    ways_scant="Sırada: etiketleri bekleyin ya da denemek için daha çok satır ayırın. {champion} hizmet veriyor.",
    broke_off="Şurada koptu: {stage}",
    log="Günlüğünün sonu:",
    widen="Dönemi genişlet",
    look="{trial} sonucuna bak",
    follows="Şundan doğdu: {change}.",
    watching="{until} zamanına kadar {before} ile yan yana izleniyor.",
    watching_metric="{until} zamanına kadar izleniyor: {version} ile {before} için {metric} yan yana.",
    watched={
        "well": "İzleme bitti, {version} İYİ gidiyor. {why}",
        "wrong": "İzleme bitti: {version} DAHA KÖTÜ gidiyor. {why}",
        "inconclusive": "İzleme bitti, {version} nasıl gidiyor kimse söyleyemiyor. {why}",
        "moved": "İzleme bitti, çünkü {version} artık hizmet vermiyor. {why}",
    },
    canary="Adım {step}/{total}: trafiğin %{percent} kadarı {version} sürümüne gider.",
    canary_next="Bir şey ters gitmezse sonraki adım, hizmet verdikten {wait} sonra atılır.",
    bad_window="Bir süre yazın, 30d, 12h ya da 8w gibi.",
    next_retrain="Sırada: {champion} kalsın ya da {model} yeniden eğitilsin. Düğme önce bunun bedelini gösterir.",
    next_judged="Sırada: {change} kartına bakın. {challenger} eşiği geçiyor mu ve ardından ne olacak, orada yazar.",
    reason="{trial}: hiçbir sürüm {champion} sürümünden daha iyi değil",
    asked="{model} için yeniden eğitim, maliyet {cost} ({before} hizmet vermeyi sürdürür)",
    no_policy="config/estate.yaml içinde `retrain` yazan model yok; hiçbiri yeniden eğitilmez.",
    status="Yeniden eğitim: {names}",
    goes_on="Süren: {change}, {step}",
    rests="{until} zamanına kadar dinleniyor.",
    obstacle="Şu anda engel: {why}",
    free="Şimdi yeniden eğitilebilir, maliyet {cost}.",
    next_at="Kendiliğinden bir sonraki: {when}.",
    spent="Bu ay harcanan: {spent} {currency}; kalan: {left} {currency}",
    past="{change}, bitiş {when}: {outcome}",
    past_passed="{version} geçti",
    past_fell="{version} geçemedi",
    past_broke="sürüm yok",
    past_none="Henüz biten yok.",
    watch_on="{version} şu zamana kadar izleniyor: {until}.",
)
