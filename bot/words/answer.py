"""What the bot answers when somebody did something, or may not."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Answer:
    """English."""

    yours: str = "{incident} is yours. Nobody else will be paged for it."
    unsnoozed: str = "{incident} is yours, and its snooze has ended."
    resolved: str = "{incident} is resolved."
    false_alarm: str = "{incident} is closed as a false alarm."
    escalated: str = "{incident}: {names} paged now."
    handed_over: str = "{incident}: handed over, {names} paged now. If nobody answers, it escalates."
    snoozed: str = "{incident} is yours and quiet until {until}. Then you are paged again."
    regraded: str = "{incident} is {severity} now."
    regraded_up: str = "{incident} is {severity} now: {names} paged."
    merged: str = "{incident} is part of {into} now. Its alerts have moved there, and so will new ones."
    asked: str = "{incident}: {names} paged and asked to join. {holder}"
    still_held: str = "It stays with {holder}."
    still_open: str = "Nobody has taken it yet."
    noted: str = "Noted in the timeline of {incident}."
    noted_already: str = "That message stands in the timeline of {incident} already."
    ticked: str = "Done: {step}"
    unticked: str = "Open again: {step}"
    nobody: str = "nobody"
    already_by: str = "{incident} was {phase} already, by {who}."
    held_now: str = "It is held by {who} now."
    already_severity: str = "{incident} is {severity} already."
    already_asked: str = "{names}: asked to join {incident} a moment ago already."
    merged_already: str = "{incident} is part of {into} now; look there."
    joined: str = "They can see that you are there, too."
    #: by the name of a phase, as it stands in `already_by`
    phases: Mapping[str, str] = field(
        default_factory=lambda: {
            "triggered": "triggered",
            "acknowledged": "acknowledged",
            "mitigated": "mitigated",
            "resolved": "resolved",
        }
    )
    #: by the name of a Verdict; English stands in the verdicts themselves
    verdicts: Mapping[str, str] = field(default_factory=dict)
    #: declared by hand, noted, tried out, linked
    declared: str = "{incident} is open. Paged now: {names}."
    declared_nobody: str = "{incident} is open, but nobody could be paged. Its channel is told."
    declared_already: str = "{incident} was opened by this already."
    gap: str = "{tier} reaches nobody: {why}"
    test_sent: str = "{channel}: the test page is on its way."
    test_failed: str = "{channel}: the test page was not sent. {why}"
    test_no_way: str = "{channel}: nothing here sends pages this way, so no page reaches you by it."
    test_received: str = "Test received. Pages reach you here."
    linked: str = "{user} is {person} from now on."
    link_declined: str = "{user} is not {person}. Nothing has changed."


TURKISH = Answer(
    yours="{incident} artık sizde. Bunun için başka kimse çağrılmayacak.",
    unsnoozed="{incident} artık sizde, ertelemesi sona erdi.",
    resolved="{incident} çözüldü olarak kapatıldı.",
    false_alarm="{incident} yanlış alarm olarak kapatıldı.",
    escalated="{incident}: şimdi çağrılan: {names}.",
    handed_over="{incident} devredildi, şimdi çağrılan: {names}. Yanıt veren olmazsa bir üst kademeye geçecek.",
    snoozed="{incident} sizde ve şu zamana kadar sessiz: {until}. O zaman yeniden çağrılacaksınız.",
    regraded="{incident} artık şu önem derecesinde: {severity}.",
    regraded_up="{incident} artık şu önem derecesinde: {severity}. Çağrılan: {names}.",
    merged="{incident} bundan böyle şu olayın parçası: {into}. Uyarıları oraya taşındı, yenileri de orada görünecek.",
    asked="{incident}: katılması için çağrılan: {names}. {holder}",
    still_held="Olay hâlâ şu kişide: {holder}.",
    still_open="Henüz üstlenen yok.",
    noted="{incident} için zaman çizelgesine not düşüldü.",
    noted_already="O mesaj zaten şu olayın zaman çizelgesinde: {incident}.",
    ticked="Tamamlandı: {step}",
    unticked="Yeniden açıldı: {step}",
    nobody="hiç kimse",
    already_by="{incident} daha önce {phase} ({who}).",
    held_now="Şimdi üstlenen: {who}.",
    already_severity="{incident} zaten bu önem derecesinde: {severity}.",
    already_asked="{incident} için az önce zaten çağrıldı: {names}.",
    merged_already="{incident} artık şu olayın parçası: {into}; oraya bakın.",
    joined="Sizin de orada olduğunuzu artık görebiliyorlar.",
    phases={
        "triggered": "tetiklendi",
        "acknowledged": "üstlenildi",
        "mitigated": "hafifletildi",
        "resolved": "çözüldü",
    },
    verdicts={
        "GO": "Tamam.",
        "ALREADY": "Bu zaten yapılmış.",
        "STALE": "Bu kartı gördüğünüzden beri olay değişti; yeniden bakın, sonra tekrar basın.",
        "RESOLVED": "Olay çözüldü; yapılacak bir şey kalmadı.",
        "STRANGER": "Sizi tanımıyorum: config/people.yaml içinde Slack kimliğiniz yok. ML platform ekibinize sorun.",
        "NOT_ALLOWED": "Bu olayın hiçbir kademesinde ya da sahibi olan ekipte değilsiniz.",
        "ITSELF": "Bir olay kendisinin parçası olamaz.",
        "OVER": "O olay zaten çözülmüş; açık olan bir olay seçin.",
        "NOT_ALLOWED_THERE": "Devam edecek olan olayın hiçbir kademesinde ya da sahibi olan ekipte değilsiniz.",
        "YOURSELF": "Bu adın arkasında sizden başka kimse yok.",
        "UNREACHABLE": "Bu adın arkasında şu anda ulaşılabilecek kimse yok.",
        "NOT_YOURS": (
            "Kendi ekibinizin bir modelini ya da birimini adıyla anan veya yalnızca yanıt verebileceğiniz olayları "
            "etkileyen susturmalar koyabilirsiniz."
        ),
        "ADMINS_ONLY": "Bu, var olan bütün uyarıları etkiler; yalnızca config/people.yaml içindeki admins yapabilir.",
        "UNSURE": "Bu, var olan bütün uyarıları etkiler. İstediğiniz buysa bir kez daha söyleyin.",
        "EXHAUSTED": "Bunun üstünde bir kademe yok; herkes çağrıldı.",
    },
    declared="{incident} açıldı. Şimdi çağrılan: {names}.",
    declared_nobody="{incident} açıldı, ama kimse çağrılamadı. Kanalına haber veriliyor.",
    declared_already="Bununla {incident} zaten açılmıştı.",
    gap="{tier} kimseye ulaşmıyor: {why}",
    test_sent="{channel}: deneme çağrısı yola çıktı.",
    test_failed="{channel}: deneme çağrısı gönderilemedi. {why}",
    test_no_way="{channel}: burada bu yolla çağrı gönderen bir şey yok, yani size bu yolla hiçbir çağrı ulaşmaz.",
    test_received="Deneme alındı. Çağrılar size buradan ulaşıyor.",
    linked="{user} artık {person} olarak tanınıyor.",
    link_declined="{user}, {person} olarak tanınmadı. Hiçbir şey değişmedi.",
)
