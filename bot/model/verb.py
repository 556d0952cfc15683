"""What a person can do to an incident."""

from enum import StrEnum


class Verb(StrEnum):
    """Each is one press, one command and one entry of the log; `detail` is what a press of it carries besides."""

    ACKNOWLEDGE = "acknowledge"
    ESCALATE = "escalate"
    HAND_OVER = "hand-over"  #: detail: the target who shall take it, person:NAME or rota:NAME or team:NAME
    SNOOZE = "snooze"  #: detail: minutes
    RESOLVE = "resolve"
    FALSE_ALARM = "false-alarm"
    REGRADE = "regrade"  #: detail: the severity
    MERGE = "merge"  #: detail: the incident that goes on
    PAGE = "page"  #: detail: the target who is asked to join; whoever holds it goes on holding it
    NOTE = "note"  #: detail: the words
    ATTEND = "attend"  #: whoever holds it is at it; by anybody else, it is theirs from then on
    TICK = "tick"  #: detail: the id of a step of the runbook's checklist
    UNTICK = "untick"  #: detail: the same
