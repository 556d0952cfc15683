"""What stands in the picture of a rota's coming weeks, and what is read aloud in its place."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Picture:
    """English."""

    title: str = "On call for {rota}"
    span: str = "{start} – {end}  ·  times of {zone}"
    days: str = "Mon Tue Wed Thu Fri Sat Sun"
    months: str = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec"
    week: str = "W{number}"
    hours: str = "{count} h"
    now: str = "now"
    nobody: str = "nobody"
    gaps: str = "{count} × nobody, {hours} h in all"
    covered: str = "always somebody"
    since: str = "from {start}"
    until: str = "until {end}"
    stands_in: str = "stands in (override)"
    covers: str = "covers as well"
    temporary: str = "temporary schedule"
    night: str = "night, 22–07"
    crowded: str = "+{count} at once do not fit"
    aloud: str = "{title}, {span}. {gaps}. {turns}"
    turns_more: str = "And {count} more."

    # where it is asked for
    button: str = "Weeks as a picture"
    sent: str = "{title}: the coming weeks are in our direct messages, as a picture."
    not_sent: str = "Slack does not take the picture of it: {code}."


TURKISH = Picture(
    title="Nöbet: {rota}",
    span="{start} – {end}  ·  {zone} saatiyle",
    days="Pzt Sal Çar Per Cum Cmt Paz",
    months="Oca Şub Mar Nis May Haz Tem Ağu Eyl Eki Kas Ara",
    week="H{number}",
    hours="{count} sa",
    now="şimdi",
    nobody="kimse yok",
    gaps="{count} × kimse yok, toplam {hours} sa",
    covered="her an biri var",
    since="{start} itibarıyla",
    until="bitiş: {end}",
    stands_in="yerine geçiyor",
    covers="destek oluyor",
    temporary="geçici çizelge",
    night="gece, 22–07",
    crowded="aynı anda {count} kişi daha sığmadı",
    aloud="{title}, {span}. {gaps}. {turns}",
    turns_more="Ve {count} nöbet daha.",
    button="Haftalar, resim olarak",
    sent="{title}: önümüzdeki haftaların resmi aramızdaki doğrudan mesajlarda.",
    not_sent="Slack bunun resmini kabul etmiyor: {code}.",
)
