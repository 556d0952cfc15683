"""A small agent that answers refund requests: rules of its prompt choose the next tool, each step costs what it reads.

A version is a prompt (rules as data, each with its sentence), the tools it may call, and a budget of steps. Nothing
here knows which version is bad: one whose prompt lacks the rule for what it meets does what language models do then,
it looks again, wider, until its budget ends it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import orjson

from bot.errors import BadInput
from bot.sandbox.estate import serving, streams
from bot.sandbox.estate.streams import Task

Json = dict[str, Any]

NAME, ENTITY = "refund-agent", "retail"
FILE = "agent.json"  #: in a version's folder
PRICE_IN, PRICE_OUT = 3.0e-6, 15.0e-6  #: US dollars for a token that is read, and for one that is written
CHARACTERS = 4  #: of English text in a token, by the usual rule of thumb
START, GAVE_UP = "request", "gave up"
ENDS = frozenset({"refund", "hand_over", "reply"})  #: tools that end a run: the customer has an answer
BATCH = 20  #: tasks that come at a time
TRIED = 200  #: tasks a version is tried out on

_HEAD = "You are the refund agent of a shop. Think step by step. Call one tool at a time, then read what it says."
_CLOSE = {
    "after": "search_orders",
    "found": "none",
    "do": "reply",
    "say": "If a search finds nothing, tell the customer that there is no such order, and end.",
}
_RULES: tuple[Json, ...] = (
    {"after": START, "do": "get_order", "say": "Begin with get_order and the name of the customer."},
    {
        "after": "get_order",
        "found": "none",
        "do": "search_orders",
        "say": "If get_order finds nothing, search for the name and the item once: it may be written differently.",
    },
    {"found": "many", "do": "search_orders", "say": "If there are several orders, search for the one with the item."},
    _CLOSE,
    {"found": "one", "over": 50.0, "do": "hand_over", "say": "Hand anything over 50 USD to a person."},
    {"found": "one", "do": "refund", "say": "Otherwise refund the order that was found."},
)
_TOOLS: Json = {"get_order": {}, "refund": {}, "hand_over": {}, "reply": {}}
#: By version, the newest last. Tidying the prompt up for 4 lost a line, and its search may read every order.
VERSIONS: Mapping[str, Json] = {
    "3": {"head": _HEAD, "rules": _RULES, "tools": {**_TOOLS, "search_orders": {"limit": 5}}, "steps": 12},
    "4": {
        "head": _HEAD,
        "rules": tuple(rule for rule in _RULES if rule is not _CLOSE),
        "tools": {**_TOOLS, "search_orders": {"limit": None}},
        "steps": 40,
    },
}
_NOTES: Mapping[str, tuple[int, str, str]] = {  # its age in days, by whom, and what they wrote
    "3": (30, "ada", "Refunds up to 50 USD; tried out on 200 tasks."),
    "4": (0, "bo", "Prompt tidied up; searches all orders; 40 steps for hard cases."),
}


@dataclass(frozen=True, slots=True)
class Seen:
    """What a tool said, and how many orders of the customer are in it: none, one or many."""

    text: str
    found: str


@dataclass(frozen=True, slots=True)
class Call:
    """One step: the tool and what it was asked."""

    tool: str
    asked: str

    @property
    def text(self) -> str:
        """As the agent writes it."""
        return f"{self.tool}({self.asked!r})"


@dataclass(frozen=True, slots=True)
class Run:
    """What one task took; `ending` is the tool that ended it, or GAVE_UP; `read` and `written` are tokens."""

    calls: tuple[Call, ...]
    ending: str
    read: int
    written: int

    @property
    def cost(self) -> float:
        """US dollars."""
        return self.read * PRICE_IN + self.written * PRICE_OUT

    @property
    def repeats(self) -> int:
        """How often its most frequent call was made; three times is a loop."""
        return max((self.calls.count(call) for call in set(self.calls)), default=0)


class Shop:
    """The tools' side: every order of those who ask."""

    def __init__(self, tasks: Sequence[Task]) -> None:
        """The orders are those of the customers behind `tasks`."""
        self._lines = [(task.customer, _line(task, order)) for task in tasks for order in task.orders]

    def get_order(self, task: Task) -> Seen:
        """The customer's orders, by their name as they wrote it."""
        lines = [line for customer, line in self._lines if customer == task.customer]
        if not lines:
            return Seen(f"get_order: {task.customer} has no order.", "none")
        return Seen("\n".join(lines), "one" if len(lines) == 1 else "many")

    def search(self, task: Task, words: str, limit: int | None) -> Seen:
        """The orders with all of these words in them, at most `limit`; the customer's own is picked, if it is there."""
        wanted = words.split()
        hits = [(customer, line) for customer, line in self._lines if all(word in line for word in wanted)][:limit]
        found = "one" if any(customer == task.customer for customer, _ in hits) else "none"
        return Seen("\n".join([f"search_orders: {len(hits)} found.", *(line for _, line in hits)]), found)


