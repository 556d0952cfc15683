"""The agent of the estate: a whole prompt ends, one that lost a line goes round until its budget is gone."""

import orjson
import pytest

from bot.errors import BadInput
from bot.sandbox.estate import agent, streams
from bot.sandbox.estate.agent import GAVE_UP, VERSIONS, Agent, Call, Run, Shop
from bot.sandbox.estate.streams import Task

GOOD, BAD = Agent.read(VERSIONS["3"]), Agent.read(VERSIONS["4"])
CHEAP = Task("T-1", "C-0001", "kettle", 30.0, ("O-1-1",))
DEAR = Task("T-2", "C-0002", "garden chair", 80.0, ("O-2-1",))
SEVERAL = Task("T-3", "C-0003", "desk lamp", 20.0, ("O-3-1", "O-3-2"))
LOST = Task("T-4", "C-0004", "kettle", 40.0, ())
TASKS = (CHEAP, DEAR, SEVERAL, LOST)


def tools(run: Run) -> list[str]:
    """The tools it called, in order."""
    return [call.tool for call in run.calls]


@pytest.mark.parametrize("version", [GOOD, BAD])
@pytest.mark.parametrize(
    ("task", "expected"),
    [
        (CHEAP, ["get_order", "refund"]),
        (DEAR, ["get_order", "hand_over"]),
        (SEVERAL, ["get_order", "search_orders", "refund"]),
    ],
)
def test_what_is_found_is_refunded_or_handed_over_by_both(version: Agent, task: Task, expected: list[str]) -> None:
    run = version.work(task, Shop(TASKS))
    assert tools(run) == expected
    assert run.ending == expected[-1]
    assert run.repeats == 1


def test_what_is_not_found_is_said_to_the_customer() -> None:
    run = GOOD.work(LOST, Shop(TASKS))
    assert tools(run) == ["get_order", "search_orders", "reply"]
    assert run.ending == "reply"


def test_without_the_line_that_ends_it_looks_again_until_the_budget_is_gone() -> None:
    run = BAD.work(LOST, Shop(TASKS))
    assert (run.ending, len(run.calls)) == (GAVE_UP, BAD.steps)
    assert run.calls[-1] == Call("search_orders", "")
    assert run.repeats == 37  # the same call again and again: a loop


def test_the_line_alone_mends_it_and_so_does_the_tool_being_taken_away() -> None:
    mended = Agent(BAD.head, GOOD.rules, BAD.tools, BAD.steps)
    assert mended.work(LOST, Shop(TASKS)).ending == "reply"
    without = {name: limits for name, limits in BAD.tools.items() if name != "search_orders"}
    assert tools(Agent(BAD.head, BAD.rules, without, BAD.steps).work(LOST, Shop(TASKS))) == ["get_order", "reply"]


def test_the_limit_of_a_search_bounds_what_a_step_reads() -> None:
    many = [Task(f"T-{each}", f"C-{each}", "kettle", 30.0, (f"O-{each}",)) for each in range(100)]
    shop = Shop([*many, LOST])
    narrow = Agent(BAD.head, BAD.rules, {**BAD.tools, "search_orders": {"limit": 5}}, BAD.steps)
    assert narrow.work(LOST, shop).ending == BAD.work(LOST, shop).ending == GAVE_UP
    assert narrow.work(LOST, shop).read * 5 < BAD.work(LOST, shop).read


def test_tokens_are_those_of_the_texts_that_were_built() -> None:
    run = GOOD.work(CHEAP, Shop(TASKS))
    first = agent.tokens(GOOD.prompt) + agent.tokens(
        "Customer C-0001: my kettle (30.00 USD) is broken, I want my money back."
    )
    second = (
        first
        + agent.tokens("get_order('C-0001')")
        + agent.tokens("order O-1-1 | C-0001 | kettle | 30.00 USD | delivered")
    )
    assert run.read == first + second
    assert run.written == agent.tokens("get_order('C-0001')") + agent.tokens("refund('kettle')")
    assert run.cost == pytest.approx(run.read * 3e-6 + run.written * 15e-6)


@pytest.mark.parametrize("seed", range(5))
def test_four_costs_many_times_what_three_does(seed: int) -> None:
    tasks = streams.tasks(streams.rng(seed, agent.NAME, 1))
    good, bad = (agent.averages(agent.runs(version, tasks)) for version in (GOOD, BAD))
    assert bad["cost_per_task_usd"] > 5 * good["cost_per_task_usd"]
    assert bad["steps_per_task"] > 2 * good["steps_per_task"]
    assert agent.averages([]) == {}


def test_a_version_survives_its_file_and_a_broken_one_is_refused(tmp_path) -> None:  # type: ignore[no-untyped-def]
    (tmp_path / agent.FILE).write_bytes(orjson.dumps(VERSIONS["4"]))
    assert agent.load(tmp_path).prompt == BAD.prompt
    for broken in (b"{", b"[]", b'{"head": "x"}', b'{"head": "", "rules": 3, "tools": {}, "steps": 1}'):
        (tmp_path / agent.FILE).write_bytes(broken)
        with pytest.raises(BadInput):
            agent.load(tmp_path)
