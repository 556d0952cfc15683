"""What the card of a postmortem says, its buttons and forms, and what is answered about them."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Reviewing:
    """English. Titles and what stands on the buttons at the foot of a form have at most 24 characters."""

    # the card
    header: str = "Postmortem of {incident}: {standing}"
    push: str = "Postmortem of {incident}: {standing}. {title}"
    standing_draft: str = "draft"
    standing_review: str = "in review"
    standing_published: str = "published"
    about: str = "{postmortem} · {title}"
    owner: str = "Written by {who}."
    no_owner: str = "Nobody writes it yet."
    due: str = "Due {when}."
    late: str = "It was due {when}."
    published: str = "Published {when}."
    findings: str = "The linter asks for {count} things:"
    finding: str = "line {line}: {sentence}"
    more: str = "and {count} more"
    clean: str = "The linter finds nothing."
    follow_ups: str = "Follow-ups"
    no_follow_up: str = "No follow-up is written down."
    sent: str = "Sent to {where}."
    unsent: str = "Not sent to {where} yet: {why}"
    edit: str = "Edit"
    add: str = "Add a follow-up"
    refresh: str = "Refresh the facts"
    state: str = "Change its state"
    file: str = "As a Markdown file"
    show: str = "Show"
    open: str = "Postmortem"
    aloud: str = "{label}: {postmortem} of {incident}"

    # answers
    which: str = "Of which incident? These are the newest that are resolved:"
    nothing_yet: str = "No incident was resolved yet. When one is: /postmortem INC-7"
    no_file: str = "The file could not be sent ({code}). Read it by: tocsin postmortem show {postmortem}"
    file_sent: str = "{postmortem} was sent to you as a file. Edit it, then send it back to me here, under its name."
    file_lead: str = "{postmortem} of {incident}, version {version}. Edit the file, then send it back to me here."
    file_wrong: str = "{name} is no postmortem of mine: keep the name under which I sent it, such as PM-7-v3.md."
    file_stale: str = (
        "{postmortem} was changed since version {version}, so your file was not taken; it is kept here. "
        "Take the new one, move your words over, and send that."
    )
    file_unread: str = "{name} could not be read ({code}). Without it: tocsin postmortem edit {postmortem}"
    file_big: str = "{name} is larger than {most} kB; a postmortem is not."

    # the form that edits
    edit_of: str = "{postmortem} of {incident}, version {version}. What Tocsin keeps by itself is not shown here."
    edit_long: str = "“{title}” is longer than a form holds: take the file, or tocsin postmortem edit {postmortem}"
    edit_more: str = "{count} more passages do not fit here: take the file, or tocsin postmortem edit {postmortem}"
    edit_hint: str = "Markdown. Leave empty what does not apply."
    edit_none: str = "There is nothing people write in this document; add a heading in the file."
    edit_gone: str = "“{title}” was moved or taken out meanwhile. Copy your words, then open the form again."
    edit_theirs: str = "As it stands now, written by somebody else meanwhile: {text}"
    edit_clash: str = (
        "Somebody else changed {titles} meanwhile. Your words stand in the form, theirs below them: "
        "join the two, then send again."
    )
    edit_same: str = "Nothing was changed."

    # the other forms
    move_to: str = "Its state"
    move_why: str = "Why, in spite of what the linter says"
    move_why_hint: str = "Needed only to publish over what is marked with !"
    move_hard: str = "! {sentence}"
    fu_what: str = "What shall be done"
    fu_placeholder: str = "Alert when the null rate of income doubles"
    fu_owner: str = "Who"
    fu_owner_placeholder: str = "Choose somebody"
    fu_due: str = "By when"
    fu_due_placeholder: str = "2026-12-01, 10d or 2w"
    fu_link: str = "Its ticket"
    fu_link_placeholder: str = "https://…, where it is tracked"
    fu_why: str = "Why it need not be done"
    fu_why_placeholder: str = "Why? It goes into the log"
    fu_of: str = "A follow-up of {incident}. Its owner is reminded a day before, on the day, and then each week."


TURKISH = Reviewing(
    header="{incident} olay incelemesi: {standing}",
    push="{incident} olay incelemesi: {standing}. {title}",
    standing_draft="taslak",
    standing_review="gözden geçiriliyor",
    standing_published="yayımlandı",
    about="{postmortem} · {title}",
    owner="Yazan: {who}.",
    no_owner="Henüz kimse yazmıyor.",
    due="Son gün: {when}.",
    late="Son günü geçti: {when}.",
    published="Yayımlandı: {when}.",
    findings="Denetimin istediği {count} şey var:",
    finding="{line}. satır: {sentence}",
    more="ve {count} tane daha",
    clean="Denetim bir şey bulmadı.",
    follow_ups="Takip işleri",
    no_follow_up="Yazılmış takip işi yok.",
    sent="Gönderildi: {where}.",
    unsent="Henüz gönderilmedi: {where}, {why}",
    edit="Düzenle",
    add="Takip işi ekle",
    refresh="Bilgileri yenile",
    state="Durumunu değiştir",
    file="Markdown dosyası olarak",
    show="Göster",
    open="Olay incelemesi",
    aloud="{label}: {postmortem}, {incident}",
    which="Hangi olayın? En son çözülenler:",
    nothing_yet="Henüz çözülmüş olay yok. Olduğunda: /postmortem INC-7",
    no_file="Dosya gönderilemedi ({code}). Okumak için: tocsin postmortem show {postmortem}",
    file_sent="{postmortem} size dosya olarak gönderildi. Düzenleyin, sonra aynı adla buradan bana geri gönderin.",
    file_lead="{incident} için {postmortem}, sürüm {version}. Dosyayı düzenleyin, sonra buradan bana geri gönderin.",
    file_wrong="{name} bana ait bir inceleme değil: gönderdiğim adı koruyun, örneğin PM-7-v3.md.",
    file_stale=(
        "{postmortem} {version}. sürümden beri değişti, bu yüzden dosyanız alınmadı; burada duruyor. "
        "Yenisini alın, sözlerinizi ona taşıyın ve onu gönderin."
    ),
    file_unread="{name} okunamadı ({code}). Onsuz da olur: tocsin postmortem edit {postmortem}",
    file_big="{name} {most} kB boyutundan büyük; bir inceleme o kadar olmaz.",
    edit_of="{incident} için {postmortem}, sürüm {version}. Tocsin'in kendi tuttukları burada gösterilmez.",
    edit_long="“{title}” bir forma sığmayacak kadar uzun: dosyayı alın, ya da tocsin postmortem edit {postmortem}",
    edit_more="{count} parça daha buraya sığmıyor: dosyayı alın, ya da tocsin postmortem edit {postmortem}",
    edit_hint="Markdown. İlgisi olmayanı boş bırakın.",
    edit_none="Bu belgede insanların yazdığı bir yer yok; dosyada bir başlık açın.",
    edit_gone="“{title}” bu arada taşındı ya da çıkarıldı. Sözlerinizi kopyalayın, sonra formu yeniden açın.",
    edit_theirs="Bu arada başkasının yazdığı, şimdiki hali: {text}",
    edit_clash=(
        "{titles} bu arada başkası tarafından değiştirildi. Sizin sözleriniz formda, onlarınki altında duruyor: "
        "ikisini birleştirip yeniden gönderin."
    ),
    edit_same="Hiçbir şey değişmedi.",
    move_to="Durumu",
    move_why="Denetimin dediğine rağmen neden",
    move_why_hint="Yalnızca ! ile işaretliler varken yayımlamak için gerekir",
    move_hard="! {sentence}",
    fu_what="Ne yapılacak",
    fu_placeholder="Gelir alanında boş oranı iki katına çıkınca uyar",
    fu_owner="Kim",
    fu_owner_placeholder="Birini seçin",
    fu_due="Ne zamana kadar",
    fu_due_placeholder="2026-12-01, 10d ya da 2w",
    fu_link="Bileti",
    fu_link_placeholder="https://…, izlendiği yer",
    fu_why="Neden yapılmasına gerek yok",
    fu_why_placeholder="Neden? Kayda geçer",
    fu_of="{incident} için bir takip işi. Sahibine bir gün önce, o gün ve sonra her hafta hatırlatılır.",
)
