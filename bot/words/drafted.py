"""What is answered to whoever drafts, edits or moves a postmortem, and what whoever owes one is told."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Drafted:
    """English."""

    drafted: str = "{postmortem} of {incident} is drafted."
    drafted_already: str = "{postmortem} is its postmortem already."
    fresh: str = "{postmortem} says what the log says; there is nothing to redraw."
    refreshed: str = "{postmortem}: {count} sections were redrawn."
    refreshed_moved: str = (
        "{postmortem}: {count} sections were redrawn. What people had written inside of them stands below: {names}."
    )
    same: str = "{postmortem} says so already."
    outrun: str = (
        "Somebody else edited {postmortem} meanwhile, it is at version {version} now. Your text is kept in the log."
    )
    edited: str = "{postmortem} is at version {version} now."
    assigned: str = "{who} owns {postmortem} from now on."
    dated: str = "{postmortem} is due on {date}."
    stands: str = "{postmortem} is {standing} already."
    cannot_move: str = "{postmortem} is {standing}, so it cannot become: {to}."
    moved: str = "{postmortem}: {standing}."
    is_published: str = "{postmortem} is published. Move it back to draft, then correct it."
    still_open: str = "{incident} is still open. Publish once it is over, or say why now."
    unfit: str = "{postmortem} is not fit to be published yet: {findings} Mend that, or say why it goes out as it is."
    owed: str = "{incident} ({title}) is over, and its postmortem {postmortem} is drafted for you. It is due by {date}."
    late: str = "The postmortem {postmortem} of {incident} ({title}) was due by {date}. Publish it, or set another day."
    late_nobody: str = "The postmortem {postmortem} of {incident} ({title}) was due by {date}, and nobody owns it."


TURKISH = Drafted(
    drafted="{incident} için {postmortem} taslağı hazır.",
    drafted_already="Bu olayın incelemesi zaten var: {postmortem}.",
    fresh="{postmortem} günlükle aynı; yenilenecek bir şey yok.",
    refreshed="{postmortem}: {count} bölüm yenilendi.",
    refreshed_moved=(
        "{postmortem}: {count} bölüm yenilendi. İçlerine elle yazılanlar bölümlerin altına alındı: {names}."
    ),
    same="{postmortem} zaten böyle.",
    outrun=(
        "Bu arada başkası {postmortem} belgesini düzenledi, şimdi {version}. sürümde. Metniniz günlükte saklanıyor."
    ),
    edited="{postmortem} şimdi {version}. sürümde.",
    assigned="{postmortem} bundan böyle {who} üzerinde.",
    dated="{postmortem} için son gün: {date}.",
    stands="{postmortem} zaten bu durumda: {standing}.",
    cannot_move="{postmortem} şu durumda: {standing}; şuna geçemez: {to}.",
    moved="{postmortem}: {standing}.",
    is_published="{postmortem} yayımlandı. Önce taslağa geri alın, sonra düzeltin.",
    still_open="{incident} hâlâ açık. Bittiğinde yayımlayın ya da neden şimdi olduğunu yazın.",
    unfit="{postmortem} henüz yayımlanamaz: {findings} Bunu düzeltin ya da neden böyle çıkacağını yazın.",
    owed="{incident} ({title}) bitti, incelemesi {postmortem} sizin için taslak olarak hazır. Son gün: {date}.",
    late="{postmortem} için son gün {date} idi ({incident}, {title}). Yayımlayın ya da başka bir gün belirleyin.",
    late_nobody="{postmortem} için son gün {date} idi ({incident}, {title}) ve sahibi yok.",
)
