"""What is to be drawn anew once a postmortem or one of its follow-ups has changed."""

from bot.engine import escalate
from bot.model.job import Lane, NewJob
from bot.store import Tx, jobs

CARD = "postmortem_card"  #: the job that draws it in the thread of its incident's card


def redraw(tx: Tx, incident: str) -> None:
    """Ask for the card of the incident's postmortem, and for everybody's own page, to be drawn as they stand."""
    about = {"incident": incident}
    jobs.put(tx, NewJob(f"{CARD}/{incident}", CARD, Lane.CARD, tx.now, about), escalate.homes(tx.now))
