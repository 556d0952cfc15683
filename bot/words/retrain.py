"""What is said of models that are trained anew: what they learn from, how far they are, and what came of it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Retrain:
    """English."""

    # the plan
    effect: str = "{model} is trained anew. What serves stays {serving}, until a version that passes is promoted."
    learns: str = "It learns from {since} until {until} ({clean} of data)."
    without: str = "Left out: {count} spans ({span}) in which its data was broken, late or missing."
    mind_over: str = "It costs about {cost} {currency}, and {left} is left of the budget: one more has to agree."
    mind_no_trial: str = "{model} has no `trial`, so what it makes cannot be compared, and will not be promoted."
    mind_no_gate: str = "The runbook has no gate for it: it must only not be worse than what serves."
    mind_nothing_serves: str = "Nothing serves now that the new version could be compared with."


TURKISH = Retrain(
    effect="{model} yeniden eğitilir. Geçen bir sürüm yükseltilene kadar hizmet veren {serving} olarak kalır.",
    learns="{since} ile {until} arasındaki veriden öğrenir ({clean} veri).",
    without="Dışarıda bırakılan: verisi bozuk, geç ya da eksik olan {count} aralık ({span}).",
    mind_over="Yaklaşık {cost} {currency} tutar, bütçeden {left} kaldı: bir kişi daha onaylamalı.",
    mind_no_trial="{model} için `trial` yok, bu yüzden ortaya çıkan karşılaştırılamaz ve yükseltilmez.",
    mind_no_gate="Runbook bunun için bir eşik koymuyor: yalnızca hizmet verenden kötü olmamalı.",
    mind_nothing_serves="Şu anda yeni sürümün karşılaştırılabileceği bir şey hizmet vermiyor.",
)
