"""Who has opened their own page lately: kept beside where other drawings stand, under `home/TEAM/USER`.

The place is the workspace, the time that of the last opening, the digest that of what the page shows, with the account
and the language of its reader: so nothing has to be asked of Slack to draw it again.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.model.job import Lane, NewJob
from bot.store import Tx, jobs, posts
from bot.store.posts import Post

KEPT = timedelta(days=1)  #: how long after it was opened a page is kept true
NOTHING = "nothing"  #: what a page shows that Slack has not taken yet


@dataclass(frozen=True, slots=True)
class Reader:
    """Whose page it is: the account as the log names it, and the language they read when they opened it."""

    team: str
    user: str
    account: str
    language: str

    @property
    def key(self) -> str:
        """What the page is called."""
        return key(self.team, self.user)


@dataclass(frozen=True, slots=True)
class Opened:
    """A page that was opened, and the digest of what it shows."""

    reader: Reader
    at: datetime
    shows: str

    @classmethod
    def read(cls, post: Post) -> "Opened":
        """As it was written down."""
        _, team, user = post.key.split("/", 2)
        shows, account, language = post.digest.split(" ")
        return cls(Reader(team, user, account, language), datetime.fromisoformat(post.ts), shows)


def key(team: str, user: str) -> str:
    """What the page of a Slack user is called."""
    return f"home/{team}/{user}"


def all_(tx: Tx) -> list[Opened]:
    """Every page that was opened and is not forgotten yet, the newest first."""
    return sorted((Opened.read(post) for post in posts.called(tx, "home")), key=lambda one: one.at, reverse=True)


def opened(tx: Tx, one: Opened, look_at: datetime) -> None:
    """Somebody opened it; whether it is still true is looked at again at `look_at`."""
    _save(tx, one)
    jobs.put(tx, _look(look_at))


def shown(tx: Tx, page: Reader, shows: str) -> None:
    """It shows this now; when it was opened last stays as it is."""
    if post := posts.get(tx, page.key):
        was = Opened.read(post)
        _save(tx, Opened(was.reader, was.at, shows))


def forget(tx: Tx, keys: Collection[str], look_at: datetime | None) -> None:
    """Nobody looks at these any more; the others are looked at again at `look_at`."""
    posts.forget(tx, *keys)
    if look_at is not None:
        jobs.put(tx, _look(look_at))


def _save(tx: Tx, one: Opened) -> None:
    reader = one.reader
    said = f"{one.shows} {reader.account} {reader.language}"
    posts.save(tx, Post(reader.key, reader.team, one.at.isoformat(), said))


def _look(due: datetime) -> NewJob:
    return NewJob("homes", "homes", Lane.DIGEST, due, {})
