"""What is answered to a wish to compare versions of a model, and why a comparison came to nothing."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Trial:
    """English."""

    # asked for
    asked: str = "{trial}: {challenger} of {model} is compared with {champion} on the last {window}."
    asked_alone: str = "{trial}: {champion} of {model} is measured on the last {window}; there is nothing else to try."
    asked_already: str = "{trial} compares the same versions of {model} and has not ended; its result comes there."
    too_soon: str = "{model} was tried less than {span} ago by itself already."

    # who asks when nobody does
    by_runbook: str = "The runbook {runbook} asks for it: {incident} opened ({kind})."
    by_schedule: str = "It is made by itself every {every}."

    # why there is none
    no_terms: str = "{model} has no `trial` in config/estate.yaml, so nothing says how its versions are compared."
    no_lab: str = "The connection {connection} has no evaluator, or its plugin is left out: see `tocsin doctor`."
    no_connection: str = "{model} has no `platform` and no `trial.connection`, so nobody can give its predictions."
    no_champion: str = "No platform that Tocsin can ask runs {model}: name the version to measure."
    nothing_serves: str = "Nothing serves {model} now: name the version to measure."
    unknown_version: str = "{model} has no version {version}. There are: {versions}."
    same_version: str = "{version} cannot be compared with itself: name another version."
    too_young: str = "What is true of {model} is known after {delay}, so the last {window} says nothing: widen it."
    no_span: str = "A window is longer than nothing and at most {most}."

    # how it failed
    gone: str = "{model} or its `trial` is not in the configuration any more."
    failed: str = "The rows could not be had. {why}"
    lied: str = "The evaluator of {connection} gave what cannot be scored: {why}"
    tried: str = "It was begun {count} times and never came to an end."


TURKISH = Trial(
    asked="{trial}: {model} için {challenger}, {champion} ile karşılaştırılıyor, dönem: son {window}.",
    asked_alone="{trial}: {model} için {champion} ölçülüyor, dönem: son {window}; karşılaştırılacak başka sürüm yok.",
    asked_already="{trial}, {model} için aynı sürümleri karşılaştırıyor ve daha bitmedi; sonucu orada görünecek.",
    too_soon="{model} için kendiliğinden yapılan son denemenin üzerinden {span} geçmedi.",
    by_runbook="Bunu {runbook} runbook'u istiyor: {incident} açıldı ({kind}).",
    by_schedule="Kendiliğinden yapılır, aralığı: {every}.",
    no_terms="{model} için config/estate.yaml içinde `trial` yok; sürümlerinin nasıl karşılaştırılacağı belli değil.",
    no_lab="{connection} bağlantısında değerlendirici yok ya da eklentisi devre dışı: `tocsin doctor` çalıştırın.",
    no_connection="{model} için `platform` da `trial.connection` da yok; tahminlerini verebilecek kimse yok.",
    no_champion="Tocsin'in sorabileceği hiçbir platform {model} çalıştırmıyor: ölçülecek sürümü yazın.",
    nothing_serves="Şu anda {model} için hizmet veren yok: ölçülecek sürümü yazın.",
    unknown_version="{model} için {version} sürümü yok. Olanlar: {versions}.",
    same_version="{version} kendisiyle karşılaştırılamaz: başka bir sürüm yazın.",
    too_young="{model} için gerçek sonuç {delay} sonra bilinir; son {window} bir şey söylemez: dönemi uzatın.",
    no_span="Dönem sıfırdan uzun, en çok {most} olmalı.",
    gone="{model} ya da `trial` ayarı artık yapılandırmada yok.",
    failed="Satırlar alınamadı. {why}",
    lied="{connection} değerlendiricisinin verdiği puanlanamıyor: {why}",
    tried="{count} kez başlandı ve hiç bitmedi.",
)
