"""What is said in answer to commands, mentions, messages, emoji and menus."""

from collections.abc import Mapping
from dataclasses import dataclass, field

#: What an order does, by its name in `bot.slack.commands`; each also has a button.
HELP: Mapping[str, str] = {
    "menu": "what you can do here, as buttons",
    "declare": "opens an incident; without a title a form helps you and shows who will be paged",
    "list": "the open incidents",
    "mine": "what you hold and what waits for you",
    "show": "one incident as it stands",
    "ack": "you take it; nobody else is paged",
    "attend": "you are still at it; it stays yours, and you are asked again later",
    "resolve": "it is over",
    "escalate": "pages the next step now",
    "handover": "somebody else takes it",
    "snooze": "you take it and are reminded later",
    "silence": "holds alerts back for a while; it shows first what it hits",
    "silences": "the silences and maintenance windows that hold or are planned",
    "unsilence": "ends a silence; what still fires is paged",
    "maintenance": "holds alerts back while planned work is done, now or later",
    "silence-now": "makes the silence that was shown",
    "note": "puts words into the timeline",
    "severity": "makes it graver or lighter",
    "merge": "it goes on as part of another incident",
    "falsealarm": "closes it as a false alarm",
    "hold": "lays a legal hold: nothing it is about may be changed",
    "serious": "marks it as serious: a law's time to report runs",
    "reported": "says that a report to an authority was made",
    "unhold": "lifts the legal hold",
    "review": "notes what you found when you looked at a change that one person made alone",
    "explain": "why it came to whom, and who is paged next",
    "pages": "lists every page of it: decided, sent, delivered, answered, failed",
    "picture": "its pictures: what drifted, its metric over time, what happened",
    "page": "asks people to join, or opens an incident that pages them",
    "rollback": "goes back to a version that was good; it shows first what would change and who must agree",
    "promote": "lets another version serve, after the same look and the same agreement",
    "shift": "shares the traffic out between versions",
    "pause": "takes a model or agent out of service until it is resumed",
    "resume": "lets a paused model or agent serve again",
    "retrain": "trains a model anew; it shows first the data, the cost and who must agree; status tells how it goes",
    "evaluate": "compares another version with what serves, on the same data; nothing is changed",
    "models": "what serves, since when, and the way back, for every model and agent or for one",
    "approvals": "the changes that wait for somebody",
    "change": "one change as it stands, with its buttons",
    "oncall": "who is on call, for everything or for a model, team, rota or entity; your shifts, covers and swaps",
    "handovers": "what the handover of your shift says, or of a rota's; with its buttons where they are yours",
    "postmortem": "drafts the postmortem of an incident at once, or shows it with its follow-ups",
    "insights": "how soon incidents were answered and ended, the pages, and which monitors were worth it",
    "link": "tells me who you are",
    "help": "this list",
}
#: Of the buttons that do not stand on a card.
LABELS: Mapping[str, str] = {
    "menu": "Menu",
    "declare": "Declare an incident",
    "list": "Open incidents",
    "mine": "My incidents",
    "show": "Show",
    "silence": "Silence",
    "silences": "Silences",
    "unsilence": "End a silence",
    "maintenance": "Maintenance",
    "silence-now": "Silence",
    "note": "Add a note",
    "severity": "Change severity",
    "merge": "Merge",
    "hold": "Legal hold",
    "serious": "Mark as serious",
    "reported": "Report made",
    "unhold": "Lift the hold",
    "review": "Review",
    "explain": "Explain",
    "pages": "Pages",
    "picture": "Pictures",
    "page": "Page somebody",
    "rollback": "Roll back",
    "promote": "Promote",
    "shift": "Shift traffic",
    "pause": "Pause",
    "resume": "Resume",
    "retrain": "Retrain",
    "evaluate": "Evaluate",
    "models": "Models and agents",
    "approvals": "Approvals",
    "change": "Show the change",
    "oncall": "Who is on call",
    "handovers": "Shift handover",
    "postmortem": "Postmortem",
    "insights": "Figures",
    "link": "Link my account",
    "help": "Help",
}
PHASES: Mapping[str, str] = {
    "triggered": "waiting",
    "acknowledged": "acknowledged",
    "mitigated": "mitigated",
    "resolved": "resolved",
}

