"""What the bot answers when somebody did something, or may not."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Answer:
    """English."""

    yours: str = "{incident} is yours. Nobody else will be paged for it."
    one_of_all: str = "Noted. All must acknowledge {incident}: it still waits for {names}."
    adopted: str = "{incident} goes on by its runbook as it is now. {changes}"
    adopted_already: str = "{incident} has the policy of its runbook as it is now."
    revised: str = "The runbook {runbook} was changed since {incident} opened. It goes on as it was, unless asked:"
    adopt: str = "Take the change over"
    attended: str = "{incident}: noted, you are on it."
    attended_until: str = "{incident}: noted, you are on it. I ask again at {at}."
    went_on: str = "{incident} went on without you, and nobody holds it now. Acknowledge it to take it again."
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
    test_mirrored: str = "{channel}: the test page is on its way, and opens an incident there. Resolve it there, too."
    test_failed: str = "{channel}: the test page was not sent. {why}"
    test_no_way: str = "{channel}: nothing here sends pages this way, so no page reaches you by it."
    test_unconfirmed: str = "{channel}: not tried, because no page goes to an address that is not confirmed."
    test_received: str = "Test received. Pages reach you here."
    linked: str = "{user} is {person} from now on."
    link_declined: str = "{user} is not {person}. Nothing has changed."
    #: changes of production: proposed, decided
    proposed: str = "{change} waits for {needs} to agree until {until}. {effect} They may agree: {names}."
    proposed_alone: str = "{change} needs nobody else and is applied now. {effect}"
    glass_broken: str = "{change} is applied now without a second person, and everybody is told. {effect}"
    locked: str = "{change} is under way ({step}, asked for by {who}), and {model} is changed by one at a time."
    agreed: str = "You agreed to {change}. It still waits for {missing} more."
    agreed_already: str = "You have agreed to {change} already."
    approved: str = "{change} is approved and is applied now."
    rejected: str = "{change} is rejected. Nothing was changed."
    withdrawn: str = "{change} is withdrawn. Nothing was changed."
    decided: str = "{change}: it is {step} already."
    #: what stands in a plan
    will_serve: str = "{model} will be served by {after} instead of {before}."
    will_pause: str = "{model} will answer nobody until it is resumed. {before} serves it now."
    will_resume: str = "{model} will answer again, served by {after}."
    served_by_none: str = "nothing"
    because_ledger: str = "Last known good: by Tocsin's ledger {version} served from {since} until {until}."
    because_history: str = "Last known good: as the platform remembers, {version} served from {since} until {until}."
    because_kept: str = "Last known good: {version} served before {change} promoted {promoted}, {state}"
    because_asked_kept: str = "{version} was asked for; it served before {change} promoted {promoted}, {state}"
    kept_watched: str = "which is watched until {until}."
    kept_wrong: str = "which went wrong."
    because_asked: str = "{version} was asked for."
    because_passed: str = "{version} passed its gate ({change})."
    because_asked_good: str = "{version} was asked for; it served well from {since} until {until}."
    because_undo: str = "It served before {change}, which is taken back."
    because_lever: str = "That is what was asked for."
    good_span: str = "For {span} at a stretch no incident was open."
    good_watched: str = "It was watched after it was promoted, and did well."
    till_now: str = "now"
    till_moved: str = "it was replaced"
    mind_no_mark: str = "The platform cannot tell whether somebody else moves it at the same moment."
    mind_unknown: str = "It is not known that {version} was ever good."
    mind_split: str = "The traffic is split now: {before}."
    mind_paused: str = "It is paused now."
    mind_feeds: str = "What it feeds will notice: {names}."


TURKISH = Answer(
    yours="{incident} artık sizde. Bunun için başka kimse çağrılmayacak.",
    one_of_all="Not edildi. {incident} herkesin onayını ister: {names} henüz onaylamadı.",
    adopted="{incident} artık çalışma kılavuzunun şimdiki haliyle sürüyor. {changes}",
    adopted_already="{incident} zaten kılavuzunun şimdiki kurallarına göre sürüyor.",
    revised="{runbook} kılavuzu {incident} açıldıktan sonra değişti. İstenmedikçe eskisi gibi sürer:",
    adopt="Değişikliği uygula",
    attended="{incident}: not edildi, siz ilgileniyorsunuz.",
    attended_until="{incident}: not edildi, siz ilgileniyorsunuz. Yeniden soracağım zaman: {at}.",
    went_on="{incident} sizsiz ilerledi, şimdi kimsede değil. Yeniden almak için üstlenin.",
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
        "LEADS_ONLY": "Bunu yalnızca o birimin takım liderleri ve config/people.yaml içindeki admins yapabilir.",
        "NO_GLASS": "Runbook bunu tek kişinin yapmasına izin vermiyor: başka birinin de onaylaması gerekir.",
        "NO_REASON": "Camı kırmak için ertesi gün okuyacaklara en az on karakterlik bir gerekçe yazılmalı.",
        "OWN_REVIEW": "Değişikliği isteyen kişi onu kendisi gözden geçiremez.",
        "NOT_POSSIBLE": "Bu, istendiği gibi yapılamaz.",
        "NO_WHY": "Gerekçe yazın: üretimde hiçbir şey gerekçesiz değişmez.",
        "NOT_YOUR_MODEL": "Runbook'unun hiçbir kademesinde ya da sahibi olan ekipte değilsiniz.",
        "FORBIDDEN": "Şu anda değişiklik yasak.",
        "LOCKED": "O modelin başka bir değişikliği sürüyor; bitmesini bekleyin ya da onu geri çekin.",
        "NOT_YOUR_ROTA": (
            "Yalnızca kendi nöbetinizi değiştirebilirsiniz; gerisi nöbetin sahibi olan ekip, lideri ve admins içindir."
        ),
        "NO_APPROVERS": "İsteyenden başka onaylayabilecek yeterince kişi yok: estate.yaml içindeki `approvers`a bakın.",
        "GONE": "Modeli artık yapılandırmada yok.",
        "DECIDED": "Buna çoktan karar verildi; şimdiki hâline bakın.",
        "EXPIRED": "Zamanında kimse onaylamadığı için süresi doldu; yeniden önerin.",
        "PLAN_STALE": "Plan sizin gördüğünüz plan değil; yeniden bakın, sonra karar verin.",
        "PLAN_SWAPPED": "Kayıtlı plan önerilen plan değil. Hiçbir şeyi onaylamayın, Tocsin'i çalıştıranlara söyleyin.",
        "SAME_PERSON": "Bunu siz istediniz, bu yüzden başka biri onaylamalı.",
        "NOT_AN_APPROVER": "Bunu onaylayabilecekler arasında değilsiniz.",
        "WORTHLESS": "Bu düğmenin bir hükmü yok; kartın şimdiki hâline bakın.",
        "USED": "Bu düğme daha önce kullanıldı; kartın şimdiki hâline bakın.",
        "NOT_AN_AUTHOR": "Buna yalnızca sahibi olan takım, üstlenen, yazan, liderler ve yöneticiler yazabilir.",
        "NOT_YOURS_TO_WITHDRAW": "Bunu yalnızca isteyen kişi ve onaylayabilecekler geri çekebilir.",
    },
    declared="{incident} açıldı. Şimdi çağrılan: {names}.",
    declared_nobody="{incident} açıldı, ama kimse çağrılamadı. Kanalına haber veriliyor.",
    declared_already="Bununla {incident} zaten açılmıştı.",
    gap="{tier} kimseye ulaşmıyor: {why}",
    test_sent="{channel}: deneme çağrısı yola çıktı.",
    test_mirrored="{channel}: deneme çağrısı yola çıktı, orada da bir olay açar. Onu orada da kapatın.",
    test_failed="{channel}: deneme çağrısı gönderilemedi. {why}",
    test_no_way="{channel}: burada bu yolla çağrı gönderen bir şey yok, yani size bu yolla hiçbir çağrı ulaşmaz.",
    test_unconfirmed=(
        "{channel}: denenmedi, çünkü onaylanmamış adrese çağrı gönderilmez. Adresi Home sekmesinden onaylayın."
    ),
    test_received="Deneme alındı. Çağrılar size buradan ulaşıyor.",
    linked="{user} artık {person} olarak tanınıyor.",
    link_declined="{user}, {person} olarak tanınmadı. Hiçbir şey değişmedi.",
    proposed="{change}, {until} zamanına kadar onay bekliyor. Sayısı: {needs}. {effect} Onaylayabilecekler: {names}.",
    proposed_alone="{change} için başka kimse gerekmiyor, şimdi uygulanıyor. {effect}",
    glass_broken="{change} ikinci bir kişi olmadan şimdi uygulanıyor, herkese haber veriliyor. {effect}",
    locked="{change} sürüyor ({step}, isteyen: {who}); {model} aynı anda tek bir değişiklik görür.",
    agreed="{change} için onay verdiniz. Beklenen onay sayısı: {missing}.",
    agreed_already="{change} için zaten onay verdiniz.",
    approved="{change} onaylandı, şimdi uygulanıyor.",
    rejected="{change} reddedildi. Hiçbir şey değişmedi.",
    withdrawn="{change} geri çekildi. Hiçbir şey değişmedi.",
    decided="{change} zaten şu durumda: {step}.",
    will_serve="{model} artık {before} yerine {after} ile yanıt verecek.",
    will_pause="{model} sürdürülene kadar kimseye yanıt vermeyecek. Şimdi yanıt veren: {before}.",
    will_resume="{model} yeniden yanıt verecek, yanıt veren: {after}.",
    served_by_none="hiçbir şey",
    because_ledger="Bilinen son iyi sürüm: Tocsin defterine göre {version} şu arada hizmet verdi: {since}, {until}.",
    because_history="Bilinen son iyi sürüm: platformun hatırladığına göre {version} hizmet verdi: {since}, {until}.",
    because_kept="Bilinen son iyi sürüm: {change} ile {promoted} yükseltilmeden önce {version} hizmet verdi; {state}",
    because_asked_kept="İstenen: {version}; {change} ile {promoted} yükseltilmeden önce hizmet verdi; {state}",
    kept_watched="yükseltilen {until} zamanına kadar izleniyor.",
    kept_wrong="yükseltilen iyi gitmedi.",
    because_asked="İstenen: {version}.",
    because_passed="{version} eşiğini geçti ({change}).",
    because_asked_good="İstenen: {version}; şu arada iyi hizmet verdi: {since}, {until}.",
    because_undo="Geri alınan {change} öncesinde bu hizmet veriyordu.",
    because_lever="İstenen budur.",
    good_span="Kesintisiz {span} boyunca açık olay yoktu.",
    good_watched="Yükseltildikten sonra izlendi ve iyi gitti.",
    till_now="şimdi",
    till_moved="yerine başkası geçene dek",
    mind_no_mark="Platform, aynı anda başka birinin değiştirip değiştirmediğini söyleyemiyor.",
    mind_unknown="{version} sürümünün daha önce iyi olduğu bilinmiyor.",
    mind_split="Trafik şu anda bölünmüş: {before}.",
    mind_paused="Şu anda duraklatılmış.",
    mind_feeds="Beslediği şunlar bunu fark edecek: {names}.",
)
