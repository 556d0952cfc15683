"""What is said of test pages: how the last one of each way went, and to whom they went unanswered."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Tested:
    """English."""

    # on somebody's own page, behind how it stands with a way
    way: str = "{channel}"
    waiting: str = " · tested {when}, not answered"
    answered: str = " · tested {when}, answered {answered}"
    failed: str = " · tested {when}, not sent: {why}"
    # on the test page itself
    title: str = "Test page: nothing is wrong"
    asked: str = "You asked for a test."
    weekly: str = "The weekly test: answer it as you would a real page."
    # to whoever did not answer
    missed: str = (
        "You are on call, and a test page by {ways} was not answered since {day}. If it did not come, or did not wake "
        "you, mend that way now: a real page would go there, too. The Home tab sends you another test."
    )
    missed_one: str = "{channel} (not sent: {why})"
    lead: str = (
        "{person} is on call and has not answered test pages by {ways} two weeks in a row. A page by night may not "
        "reach them: look at it together."
    )


TURKISH = Tested(
    way="{channel}",
    waiting=" · deneme: {when}, yanıtlanmadı",
    answered=" · deneme: {when}, yanıt: {answered}",
    failed=" · deneme: {when}, gönderilemedi: {why}",
    title="Deneme çağrısı: sorun yok",
    asked="Bir deneme istediniz.",
    weekly="Haftalık deneme: gerçek bir çağrıymış gibi yanıtlayın.",
    missed=(
        "Nöbettesiniz ve {day} gününden beri şu yollardan gelen deneme çağrısına yanıt vermediniz: {ways}. Gelmediyse "
        "ya da sizi uyandırmadıysa o yolu şimdi düzeltin: gerçek çağrı da oradan gelir. Home sekmesinden yeni bir "
        "deneme isteyebilirsiniz."
    ),
    missed_one="{channel} (gönderilemedi: {why})",
    lead=(
        "{person} nöbette ve iki haftadır şu yollardan gelen deneme çağrılarına yanıt vermiyor: {ways}. Gece gelen bir "
        "çağrı ona ulaşmayabilir: birlikte bakın."
    ),
)
