"""Posts of one kind are found and forgotten together, whatever order the database gives its letters."""

from bot.store import Store, posts
from bot.store.posts import Post


async def test_those_of_one_kind_are_found_and_forgotten(store: Store) -> None:
    kept = [
        Post(f"{key}", "#c", "1.0", "d") for key in ("home/T01/U01ADA", "home/T02/U01BO", "home0", "homes/x", "hom/y")
    ]
    for post in kept:
        await store.write(lambda tx, post=post: posts.save(tx, post))  # type: ignore[misc]
    found = await store.read(lambda tx: posts.called(tx, "home"))
    assert sorted(post.key for post in found) == ["home/T01/U01ADA", "home/T02/U01BO"]
    await store.write(lambda tx: posts.forget(tx, "home/T01/U01ADA", "home/T09/U01NOBODY"))
    await store.write(lambda tx: posts.forget(tx))
    assert [post.key for post in await store.read(lambda tx: posts.called(tx, "home"))] == ["home/T02/U01BO"]
    assert await store.read(lambda tx: posts.get(tx, "home0")) is not None


async def test_what_looks_like_a_pattern_is_none(store: Store) -> None:
    await store.write(lambda tx: posts.save(tx, Post("home/T01/U01", "#c", "1.0", "d")))
    assert await store.read(lambda tx: posts.called(tx, "h%")) == []
    assert await store.read(lambda tx: posts.called(tx, "hom_")) == []