#: how far a page has come
PAGE_STATES = {
    "decided": "decided",
    "due": "due",
    "claimed": "claimed",
    "sent": "sent",
    "delivered": "delivered",
    "answered": "answered",
    "failed": "failed",
    "moot": "not needed any more",
}


@dataclass(frozen=True)
class Talk:
    """English."""

    help: Mapping[str, str] = field(default_factory=lambda: HELP)
    labels: Mapping[str, str] = field(default_factory=lambda: LABELS)
    phases: Mapping[str, str] = field(default_factory=lambda: PHASES)

    # lists
    none_open: str = "No incident is open."
    none_mine: str = "You hold nothing, and nothing waits for you."
    open_now: str = "Open incidents: {names}"
    yours_now: str = "Your incidents: {names}"
    more: str = "… and {count} more"
    listed: str = " {severity} · {about} · {title} · {state} · since {since}"
    waits: str = "waiting for {tier}"
    held: str = "{phase} by {who}"
    which: str = "Which one? For example: {example}"

    # who is on call
    on_call: str = "On call: {names}"
    until: str = "{rota}: {who} until {until}"
    then: str = "    then {who} until {until}"
    answers_for: str = "For {what}: {who}"
    nobody: str = "nobody"
    no_rota: str = "No rota is configured. Write one in config/rotas.yaml."

    # why and who next
    explained: str = "{incident}: {why}"
    pages: str = "{incident}: {count} pages"
    no_pages: str = "{incident}: nobody was paged."
    sheet: str = "{tier}: {who} by {by}"
    as_named: str = "as {id}"
    along: str = "with {page}"
    page_states: Mapping[str, str] = field(default_factory=lambda: PAGE_STATES)
    rung: str = "{tier}, {after} min after it opened: {who}"
    rung_now: str = "{tier}, at once: {who}"
    because: str = "    because {why}"

    # what was not understood
    unknown: str = "I do not know “{word}”."
    closest: str = "Did you mean {names}?"
    ask_help: str = "Write {command} for all you can do."
    like_this: str = "Write it like this: {usage}"
    does: str = "It {what}."
    no_target: str = "I know no person, team or rota called {word}."
    no_account: str = "Nobody in config/people.yaml has that Slack account."
    no_severity: str = "{word} is no severity; there are {known}."
    no_minutes: str = "{word} is no length of time between a minute and a week; write 30, 30m or 2h."

    # menus and help
    menu: str = "What would you like to do?"
    menu_incident: str = "{incident} · {severity} · {about}: what would you like to do?"
    menu_done: str = "{incident} is {phase}."
    menu_entity: str = "{entity}: what would you like to do?"
    menu_stranger: str = "I do not know you yet: you may look, but not act. Link your account to do more."
    menu_admin: str = (
        "You are an admin: my Home tab shows how the plugins are, and `tocsin doctor` in a terminal tells more."
    )
    help_title: str = "What you can do:"
    help_line: str = "{command} — {what} (button: {label})"
    help_hint: str = "All of it works in a mention and in a direct message to me, too."

    # emoji and messages
    reaction_nowhere: str = (
        "This message belongs to no incident, so nothing was noted. Use the emoji in an incident's own channel or in "
        "the thread of its card, or use the shortcut “Add to timeline”."
    )
    reaction_which: str = "Several incidents are open here: {names}. Use the shortcut “Add to timeline” to say which."
    reaction_unread: str = "I cannot read that message ({code}), so nothing was noted. {do}"
    reaction_empty: str = "That message has no words, so nothing was noted."


