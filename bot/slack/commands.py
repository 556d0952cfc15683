"""The one table of what people can tell the bot in words, and how their words are read."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

from bot import words
from bot.model.verb import Verb
from bot.slack import pieces, spoken
from bot.slack.pieces import Message
from bot.words import Words


class Second(Enum):
    """What an order needs to know besides the incident."""

    TARGET = "PERSON|TEAM"
    MINUTES = "30m"
    SEVERITY = "sev1"
    GOAL = "INC-3"


@dataclass(frozen=True, slots=True)
class Command:
    """One order: its name, what else it is called, how it is written, and what it needs."""

    name: str
    also: tuple[str, ...]
    usage: str  #: as typed, slash and all
    verb: Verb | None = None  #: what the engine calls it
    incident: bool = False  #: it is about one incident
    second: Second | None = None
    words: bool = False  #: it ends in free words
    form: str = ""  #: what is opened when something is missing
    anybody: bool = False  #: people whom nobody has linked to a person may give it, too
    hidden: bool = False  #: not a line of the help


@dataclass(frozen=True, slots=True)
class Order:
    """What somebody wants, as they said it; what was left out is empty."""

    act: str
    incident: str | None = None
    second: str = ""
    words: str = ""
    loose: bool = False  #: the incident was a bare number before free words, so it may be one of them

    @property
    def command(self) -> Command:
        """Its row in the table."""
        return COMMANDS[self.act]


_I = "/incident"
TABLE = (
    Command("declare", ("new", "open", "bildir", "aç"), f"{_I} declare [title]", words=True, form="declare"),
    Command("list", ("ls", "liste"), f"{_I} list", anybody=True),
    Command("mine", ("my", "olaylarım"), f"{_I} mine"),
    Command("show", ("see", "status", "göster"), f"{_I} show INC-7", incident=True, anybody=True),
    Command("ack", ("acknowledge", "take", "üstlen"), f"{_I} ack INC-7", Verb.ACKNOWLEDGE, True),
    Command("attend", ("on-it", "onit", "ilgileniyorum"), f"{_I} attend INC-7", Verb.ATTEND, True),
    Command("resolve", ("close", "done", "çöz", "çözüldü"), f"{_I} resolve INC-7", Verb.RESOLVE, True),
    Command("escalate", ("yükselt",), f"{_I} escalate INC-7", Verb.ESCALATE, True),
    Command(
        "handover",
        ("hand-over", "assign", "devret"),
        f"{_I} handover INC-7 PERSON",
        Verb.HAND_OVER,
        True,
        Second.TARGET,
        words=True,
        form="hand-over",
    ),
    Command("snooze", ("ertele",), f"{_I} snooze INC-7 30m", Verb.SNOOZE, True, Second.MINUTES, form="snooze"),
    Command(
        "silence",
        ("mute", "sustur"),
        f"{_I} silence [INC-7 | model = churn] [for 2h] [because WHY]",
        incident=True,
        words=True,
        form="silence",
    ),
    Command("silences", ("mutes", "susturmalar"), f"{_I} silences", anybody=True),
    Command("unsilence", ("unmute", "sesli"), f"{_I} unsilence SIL-3", words=True),
    Command(
        "maintenance",
        ("bakım",),
        f"{_I} maintenance MODEL|ENTITY|CONNECTION 2h [from 2026-12-01 02:00] because WHY",
        words=True,
        form="silence",
    ),
    Command("silence-now", (), f"{_I} silence", incident=True, words=True, hidden=True),
    Command("note", ("jot",), f"{_I} note INC-7 words", Verb.NOTE, True, words=True, form="note"),
    Command(
        "severity",
        ("sev", "grade", "önem"),
        f"{_I} severity INC-7 sev1",
        Verb.REGRADE,
        True,
        Second.SEVERITY,
        form="regrade",
    ),
    Command("merge", ("birleştir",), f"{_I} merge INC-7 INC-3", Verb.MERGE, True, Second.GOAL, form="merge"),
    Command(
        "falsealarm",
        ("false-alarm", "false", "yanlış"),
        f"{_I} falsealarm INC-7 [why]",
        Verb.FALSE_ALARM,
        True,
        words=True,
        form="false-alarm",
    ),
    Command("hold", ("legal-hold", "koru"), f"{_I} hold INC-7 because WHY", incident=True, words=True),
    Command("unhold", ("release-hold", "bırak"), f"{_I} unhold INC-7 because WHY", incident=True, words=True),
    Command(
        "serious",
        ("ciddi",),
        f"{_I} serious INC-7 [REGIME] [since 2026-12-01 08:00] because WHY",
        incident=True,
        words=True,
        form="serious",
    ),
    Command(
        "reported", ("bildirildi",), f"{_I} reported INC-7 [STEP] REFERENCE", incident=True, words=True, form="reported"
    ),
    Command("explain", ("why", "açıkla"), f"{_I} explain INC-7", incident=True, anybody=True),
    Command("picture", ("pictures", "chart", "resim"), f"{_I} picture INC-7", incident=True, anybody=True),
    Command("pages", ("ledger", "çağrılar"), f"{_I} pages INC-7", incident=True, anybody=True),
    Command(
        "page", ("call", "çağır"), "/page PERSON|TEAM [INC-7] [words]", Verb.PAGE, True, Second.TARGET, True, "page"
    ),
    Command(
        "rollback",
        ("roll-back", "geri-al"),
        "/rollback MODEL [VERSION] [because WHY]",
        words=True,
        form="rollback",
    ),
    Command("promote", ("terfi",), "/promote MODEL VERSION [because WHY]", words=True, form="promote"),
    Command("shift", ("traffic", "kaydır"), "/tocsin shift MODEL [because WHY]", words=True, form="shift"),
    Command("pause", ("duraklat",), "/pause MODEL [because WHY]", words=True, form="pause"),
    Command("resume", ("unpause", "sürdür"), "/resume MODEL [because WHY]", words=True, form="resume"),
    Command(
        "retrain",
        ("train", "re-train", "eğit", "yeniden-eğit"),
        "/retrain MODEL [30d] [because WHY] | status [MODEL]",
        words=True,
        form="retrain",
    ),
    Command(
        "evaluate",
        ("evaluation", "değerlendir"),
        "/tocsin evaluate [MODEL] [VERSION] [because WHY]",
        words=True,
    ),
    Command("models", ("model", "agents", "modeller"), "/models [MODEL]", words=True, anybody=True),
    Command("approvals", ("changes", "onaylar"), "/approvals [CHG-3]", words=True, anybody=True),
    Command("change", ("approve", "reject", "withdraw", "onayla"), "/tocsin change CHG-3", words=True, anybody=True),
    Command("review", ("incele",), "/tocsin review CHG-3 WORDS", words=True),
    Command(
        "oncall",
        ("on-call", "nöbet", "nöbetçi"),
        "/oncall [MODEL|TEAM|ROTA|ENTITY] | mine | covers | weeks | ask | swap | override | cover | absence [ROTA]",
        words=True,
        anybody=True,
    ),
    Command(
        "handovers",
        ("shift-handover", "devirler", "nöbet-devri"),
        "/handover [ROTA]",
        words=True,
        anybody=True,
    ),
    Command("postmortem", ("post-mortem", "pm", "olay-incelemesi"), "/postmortem [INC-7]", incident=True),
    Command("insights", ("figures", "stats", "sayılar"), "/insights [7d] [ENTITY|TEAM|MODEL|MONITOR]", words=True),
    Command("link", ("whoami", "bağla"), "/tocsin link", anybody=True),
    Command("help", ("?", "yardım"), "/tocsin help", anybody=True),
    Command("menu", ("menü",), "/tocsin", anybody=True, hidden=True),
)
COMMANDS: Mapping[str, Command] = {command.name: command for command in TABLE}
_CALLED: Mapping[str, Command] = {name: command for command in TABLE for name in (command.name, *command.also)}

#: What people say in place of an order; `what` is the rest.
_PHRASES: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), act)
    for pattern, act in (
        (
            r"(?:and )?who(?:'s| is|s)? (?:currently )?on[- ]?call(?: (?:right )?now| today)?(?: for (?P<what>.+))?",
            "oncall",
        ),
        (r"who(?:'s| is)? (?:the )?owner of (?P<what>.+)", "oncall"),
        (r"who (?:looks after|owns|answers for) (?P<what>.+)", "oncall"),
        (r"(?:(?P<what>.+) için )?(?:kim nöbetçi|nöbetçi kim)", "oncall"),
        (r"(?P<what>my shifts|when am i on call|nöbetlerim|ne zaman nöbetçiyim)", "oncall"),
        (r"(?:can (?:somebody|someone|anybody|anyone) |please )?(?P<what>cover me)(?: .+)?", "oncall"),
        (r"on[- ]?call (?:for )?(?P<what>.+)", "oncall"),
        (r"what(?:'s| is|s)? (?:still )?open|(?:list )?(?:all )?open incidents?|is anything open", "list"),
        (r"(?:açık olay(?:lar)?|neler? açık|açık ne var)(?: var mı| neler?)?", "list"),
        (r"(?:what are )?my incidents|what(?:'s| is) mine", "mine"),
        (r"who am i|ben kimim", "link"),
        (r"what can (?:i|you) do|neler yapabilirsin", "help"),
        (r"hand over (?P<what>.+)", "handover"),
        (r"(?:please )?roll back (?P<what>.+)", "rollback"),
        (r"(?:please )?roll (?P<what>\S+) back(?P<rest>.*)", "rollback"),
        (r"(?:please )?(?:re-?)?train (?P<what>\S+) (?:again|anew)(?P<rest>.*)", "retrain"),
        (r"(?P<what>\S+) (?:modelini )?yeniden eğit", "retrain"),
        (r"what (?:waits for|needs) (?:my )?approval|neler onay bekliyor", "approvals"),
        (r"false alarm(?: (?P<what>.+))?", "falsealarm"),
        (r"yanlış alarm(?: (?P<what>.+))?", "falsealarm"),
    )
)
_END = " ?!.,;:"
_MOST = 200  # characters of a phrase


def understand(text: str, w: Words) -> Order | Message:
    """The order in what somebody typed (`ack 7`, `who is on call for churn?`), or the hint that helps."""
    said = spoken.plain(text)
    if not said.strip(_END) and "?" not in said:
        return Order("menu")
    bare = said.rstrip(_END)
    if len(bare) <= _MOST:
        for pattern, act in _PHRASES:
            if found := pattern.fullmatch(bare):
                said_of = found.groupdict()
                what = f"{said_of.get('what') or ''} {said_of.get('rest') or ''}".strip()
                return _read(COMMANDS[act], what.removeprefix("the ").split(), w)
    first, *rest = said.split()
    command = _CALLED.get(first.casefold()) or _CALLED.get(first.casefold().rstrip(_END))
    return _read(command, rest, w) if command else unknown(first, w)


def label(command: Command, w: Words) -> str:
    """What the button of an order is called; those that stand on a card are called as they are there."""
    card = w.card
    on_card = {
        "ack": card.acknowledge,
        "attend": w.attending.on_it,
        "resolve": card.resolve,
        "escalate": card.escalate,
        "handover": card.hand_over,
        "snooze": card.snooze,
        "falsealarm": card.wrong,
    }
    return on_card.get(command.name) or w.talk.labels[command.name]


def unknown(word: str, w: Words) -> Message:
    """Says that there is no such order, and which come close."""
    near = spoken.closest(word, _CALLED)
    names = dict.fromkeys(_CALLED[name].name for name in near)
    said = [words.fill(w.talk.unknown, word=pieces.shorten(word, 40))]
    said += [words.fill(w.talk.closest, names=", ".join(names))] if names else []
    return hint(" ".join([*said, words.fill(w.talk.ask_help, command="/tocsin help")]))


def usage(command: Command, w: Words) -> Message:
    """How an order is written."""
    like = words.fill(w.talk.like_this, usage=command.usage)
    return hint(f"{like} {words.fill(w.talk.does, what=w.talk.help[command.name])}")


def hint(text: str) -> Message:
    """A plain sentence."""
    return Message(pieces.push(text), (pieces.lines([pieces.say(text, 2000)]),))


def _read(command: Command, rest: Sequence[str], w: Words) -> Order | Message:
    """The order with its parts in their places; how it is written when there are too many."""
    left = list(rest)
    second, incident, loose = "", None, False
    if command.name == "page" and left and not left[0].lower().lstrip("#").startswith("inc-"):
        second = left.pop(0)
    if command.incident and left and (number := _incident(command, left)):
        loose = command.words and not command.second and left[0].strip("#").isdigit()
        incident, _ = number, left.pop(0)
    if command.second and not second and left:
        second = left.pop(0)
    said = " ".join(left)
    if said and not command.words:
        if command.second is Second.MINUTES and spoken.minutes(f"{second}{said}") is not None:
            return Order(command.name, incident, f"{second}{said}")  # 30 minutes
        return usage(command, w)
    return Order(command.name, incident, second, said, loose)


def _incident(command: Command, left: Sequence[str]) -> str | None:
    """The incident that is named first; a lone number is rather the other thing an order needs."""
    number = spoken.incident(left[0])
    if command.second in (Second.MINUTES, Second.SEVERITY, Second.GOAL):
        lone = len(left) == 1 or (command.second is Second.MINUTES and not any(map(str.isdigit, "".join(left[1:]))))
        other = command.second is Second.GOAL or not left[0].lower().lstrip("#").startswith("inc")
        return None if lone and other else number
    if command.words or command.second:
        return number
    return number or left[0]  # nothing else can be meant; the engine says what is wrong with it
