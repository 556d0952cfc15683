"""What a rule answers to a press: go, or why not."""

from enum import Enum


class Verdict(Enum):
    """Each member's value is the sentence its presser reads."""

    GO = "Done."
    ALREADY = "That has been done already."
    STALE = "The incident has changed since you saw this card; look again, then press again."
    RESOLVED = "The incident is resolved; there is nothing left to do."
    STRANGER = "I do not know you: nobody in config/people.yaml has your Slack id. Ask your ML platform team."
    NOT_ALLOWED = "You are not on any tier of this incident, nor in the team that owns it."
    ITSELF = "An incident cannot become part of itself."
    OVER = "That incident is resolved already; choose one that is open."
    NOT_ALLOWED_THERE = "You are not on any tier of the incident that would go on, nor in the team that owns it."
    YOURSELF = "Behind that name is nobody but you."
    UNREACHABLE = "Nobody who can be reached is behind that name now."
    NOT_YOURS = (
        "You may silence what names a model or entity of your own team, or what hits only incidents you respond to."
    )
    ADMINS_ONLY = "This would hit every alert there is; only the admins of config/people.yaml may do that."
    UNSURE = "This would hit every alert there is. If that is what you want, say so once more."
    EXHAUSTED = "There is no tier above this one; everybody has been paged."
    LEADS_ONLY = "Only leads of teams of that entity and the admins of config/people.yaml may do that."
    NO_GLASS = "The runbook does not let one person do this alone: somebody else must agree."
    NO_REASON = "Breaking the glass needs a reason of at least ten characters, for those who read it next day."
    OWN_REVIEW = "Whoever asked for the change cannot be the one who reviews it."
    NOT_POSSIBLE = "That cannot be done as it was asked for."
    NO_WHY = "Say why: nothing in production changes without a reason."
    NOT_YOUR_MODEL = "You are not on any tier of its runbook, nor in the team that owns it."
    FORBIDDEN = "Changes are forbidden now."
    LOCKED = "Another change of that model is under way; wait until it has ended, or withdraw it."
    NOT_YOUR_ROTA = (
        "You may change your own shifts alone; all else is for the rota's owner team, its lead and the admins."
    )
    NO_APPROVERS = (
        "Besides its requester too few may agree to it now, so it cannot go on. See `approvers` in estate.yaml."
    )
    GONE = "Its model is not in the configuration any more."
    DECIDED = "It has been decided already; look at it as it is now."
    EXPIRED = "Nobody agreed in time, so it ran out; propose it again."
    PLAN_STALE = "The plan is not the one you saw; look again, then decide."
    PLAN_SWAPPED = "The plan that is kept is not the one that was proposed. Agree to nothing, and tell who runs Tocsin."
    SAME_PERSON = "You asked for it, so somebody else must agree."
    NOT_AN_APPROVER = "You are not among those who may agree to it."
    WORTHLESS = "That button is worth nothing; look at the card as it is now."
    USED = "That button has been used already; look at the card as it is now."
    NOT_AN_AUTHOR = "Only the team that owns it, whoever holds or owns it, leads and admins may write on it."
    NOT_YOURS_TO_WITHDRAW = "Only who asked for it, and those who may agree to it, can take it back."

    @property
    def sentence(self) -> str:
        """The reason, for the person."""
        return self.value
