"""What rotas were is kept, form by form, and read back as it was."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

from hypothesis import given

from bot.model import rota_form
from bot.model.rota import Every, Fixed, Layer, Rota, Temporary, Unit, Window
from bot.rules import rota as rule
from bot.store import Store, rotas
from tests.unit.drawn_rotas import LAYERS

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
FULL = Rota(
    "nights",
    "Europe/Istanbul",
    (
        Layer(
            "office",
            datetime(2026, 11, 2, 9),
            Every(2, Unit.DAY),
            ("ada", ("bo", "cy"), None),
            timezone="Asia/Tokyo",
            only=(Window(frozenset({0, 4}), time(20), time(8), False, "TR"),),
            rolling=True,
            since=datetime(2026, 11, 9),
            until=datetime(2027, 1, 1),
        ),
    ),
    "churn-ml",
    (Temporary("move", NOW, NOW + timedelta(days=1), (Fixed(NOW, NOW + timedelta(hours=1), "dee"),)),),
)


def simple(person: str) -> Rota:
    return Rota("first-line", "UTC", (Layer("all", datetime(2026, 11, 2), Every(1, Unit.WEEK), (person,)),))


def test_a_rota_is_the_same_when_it_comes_back() -> None:
    assert rota_form.read(rota_form.spelled(FULL)) == FULL


@given(LAYERS)
def test_any_layer_is_the_same_when_it_comes_back(layer: Layer) -> None:
    one = Rota("r", "UTC", (layer,))
    assert rota_form.read(rota_form.spelled(one)) == one


async def test_editing_tomorrow_never_rewrites_yesterday(store: Store) -> None:
    ada, bo = simple("ada"), simple("bo")
    later = NOW + timedelta(days=3)
    assert await store.write(lambda tx: rotas.keep(tx, {"first-line": ada}, NOW)) == []
    assert await store.write(lambda tx: rotas.keep(tx, {"first-line": ada}, NOW + timedelta(days=1))) == []
    assert await store.write(lambda tx: rotas.keep(tx, {"first-line": bo, "nights": FULL}, later)) == ["first-line"]
    past = await store.read(rotas.past)
    assert list(past) == ["first-line"]
    now = replace(bo, past=past["first-line"])
    assert [holder.person for holder in rule.on_call(now, later - timedelta(seconds=1))] == ["ada"]
    assert [holder.person for holder in rule.on_call(now, later)] == ["bo"]
    assert [holder.person for holder in rule.on_call(now, NOW - timedelta(days=300))] == ["ada"]


async def test_what_was_taken_back_is_a_form_of_its_own(store: Store) -> None:
    for days, person in enumerate(("ada", "bo", "ada")):
        at = NOW + timedelta(days=days)
        await store.write(lambda tx, p=person, at=at: rotas.keep(tx, {"first-line": simple(p)}, at))  # type: ignore[misc]
    past = await store.read(rotas.past)
    assert [one.rota.layers[0].members for one in past["first-line"]] == [("ada",), ("bo",)]
