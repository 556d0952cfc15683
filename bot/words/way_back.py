"""What is said of ways back: why a model can be rolled back or not, and what its owners hear once it no longer can."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Ways:
    """English."""

    # how it is known to be good
    by_ledger: str = "By Tocsin's own ledger, {version} served {span} without an incident, until {until}."
    by_history: str = "By its platform's memory, {version} served {span} without an incident, until {until}."
    by_kept: str = "{version} served before {change} promoted {promoted}, which is watched until {until}."
    by_wrong: str = "{version} served before {change} promoted {promoted}, which went wrong."
    by_watch: str = "{version} was watched after it was promoted and did well; it served until {until}."
    till_now: str = "now"
    till_moved: str = "it was replaced"

    # why there is none
    no_platform: str = "No platform runs it: give it a `platform` and a `ref` in config/estate.yaml."
    no_host: str = "The connection {platform} runs no models here, or its plugin is left out: see `tocsin doctor`."
    unsaid: str = "{platform} could not say: {why}"
    not_offered: str = "Its platform does not offer rollbacks."
    refused: str = "The platform would refuse it: {why}"
    gone: str = "The last known good version was {version}, and the platform does not have it any more."
    unusable: str = "The last known good version was {version}, and it cannot serve: {why}"
    unusable_other: str = "The only other version is {version}, and it cannot serve: {why}"
    no_reason: str = "the platform does not say why."
    paused: str = "It is paused: resume it first."
    only: str = "There is no other version than {version}."
    shared: str = "{version} share the traffic, and nothing else served {span} without an incident."
    none_good: str = "Nothing else is known to be good: no version served {span} without an incident."
    pick: str = "A person would have to choose: {versions}."
    nothing: str = "nothing"
    join: str = "{one} and {other}"

    # what its owners are told
    lost: str = (
        "{model} lost its way back: if it failed now, it could not be rolled back. {why} "
        "See: tocsin models show {model}"
    )
    unreachable: str = (
        "The platform {platform} does not answer, so nothing it runs for {team} could be rolled back now, {model} "
        "included. {why} See: tocsin models list"
    )


TURKISH = Ways(
    by_ledger="Tocsin'in kendi kayıtlarına göre {version}, {span} boyunca olaysız hizmet verdi (bitiş: {until}).",
    by_history="Platformun belleğine göre {version}, {span} boyunca olaysız hizmet verdi (bitiş: {until}).",
    by_kept=(
        "{change} ile {promoted} yükseltilmeden önce {version} hizmet verdi; yükseltilen {until} anına dek izleniyor."
    ),
    by_wrong="{change} ile {promoted} yükseltilmeden önce {version} hizmet verdi; yükseltilen iyi gitmedi.",
    by_watch="{version} yükseltildikten sonra izlendi ve iyi gitti (bitiş: {until}).",
    till_now="sürüyor",
    till_moved="yerine başkası geçene dek",
    no_platform="Bunu çalıştıran bir platform yok: config/estate.yaml içinde `platform` ve `ref` yazın.",
    no_host="{platform} bağlantısı burada model çalıştırmıyor ya da eklentisi devre dışı: `tocsin doctor` çalıştırın.",
    unsaid="{platform} söyleyemedi: {why}",
    not_offered="Platformu geri almayı desteklemiyor.",
    refused="Platform bunu reddederdi: {why}",
    gone="İyi olduğu bilinen son sürüm {version} idi ve platformda artık yok.",
    unusable="İyi olduğu bilinen son sürüm {version} idi ve hizmet veremez: {why}",
    unusable_other="Tek başka sürüm {version} ve hizmet veremez: {why}",
    no_reason="platform nedenini söylemiyor.",
    paused="Duraklatılmış: önce sürdürün.",
    only="{version} dışında bir sürüm yok.",
    shared="Trafiği {version} paylaşıyor ve başka hiçbir sürüm {span} boyunca olaysız hizmet vermedi.",
    none_good="İyi olduğu bilinen başka sürüm yok: hiçbiri {span} boyunca olaysız hizmet vermedi.",
    pick="Bir kişinin seçmesi gerekir: {versions}.",
    nothing="hiçbiri",
    join="{one} ve {other}",
    lost=(
        "{model} artık geri alınamıyor: şimdi bozulursa önceki sürüme dönülemez. {why} "
        "Ayrıntısı: tocsin models show {model}"
    ),
    unreachable=(
        "{platform} platformu yanıt vermiyor; {team} için çalıştırdığı hiçbir şey şu anda geri alınamaz, {model} de. "
        "{why} Ayrıntısı: tocsin models list"
    ),
)
