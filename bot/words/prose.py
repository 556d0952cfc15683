"""What the linter of postmortems says: what is missing, and what would be kinder and truer to write."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Prose:
    """English. `rule_` is what was found, `advice_` what to write in the place of blame."""

    rule_summary: str = "There is no summary: say in three sentences what happened, to whom, and what ended it."
    rule_empty: str = "Nothing stands under “{heading}” yet."
    rule_leftover: str = "“{said}” is a leftover of the template."
    rule_owner: str = "{follow_up} has no owner: {what}"
    rule_date: str = "{follow_up} has no day: {what}"
    rule_blame: str = "“{said}” blames. {advice}"
    rule_person: str = "“{said}” blames a person. {advice}"
    rule_claim: str = "“{said}” leads nowhere: add the link."
    rule_incident: str = "No incident is named: write its number, such as INC-7."
    rule_runbook: str = "No runbook is named: link the one that was followed, or say that there was none."
    advice_cause: str = "Say what made it possible, and what would have stopped it."
    advice_system: str = "Name the step or safeguard that was missing, not who was there."
    advice_knew: str = "Say what could be seen at that moment, and what would have shown more."
    advice_plain: str = "Leave it out: it was not plain to those who were there."


TURKISH = Prose(
    rule_summary="Özet yok: ne oldu, kimi etkiledi, ne bitirdi, üç cümleyle yazın.",
    rule_empty="“{heading}” başlığının altında henüz bir şey yok.",
    rule_leftover="“{said}” şablondan kalmış.",
    rule_owner="{follow_up} işinin sahibi yok: {what}",
    rule_date="{follow_up} işinin günü yok: {what}",
    rule_blame="“{said}” suçluyor. {advice}",
    rule_person="“{said}” bir kişiyi suçluyor. {advice}",
    rule_claim="“{said}” bir yere götürmüyor: bağlantısını ekleyin.",
    rule_incident="Hiçbir olayın adı geçmiyor: numarasını yazın, örneğin INC-7.",
    rule_runbook="Hiçbir kılavuzun adı geçmiyor: izlenen kılavuza bağlantı verin ya da olmadığını yazın.",
    advice_cause="Bunu neyin olanaklı kıldığını, neyin önleyebileceğini yazın.",
    advice_system="Orada kimin olduğunu değil, hangi adımın ya da önlemin eksik olduğunu yazın.",
    advice_knew="O anda neyin görülebildiğini, neyin daha fazlasını göstereceğini yazın.",
    advice_plain="Çıkarın: orada olanlar için açık değildi.",
)
