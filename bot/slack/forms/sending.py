"""What comes of a form that asks the engine for one verb: done, or again with the reason under its field."""

from bot.engine import respond
from bot.errors import BadInput, NotFound
from bot.model.verb import Verb
from bot.model.verdict import Verdict
from bot.slack import pieces
from bot.slack.forms.form import Again, Done, Errand, Problem


async def press(errand: Errand, verb: Verb, *, detail: str = "", why: str = "", field: str = "") -> Done | Again:
    """Ask for `verb`; what is wrong with the detail is said under `field`. StoreDown."""
    seed, caller = errand.seed, errand.caller
    wanted = respond.Press(
        verb,
        errand.incident,
        caller.by,
        errand.now,
        "form",
        seed.seen_version,
        detail,
        why,
        caller.words.language,
    )
    try:
        answer = await respond.take(errand.desk, wanted)
    except (BadInput, NotFound) as error:
        return Again(Problem(str(error), field))
    return outcome(answer, field if answer.verdict in ABOUT_DETAIL else "")


#: Verdicts that blame what was chosen in the form, not who sent it or when.
ABOUT_DETAIL = frozenset(
    {Verdict.ITSELF, Verdict.OVER, Verdict.NOT_ALLOWED_THERE, Verdict.UNREACHABLE, Verdict.YOURSELF}
)


def outcome(answer: respond.Answer, field: str = "") -> Done | Again:
    """The engine's answer as the end of a form, or as the reason why it stands there again."""
    if answer.verdict is Verdict.GO:
        return Done(([pieces.say(answer.sentence, 2_000)],))
    return Again(Problem(answer.sentence, field), answer.incident.version)
