"""What is said of a version that was promoted: its steps into service, how it is watched, and what came of that."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Watch:
    """English."""

    # what a plan says of a canary
    steps: str = "{model} will be served by {version} instead of {before} step by step: {shares}, then all of it. "
    next_if_well: str = "Each step serves {wait}; the next one follows only if nothing goes wrong."
    step: str = (
        "{version} will get {share} % of the traffic of {model}: step {nth} of {count}, agreed to with {change}."
    )
    last_step: str = "{model} will be served by {version} alone: step {nth} of {count}, agreed to with {change}."
    agreed_with: str = "Agreed to with {change}."
    at_once: str = "{version} gets all of the traffic at once and no canary first: {why}"
    no_shift: str = "{platform} cannot share the traffic out."
    nothing_to_share: str = "there is nothing serving that it could share the traffic with."

    # while it is watched
    began: str = "{version} is watched until {until}, beside {count} samples of {metric} from before it served."
    began_alone: str = "{version} is watched until {until} by its incidents alone: nothing says which metric tells."
    moved: str = "{serving} serves now, so {version} is watched no more."
    gone: str = "{model} is in the catalogue no more, so {version} cannot be watched."

    # what people hear
    wrong: str = "{why} Its way back is proposed; nothing is taken back until somebody agrees."
    unsure: str = "Nobody can say whether {version} does well. {why}"
    unproposed: str = (
        "Its way back could not be proposed: {why} This is tried again until {until}. "
        "By hand: /rollback {model}, or `tocsin change undo {change}`."
    )
    given_up: str = "Its way back could not be proposed, and this is not tried any more. Look at what serves {model}."

    # why a canary does not go on
    stopped: str = "The canary of {version} stops at {share} %, and the traffic stays as it is: {why}"
    unsanctioned: str = "the log does not say that exactly this was agreed to."
    otherwise: str = "the catalogue or the runbook {runbook} says otherwise of {model} now; propose it again."
    touched: str = "{serving} serves now, or was touched since; propose what you want instead."
    late: str = "it should have gone on at {due}, and could not in time; propose it again."
    trouble: str = "{incidents} opened while it served; look, then propose what you want."


TURKISH = Watch(
    steps="{model} adım adım {before} yerine {version} ile yanıt verecek: {shares}, sonra tamamı. ",
    next_if_well="Her adım {wait} hizmet verir; sonraki adıma yalnızca bir sorun çıkmazsa geçilir.",
    step="{version}, {model} trafiğinin %{share} kadarını alacak: adım {nth}/{count}, {change} ile onaylandı.",
    last_step="{model} yalnızca {version} ile yanıt verecek: adım {nth}/{count}, {change} ile onaylandı.",
    agreed_with="{change} ile onaylandı.",
    at_once="{version} kademesiz, trafiğin tamamını birden alır: {why}",
    no_shift="{platform} trafiği paylaştıramıyor.",
    nothing_to_share="trafiği paylaşabileceği, hizmet veren bir sürüm yok.",
    began="{version}, {until} zamanına kadar izleniyor; kıyas: öncesinden {count} {metric} ölçümü.",
    began_alone="{version}, {until} zamanına kadar yalnızca olaylarıyla izleniyor: bakılacak ölçü belli değil.",
    moved="Artık {serving} hizmet veriyor, bu yüzden {version} izlenmiyor.",
    gone="{model} artık katalogda yok, bu yüzden {version} izlenemiyor.",
    wrong="{why} Geri dönüşü önerildi; biri onaylayana kadar hiçbir şey geri alınmaz.",
    unsure="{version} sürümünün iyi gidip gitmediğini kimse söyleyemiyor. {why}",
    unproposed=(
        "Geri dönüşü önerilemedi: {why} {until} zamanına kadar yeniden denenecek. "
        "Elle: /rollback {model} ya da `tocsin change undo {change}`."
    ),
    given_up="Geri dönüşü önerilemedi ve artık denenmiyor. {model} için neyin hizmet verdiğine bakın.",
    stopped="{version} sürümünün kademeli geçişi %{share} adımında durdu, trafik olduğu gibi kalıyor: {why}",
    unsanctioned="kayıtlar tam olarak bunun onaylandığını söylemiyor.",
    otherwise="katalog ya da {runbook} runbook'u artık {model} için başka söylüyor; yeniden önerin.",
    touched="şimdi {serving} hizmet veriyor ya da o günden beri dokunulmuş; ne istiyorsanız onu önerin.",
    late="{due} zamanında sürmesi gerekiyordu ve zamanında süremedi; yeniden önerin.",
    trouble="hizmet verirken şu olaylar açıldı: {incidents}; bakın, sonra ne istiyorsanız onu önerin.",
)
