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

    @property
    def sentence(self) -> str:
        """The reason, for the person."""
        return self.value
