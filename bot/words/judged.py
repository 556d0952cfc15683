"""What is said of a version that was made: why it did not pass its gate, what can be done, and how it is promoted."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Judged:
    """English."""

    # asked for
    why_tried: str = "{change} made {version}; it is compared with {champion}, which serves now."

    # passed
    passed: str = "{version} passed its gate against {champion} ({trial})."
    moved: str = "When {change} was planned, {planned} served."
    learnt: str = "It has learnt from {share} % of the time it was tried on, which flatters it."
    why_promote: str = "{change} made it, and it passed its gate against {champion} ({trial}): {found}"

    # not passed
    failed: str = "{version} did not pass its gate against {champion} ({trial}): {found}"
    reason: str = "{what}: wanted {wanted}, found {got}"
    more: str = "{found}, and {count} more."
    ways: str = "Retrain on a wider window, look at {where}, or keep the champion: {champion} serves as before."
    ways_scant: str = (
        "Wait for labels, or try it on more rows (`retrain.holdout`, or `trial.window` where nothing is kept back) and "
        "retrain: {champion} serves as before."
    )
    the_slice: str = "the slice {slice} in {trial}"
    the_slices: str = "the slices in {trial}"
    no_trial: str = "{version} could not be compared with {champion}: {why} Mend that and retrain, or keep {champion}."
    not_loaded: str = "{version}, which it made, cannot be loaded: {why}"
    not_listed: str = "its platform does not list it."
    serves_already: str = "{version}, which it made, serves already by no change of ours, so there is no champion left."
    nothing_serves: str = "Nothing serves {model} now, so {version} cannot be compared: promote one by hand first."
    gone: str = "{model} is not in the catalogue any more, so {version} was not compared."
    no_host: str = "No platform that Tocsin can ask runs {model}, so {version} was not compared."
    silent: str = "{version} was not compared, for nobody could be asked for {span}: {why}"
    bad_gate: str = "the gate it was agreed to with cannot be read: {why}"

    # the promotion
    by_hand: str = "{version} passed its gate, and its promotion was not proposed: {why} By hand: `{command}`."
    late: str = "It was tried for {span}. {why}"
    other_champion: str = "it was compared with {champion}, and {serving} serves now; try it again (`{command}`)."


TURKISH = Judged(
    why_tried="{version} sürümünü {change} üretti; şu anda hizmet veren {champion} ile karşılaştırılıyor.",
    passed="{version}, {champion} karşısında eşiğini geçti ({trial}).",
    moved="{change} planlanırken {planned} hizmet veriyordu.",
    learnt="Denendiği sürenin %{share} kadarından öğrenmişti; bu onu olduğundan iyi gösterir.",
    why_promote="Onu {change} üretti ve {champion} karşısında eşiğini geçti ({trial}): {found}",
    failed="{version}, {champion} karşısında eşiğini geçemedi ({trial}): {found}",
    reason="{what}: istenen {wanted}, bulunan {got}",
    more="{found} ve {count} neden daha.",
    ways="Daha geniş bir dönemle yeniden eğitin, {where} bölümüne bakın ya da kalanı koruyun: {champion} hizmette.",
    ways_scant=(
        "Etiketleri bekleyin ya da daha çok satırda denenecek şekilde (`retrain.holdout`, veri ayrılmıyorsa "
        "`trial.window`) yeniden eğitin: {champion} hizmette."
    ),
    the_slice="{trial} içindeki {slice} dilimi",
    the_slices="{trial} içindeki dilimler",
    no_trial="{version}, {champion} ile karşılaştırılamadı: {why} Düzeltip yeniden eğitin ya da {champion} kalsın.",
    not_loaded="Ürettiği {version} yüklenemiyor: {why}",
    not_listed="platformu onu listelemiyor.",
    serves_already="Ürettiği {version}, bizim değişikliğimiz olmadan zaten hizmette; karşılaştırılacak sürüm kalmadı.",
    nothing_serves="Şu anda {model} için hizmet veren yok; {version} karşılaştırılamaz: önce birini elle yükseltin.",
    gone="{model} artık katalogda yok, bu yüzden {version} karşılaştırılmadı.",
    no_host="Tocsin'in sorabileceği hiçbir platform {model} çalıştırmıyor; {version} karşılaştırılmadı.",
    silent="{version} karşılaştırılmadı, çünkü {span} boyunca kimseye sorulamadı: {why}",
    bad_gate="onaylandığı eşik okunamıyor: {why}",
    by_hand="{version} eşiğini geçti, ama yükseltilmesi önerilemedi: {why} Elle: `{command}`.",
    late="{span} boyunca denendi. {why}",
    other_champion="{champion} ile karşılaştırılmıştı, şimdi {serving} hizmet veriyor; yeniden deneyin (`{command}`).",
)