TURKISH = Talk(
    help={
        "menu": "burada yapabilecekleriniz, düğmeler halinde",
        "declare": "olay açar; başlık yazmazsanız form açılır ve kimin çağrılacağını gösterir",
        "list": "açık olaylar",
        "mine": "sizde olan ve sizi bekleyen olaylar",
        "show": "bir olayın şu anki durumu",
        "ack": "olayı üstlenirsiniz; başka kimse çağrılmaz",
        "attend": "hâlâ ilgileniyorsunuz; olay sizde kalır, daha sonra yeniden sorulur",
        "resolve": "olay bitti",
        "escalate": "sonraki adımı hemen çağırır",
        "handover": "olayı başkası devralır",
        "snooze": "olayı üstlenirsiniz, sonra hatırlatılır",
        "silence": "uyarıları bir süre bekletir; önce neyi etkilediğini gösterir",
        "silences": "geçerli ya da planlanmış susturmalar ve bakımlar",
        "unsilence": "bir susturmayı bitirir; hâlâ tetikte olanlar için çağrı yapılır",
        "maintenance": "planlı bir çalışma sürerken uyarıları bekletir, şimdi ya da sonra",
        "silence-now": "gösterilen susturmayı koyar",
        "note": "zaman çizelgesine not ekler",
        "severity": "önem derecesini değiştirir",
        "merge": "olay başka bir olayın parçası olarak sürer",
        "falsealarm": "yanlış alarm olarak kapatır",
        "hold": "hukuki korumaya alır: ilgili hiçbir şey değiştirilemez",
        "serious": "ciddi olarak işaretler: yasanın bildirim süresi işler",
        "reported": "bir makama bildirimin yapıldığını söyler",
        "unhold": "hukuki korumayı kaldırır",
        "review": "tek kişinin yaptığı bir değişikliğe bakınca ne bulduğunuzu not eder",
        "explain": "neden kime gittiğini ve sırada kimin olduğunu anlatır",
        "pages": "her çağrıyı listeler: karar, gönderim, teslim, yanıt, hata",
        "picture": "resimleri: ne saptı, ölçüsü zaman içinde, neler oldu",
        "page": "birilerini olaya çağırır ya da onları çağıran bir olay açar",
        "rollback": "iyi olduğu bilinen bir sürüme döner; önce neyin değişeceğini ve kimin onaylayacağını gösterir",
        "promote": "başka bir sürüm hizmet verir; aynı önizleme ve aynı onayla",
        "shift": "trafiği sürümler arasında paylaştırır",
        "pause": "bir modeli ya da ajanı sürdürülene kadar hizmetten alır",
        "resume": "duraklatılmış model ya da ajan yeniden hizmet verir",
        "retrain": "modeli yeniden eğitir; önce veriyi, maliyeti, kimin onaylayacağını gösterir; durumu status söyler",
        "evaluate": "başka bir sürümü hizmet verenle aynı veride karşılaştırır; hiçbir şey değişmez",
        "models": "neyin, ne zamandan beri hizmet verdiği ve dönüş yolu; hepsi ya da biri için",
        "approvals": "birini bekleyen değişiklikler",
        "change": "bir değişikliğin şu anki durumu, düğmeleriyle",
        "oncall": "kim nöbetçi; hepsi için ya da bir model, ekip, nöbet, birim için; nöbetleriniz, değiş tokuşlar",
        "handovers": "nöbetinizin ya da bir çizelgenin devrinde ne yazdığı; sizinse düğmeleriyle",
        "postmortem": "bir olayın incelemesini hemen taslak olarak yazar ya da takip işleriyle gösterir",
        "insights": "olayların ne kadar çabuk üstlenilip kapandığı, çağrılar ve hangi izleyicilerin değdiği",
        "link": "bana kim olduğunuzu söyler",
        "help": "bu liste",
    },
    labels={
        "menu": "Menü",
        "declare": "Olay bildir",
        "list": "Açık olaylar",
        "mine": "Olaylarım",
        "show": "Göster",
        "silence": "Sustur",
        "silences": "Susturmalar",
        "unsilence": "Susturmayı bitir",
        "maintenance": "Bakım",
        "silence-now": "Sustur",
        "note": "Not ekle",
        "severity": "Önemi değiştir",
        "merge": "Birleştir",
        "hold": "Hukuki koruma",
        "serious": "Ciddi olarak işaretle",
        "reported": "Bildirim yapıldı",
        "unhold": "Korumayı kaldır",
        "review": "Gözden geçir",
        "explain": "Açıkla",
        "pages": "Çağrılar",
        "picture": "Resimler",
        "page": "Birini çağır",
        "rollback": "Geri al",
        "promote": "Yükselt",
        "shift": "Trafiği kaydır",
        "pause": "Duraklat",
        "resume": "Sürdür",
        "retrain": "Yeniden eğit",
        "evaluate": "Değerlendir",
        "models": "Modeller ve ajanlar",
        "approvals": "Onaylar",
        "change": "Değişikliği göster",
        "oncall": "Kim nöbetçi",
        "handovers": "Nöbet devri",
        "postmortem": "Olay incelemesi",
        "insights": "Sayılar",
        "link": "Hesabımı bağla",
        "help": "Yardım",
    },
    phases={
        "triggered": "yanıt bekliyor",
        "acknowledged": "üstlenildi",
        "mitigated": "etkisi azaltıldı",
        "resolved": "çözüldü",
    },
    none_open="Açık olay yok.",
    none_mine="Sizde olan ya da sizi bekleyen olay yok.",
    open_now="Açık olaylar: {names}",
    yours_now="Olaylarınız: {names}",
    more="… ve {count} tane daha",
    listed=" {severity} · {about} · {title} · {state} · başlangıç: {since}",
    waits="beklenen: {tier}",
    held="{phase}: {who}",
    which="Hangisi? Örneğin: {example}",
    on_call="Nöbetçiler: {names}",
    until="{rota}: {who} (bitiş: {until})",
    then="    sonra {who} (bitiş: {until})",
    answers_for="{what}: {who}",
    nobody="hiç kimse",
    no_rota="Tanımlı nöbet yok. config/rotas.yaml dosyasına bir tane yazın.",
    explained="{incident}: {why}",
    pages="{incident}: {count} çağrı",
    no_pages="{incident}: kimse çağrılmadı.",
    sheet="{tier}, {who}: {by} ile",
    as_named="numarası {id}",
    along="{page} ile birlikte",
    page_states={
        "decided": "karar",
        "due": "sırası",
        "claimed": "ele alındı",
        "sent": "gönderildi",
        "delivered": "ulaştı",
        "answered": "yanıtlandı",
        "failed": "başarısız",
        "moot": "gerek kalmadı",
    },
    rung="{tier}, açıldıktan {after} dk sonra: {who}",
    rung_now="{tier}, hemen: {who}",
    because="    nedeni: {why}",
    unknown="“{word}” ne demek, bilmiyorum.",
    closest="Bunu mu demek istediniz: {names}?",
    ask_help="Yapabileceklerinizin tümü için {command} yazın.",
    like_this="Şöyle yazın: {usage}",
    does="Ne yapar: {what}.",
    no_target="Bu adda bir kişi, ekip ya da nöbet tanımıyorum: {word}.",
    no_account="config/people.yaml içinde bu Slack hesabı kimsede yok.",
    no_severity="{word} bir önem derecesi değil; olanlar: {known}.",
    no_minutes="{word} bir dakika ile bir hafta arasında bir süre değil; 30, 30m ya da 2h yazın.",
    menu="Ne yapmak istersiniz?",
    menu_incident="{incident} · {severity} · {about}: ne yapmak istersiniz?",
    menu_done="{incident}: {phase}.",
    menu_entity="{entity}: ne yapmak istersiniz?",
    menu_stranger="Sizi henüz tanımıyorum: bakabilir ama işlem yapamazsınız. Daha fazlası için hesabınızı bağlayın.",
    menu_admin="Yöneticisiniz: eklentilerin durumu Home sekmemde; terminalde `tocsin doctor` daha fazlasını söyler.",
    help_title="Yapabilecekleriniz:",
    help_line="{command} — {what} (düğme: {label})",
    help_hint="Hepsi, beni anarak ya da bana doğrudan mesaj yazarak da çalışır.",
    reaction_nowhere=(
        "Bu mesaj hiçbir olaya ait değil, bu yüzden not alınmadı. Emojiyi bir olayın kendi kanalında ya da kartının "
        "altındaki yazışmada kullanın veya “Add to timeline” kısayolunu seçin."
    ),
    reaction_which="Burada birden çok açık olay var: {names}. Hangisi olduğunu “Add to timeline” kısayoluyla söyleyin.",
    reaction_unread="Bu mesajı okuyamıyorum ({code}), bu yüzden not alınmadı. {do}",
    reaction_empty="Bu mesajda yazı yok, bu yüzden not alınmadı.",
)