@dataclass(frozen=True)
class Agent:
    """One version, ready to work."""

    head: str
    rules: tuple[Json, ...]
    tools: Mapping[str, Json]
    steps: int

    @classmethod
    def read(cls, said: Json) -> "Agent":
        """From a version's document, as VERSIONS has them; BadInput where something of it is missing."""
        try:
            return cls(str(said["head"]), tuple(said["rules"]), dict(said["tools"]), int(said["steps"]))
        except (KeyError, TypeError, ValueError) as error:
            raise BadInput(f"The agent's document makes no sense: {error}.", "See VERSIONS for its form.") from None

    @property
    def prompt(self) -> str:
        """What stands before every task."""
        rules = [f"{place}. {rule['say']}" for place, rule in enumerate(self.rules, start=1)]
        tools = [f"- {name} {orjson.dumps(limits).decode()}" for name, limits in self.tools.items()]
        return "\n".join([self.head, *rules, "Tools:", *tools])

    def work(self, task: Task, shop: Shop) -> Run:
        """One task, from the request to an answer or the end of the budget; each step reads all that was said yet."""
        context, read, written = tokens(self.prompt) + tokens(_asking(task)), 0, 0
        calls: list[Call] = []
        last, seen = START, Seen("", "")
        while len(calls) < self.steps:
            tool = self._next(last, seen, task)
            call = Call(tool, _asked(tool, task, calls))
            calls.append(call)
            read += context
            written += tokens(call.text)
            if tool in ENDS:
                return Run(tuple(calls), tool, read, written)
            last, seen = tool, self._look(call, task, shop)
            context += tokens(call.text) + tokens(seen.text)
        return Run(tuple(calls), GAVE_UP, read, written)

    def _next(self, last: str, seen: Seen, task: Task) -> str:
        """The tool of the first rule that fits; where none does it looks again, or answers if it may not."""
        for rule in self.rules:
            if rule["do"] in self.tools and _fits(rule, last, seen, task):
                return str(rule["do"])
        return "search_orders" if "search_orders" in self.tools else "reply"

    def _look(self, call: Call, task: Task, shop: Shop) -> Seen:
        if call.tool == "search_orders":
            return shop.search(task, call.asked, self.tools[call.tool].get("limit"))
        return shop.get_order(task)


def load(folder: Path) -> Agent:
    """The version in that folder; BadInput where its document is missing or makes no sense."""
    try:
        said = orjson.loads((folder / FILE).read_bytes())
    except (OSError, orjson.JSONDecodeError) as error:
        raise BadInput(f"{FILE} of version {folder.name} cannot be read: {error}.", "Choose another version.") from None
    return Agent.read(said if isinstance(said, dict) else {})


def furnish(folder: Path, seed: int, at: datetime) -> None:
    """Write the versions; 3 was tried out and serves, 4 was not and does not. Idempotent."""
    for version, document in VERSIONS.items():
        days, by, note = _NOTES[version]
        tried = tried_out(Agent.read(document), seed) if days else {}
        about = {"created_at": (at - timedelta(days=days)).isoformat(), "by": by, "note": note, "metrics": tried}
        serving.furnish(folder, version, {FILE: orjson.dumps(document, option=orjson.OPT_INDENT_2)}, about)
    serving.began(folder, [("3", at - timedelta(days=_NOTES["3"][0]))], "deploy")


def tried_out(agent: Agent, seed: int) -> dict[str, float]:
    """`cost_per_task_usd` and `steps_per_task` of an agent on TRIED tasks that no window has."""
    chance = streams.rng(seed, f"{NAME}-trial", 0)
    return averages([run for _ in range(TRIED // BATCH) for run in runs(agent, streams.tasks(chance, BATCH))])


def usual(folder: Path) -> dict[str, float]:
    """What the version that was tried out before it served took on trial; nothing where none was."""
    for version in sorted(VERSIONS, reverse=True):
        said = orjson.loads((folder / "versions" / version / "version.json").read_bytes())
        if said.get("metrics"):
            return {metric: float(value) for metric, value in said["metrics"].items()}
    return {}


def runs(agent: Agent, tasks: Sequence[Task]) -> list[Run]:
    """One run for each task, over the shop of them all."""
    shop = Shop(tasks)
    return [agent.work(task, shop) for task in tasks]


def averages(done: Sequence[Run]) -> dict[str, float]:
    """What a task cost in US dollars and took in steps; nothing where nothing was done."""
    if not done:
        return {}
    cost, steps = sum(run.cost for run in done), sum(len(run.calls) for run in done)
    return {"cost_per_task_usd": cost / len(done), "steps_per_task": steps / len(done)}


def tokens(text: str) -> int:
    """How many tokens a text is taken for."""
    return -(-len(text) // CHARACTERS)


def _asking(task: Task) -> str:
    return f"Customer {task.customer}: my {task.item} ({task.amount:.2f} USD) is broken, I want my money back."


def _line(task: Task, order: str) -> str:
    return f"order {order} | {task.customer} | {task.item} | {task.amount:.2f} USD | delivered"


def _asked(tool: str, task: Task, calls: Sequence[Call]) -> str:
    """What a tool is asked; a search first for both, then for the item, then for anything, again and again."""
    if tool != "search_orders":
        return task.customer if tool in ("get_order", "reply") else task.item
    tried = sum(call.tool == tool for call in calls)
    return (f"{task.customer} {task.item}", task.item, "")[min(tried, 2)]


def _fits(rule: Json, last: str, seen: Seen, task: Task) -> bool:
    """Whether its conditions hold: the tool before, how much of the customer's was found, and whether it is dear."""
    if rule.get("after", last) != last or rule.get("found", seen.found) != seen.found:
        return False
    return task.amount > rule["over"] if "over" in rule else True
