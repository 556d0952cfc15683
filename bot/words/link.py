"""What is said about who somebody is: why they are refused, and how a Slack account is linked to a person."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Link:
    """English."""

    # refused at the moment of the press
    foreign: str = "Your account belongs to another workspace, and I take orders from this one only. Ask somebody here."
    guest: str = "Your account is a guest's, and guests cannot act here. Ask a full member, or an admin of Slack."
    closed: str = "Your Slack account is closed, so nothing was done."
    bot: str = "I take orders from people only, not from bots."
    unsure: str = "Slack does not tell me just now who you are ({code}), so nothing was done. Try again in a moment."
    unseen: str = (
        "I do not know you, and I may not ask Slack who you are ({code}). Ask {admins} to give me the scope users:read."
    )

    # the offer
    unknown: str = "I do not know you yet, so nothing was done: {what}."
    who: str = "Who are you? Choose your name, and somebody who answers for that person is asked whether it is so."
    then: str = "When they say yes within {minutes} minutes, it is done as you wanted it."
    choose: str = "Choose your name"
    ask: str = "Ask to be linked"
    ask_whoever: str = "Whoever answers for that person gets a message and decides."
    not_me: str = "Not yet"
    nobody_left: str = "I do not know you, and nobody in my configuration is without a Slack account. Ask {admins}."
    more_people: str = "Only the first {count} names fit here. If yours is missing, ask {admins}."
    form_kept: str = "I do not know you yet, so this was not done. It is kept; my message tells how to go on."
    known: str = "You are {person} to me; there is nothing to link."
    asked: str = "I have asked {names} whether you are {person}. You will hear from me."
    nobody: str = "nobody"

    # the request
    vouch: str = "{user} says that they are {person}. Is that so?"
    wanted: str = "If you say yes, this is done for them at once: {what}."
    yes: str = "Yes, it is {person}"
    yes_short: str = "Yes"
    no: str = "No"
    yes_title: str = "Is it really {person}?"
    yes_text: str = "From then on that account can do whatever {person} may do."
    vouched: str = "{voucher}: {user} is {person}."
    declined: str = "{voucher}: {user} is not {person}. Nothing has changed."

    # the end
    linked: str = "You are {person} from now on; {voucher} has said so."
    refused: str = "{voucher} says that you are not {person}, so nothing was done. If that is wrong, speak to them."
    late: str = "What you wanted ({what}) is {minutes} minutes old, so it was not done. Look again, then repeat it."


TURKISH = Link(
    foreign="Hesabınız başka bir çalışma alanına ait; ben yalnızca bu alandakilerin isteklerini yerine getirebilirim.",
    guest="Hesabınız misafir hesabı; misafirler burada işlem yapamaz. Bir üyeden ya da Slack yöneticinizden isteyin.",
    closed="Slack hesabınız kapatılmış, bu yüzden hiçbir şey yapılmadı.",
    bot="Yalnızca insanların isteklerini yerine getiririm, botlarınkini değil.",
    unsure="Slack şu anda kim olduğunuzu bildirmiyor ({code}); hiçbir şey yapılmadı. Birazdan yeniden deneyin.",
    unseen=(
        "Sizi tanımıyorum ve kim olduğunuzu sormaya Slack yetkim yok ({code}). "
        "Bana users:read yetkisini verebilecek kişiler: {admins}."
    ),
    unknown="Sizi henüz tanımıyorum, bu yüzden yapılmadı: {what}.",
    who="Kimsiniz? Adınızı seçin; o kişiden sorumlu birine doğru olup olmadığı sorulur.",
    then="{minutes} dakika içinde onaylanırsa isteğiniz olduğu gibi yerine getirilir.",
    choose="Adınızı seçin",
    ask="Bağlanmak iste",
    ask_whoever="Karar, o kişiden sorumlu olanlara sorulur.",
    not_me="Şimdi değil",
    nobody_left="Sizi tanımıyorum; yapılandırmada hesabı olmayan kimse kalmamış. Sorabileceğiniz kişiler: {admins}.",
    more_people="Buraya yalnızca ilk {count} ad sığdı. Sizinki yoksa sorabileceğiniz kişiler: {admins}.",
    form_kept="Sizi henüz tanımıyorum, bu yüzden yapılmadı. Yazdıklarınız saklandı; nasıl devam edileceği mesajımda.",
    known="Sizi zaten tanıyorum: {person}. Bağlanacak bir şey yok.",
    asked="{person} olup olmadığınızı sordum: {names}. Sonucu size bildireceğim.",
    nobody="hiç kimse",
    vouch="{user} kendisinin {person} olduğunu söylüyor. Doğru mu?",
    wanted="Evet derseniz onun adına hemen şu yapılır: {what}.",
    yes="Evet, bu {person}",
    yes_short="Evet",
    no="Hayır",
    yes_title="Gerçekten {person} mi?",
    yes_text="Bundan sonra bu hesap şu kişinin yetkili olduğu her şeyi yapabilir: {person}.",
    vouched="{voucher}: {user} = {person}.",
    declined="{voucher}: {user}, {person} değil. Hiçbir şey değişmedi.",
    linked="Bundan böyle sizi {person} olarak tanıyorum; onaylayan: {voucher}.",
    refused="{person} olduğunuz onaylanmadı, bu yüzden hiçbir şey yapılmadı. Yanlışlık varsa konuşun: {voucher}.",
    late="İsteğinizin ({what}) üzerinden {minutes} dakika geçtiği için yapılmadı. Önce duruma bakın, sonra yineleyin.",
)
