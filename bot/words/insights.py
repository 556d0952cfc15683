"""What is said of the figures of a span; docs/figures.md defines each of them."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Insights:
    """English."""

    title: str = "Figures of {about}"
    span: str = "{start} to {end}, beside the {length} before"
    everything: str = "everything"
    of_entity: str = "entity {name}"
    of_team: str = "team {name}"
    of_model: str = "{name}"
    of_monitor: str = "monitor {name}"
    by_hand: str = "by hand"
    cut: str = "There was more than is counted: these are the newest alone."
    empty: str = "Nothing happened in that time, nor before it."

    incidents: str = "Incidents: {count}, still open: {open}{before}"
    detect: str = "Time to detect: {spread}"
    acknowledge: str = "Time to acknowledge (MTTA): {spread}"
    unanswered: str = "In none of that: {waiting} that nobody has taken yet, {over} that were over before"
    mitigate: str = "Time to mitigate: {spread}"
    verify: str = "Time to verify a change: {spread}"
    resolve: str = "Time to resolve (MTTR): {spread}"
    spread: str = "median {median}, mean {mean}, 90% within {p90}, of {count}{before}"
    pages: str = "Pages: {count}, {each} for each incident that paged{before}"
    night: str = "At night: {count} pages, {nights} interrupted nights{before}"
    escalations: str = "Escalations: {count}{before}"
    worth: str = "Worth it: useful {useful}, noise {noise}, unknown {unknown}; precision {share}{before}"
    alone: str = "Ended by themselves: {count} of {all} ({share}){before}"
    changes: str = "Changes: {count}, rollbacks among them {rollbacks}, taken back {back}, failed {failed}{before}"
    handovers: str = "Handovers: {count}, late {late}{before}"

    before: str = " (before: {was})"
    before_change: str = " (before: {was}, {change})"
    few: str = " ({count} and {was} before: too few to compare)"
    few_share: str = "not said of so few"

    monitors: str = "By monitor: worth it"
    monitor: str = "{name}: {share} ({useful} useful, {noise} noise, {unknown} unknown)"
    people: str = "Pages by person, to share the load; they say nothing about how well anybody works"
    person: str = "{name}: {pages}, at night {night} in {nights} nights"
    more: str = "and {count} more: tocsin report --by {by}"
    days: str = "{count} days"
    unknown: str = "Nothing is called {name}: name an entity, a team, a model or a monitor, and a span such as 7d."


TURKISH = Insights(
    title="Sayılar: {about}",
    span="{start} – {end}, önceki {length} ile birlikte",
    everything="her şey",
    of_entity="birim {name}",
    of_team="takım {name}",
    of_model="{name}",
    of_monitor="izleyici {name}",
    by_hand="elle",
    cut="Sayılandan fazlası var: bunlar yalnızca en yenileri.",
    empty="Bu sürede ve öncesinde hiçbir şey olmadı.",
    incidents="Olaylar: {count}, hâlâ açık: {open}{before}",
    detect="Fark edilene kadar: {spread}",
    acknowledge="Üstlenilene kadar (MTTA): {spread}",
    unanswered="Bunlara girmeyen: henüz kimsenin üstlenmediği {waiting}, daha önce biten {over}",
    mitigate="Hafifletilene kadar: {spread}",
    verify="Bir değişiklik doğrulanana kadar: {spread}",
    resolve="Çözülene kadar (MTTR): {spread}",
    spread="ortanca {median}, ortalama {mean}, %90’ı {p90} içinde, sayı {count}{before}",
    pages="Çağrılar: {count}, çağıran olay başına {each}{before}",
    night="Gece: {count} çağrı, bölünen gece {nights}{before}",
    escalations="Yükseltmeler: {count}{before}",
    worth="Değdi mi: yararlı {useful}, gürültü {noise}, bilinmeyen {unknown}; isabet {share}{before}",
    alone="Kendiliğinden biten: {all} olayın {count} tanesi ({share}){before}",
    changes="Değişiklikler: {count}, geri alma {rollbacks}, sonradan geri alınan {back}, başarısız {failed}{before}",
    handovers="Devirler: {count}, geç {late}{before}",
    before=" (önce: {was})",
    before_change=" (önce: {was}, {change})",
    few=" ({count}, önce {was}: karşılaştırmak için az)",
    few_share="bu kadar azı için söylenmez",
    monitors="İzleyicilere göre: değdi mi",
    monitor="{name}: {share} (yararlı {useful}, gürültü {noise}, bilinmeyen {unknown})",
    people="Kişilere göre çağrılar, yükü paylaşmak için; kimsenin nasıl çalıştığını anlatmaz",
    person="{name}: {pages}, gece {night}, {nights} gecede",
    more="ve {count} tane daha: tocsin report --by {by}",
    days="{count} gün",
    unknown="{name} diye bir şey yok: bir birim, takım, model ya da izleyici ve 7d gibi bir süre yazın.",
)
