"""Postmortems in a real bare repository, by push and by review, over hosts with faults."""

import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import uvloop
from pydantic import ValidationError

from bot.contract import Context, Health, NotDelivered, stamp
from bot.testing.exporters import PNG, TEXT, document
from bot.testing.far_end import WAIT, Behaviour, FarEnd
from plugins.git.client import Git
from plugins.git.exporter import Repository
from plugins.git.settings import GitSettings
from tests.plugins.forges import Forge
from tests.plugins.shelves import Bare, git

TOKEN = "ghp_secret_enough_91"
FILE = "postmortems/PM-7.md"
BRANCH = "tocsin/PM-7"


@pytest.fixture
def bare(tmp_path: Path) -> Bare:
    return Bare(tmp_path)


@pytest.fixture
async def far() -> AsyncIterator[FarEnd]:
    async with FarEnd() as one:
        yield one


def part(bare: Bare, **options: Any) -> Repository:
    return Repository(GitSettings.model_validate({"url": str(bare.path), **options}), Context("handbook"))


def reviewed(bare: Bare, forge: Forge) -> Repository:
    return part(bare, token=TOKEN, review=forge.kind, project="acme/handbook", api=forge.far.url)


@pytest.fixture(params=["github", "gitlab"])
def forge(far: FarEnd, request: pytest.FixtureRequest) -> Forge:
    proof = ("authorization", f"Bearer {TOKEN}") if request.param == "github" else ("private-token", TOKEN)
    return Forge(far, proof, kind=request.param)


async def refused(exporter: Repository, **options: Any) -> NotDelivered:
    with pytest.raises(NotDelivered) as caught:
        await exporter.put(document(**options))
    assert TOKEN not in f"{caught.value} {caught.value!r}"
    return caught.value


def test_it_is_committed_in_the_loop_that_the_bot_runs_in(bare: Bare) -> None:
    async def tell() -> None:
        for _ in range(40):  # a pipe that is closed too early was one of several
            assert (await Git(GitSettings(url=str(bare.path)), bare.path).run("--version")).code == 0
        assert (await part(bare).put(document())).reference == f"main:{FILE}"

    uvloop.run(tell())


async def test_a_document_is_one_commit(bare: Bare) -> None:
    stands = await part(bare, author="Tocsin <tocsin@acme.example>").put(document())
    assert stands.reference == f"main:{FILE}"
    said = (bare.show(FILE) or b"").decode()
    assert stamp.untouched(said, "PM-7")
    assert "](PM-7/drift.png)" in said
    assert bare.show("postmortems/PM-7/drift.png") == PNG
    assert bare.show("README.md") == b"The handbook\n"
    assert bare.log() == ["PM-7: Scores fell", "Write README.md"]
    assert git(bare.path, "log", "-1", "--format=%an <%ae> %at") == "Tocsin <tocsin@acme.example> 1795510860\n"
    await part(bare).put(document())
    assert len(bare.log()) == 2  # nothing changed, nothing is committed


async def test_an_empty_repository_gets_its_first_branch(tmp_path: Path) -> None:
    bare = Bare(tmp_path, empty=True)
    await part(bare).put(document())
    assert bare.log() == ["PM-7: Scores fell"]


async def test_what_people_changed_stands_beside_it(bare: Bare) -> None:
    await part(bare).put(document())
    bare.commit(FILE, "all mine")
    await part(bare).put(document(version=2, markdown=TEXT.replace("0.42", "0.57")))
    assert "0.57" in (bare.show(FILE) or b"").decode()
    assert bare.show("postmortems/PM-7.theirs.md") == b"all mine"
    assert bare.log()[0] == "PM-7: Scores fell"


async def test_a_branch_that_moves_meanwhile_is_read_again(bare: Bare) -> None:
    """Somebody pushes between our look and our push, twice: theirs stays."""
    hook = bare.path / "hooks" / "pre-receive"
    hook.parent.mkdir(exist_ok=True)
    # Moves the branch under the first two pushes, as a push of somebody else would at that very moment.
    hook.write_text(
        "#!/bin/sh\nunset GIT_QUARANTINE_PATH GIT_OBJECT_DIRECTORY GIT_ALTERNATE_OBJECT_DIRECTORIES\n"
        'n=$(cat moved 2>/dev/null || echo 0)\n[ "$n" -ge 2 ] && exit 0\necho $((n + 1)) > moved\n'
        "new=$(git -c user.name=Bo -c user.email=bo@example.com commit-tree -m Theirs -p main 'main^{tree}')\n"
        "git update-ref refs/heads/main $new\n"
    )
    hook.chmod(0o755)
    await part(bare).put(document())
    assert bare.log() == ["PM-7: Scores fell", "Theirs", "Theirs", "Write README.md"]


async def test_a_branch_that_nobody_may_push_to_is_given_up(bare: Bare) -> None:
    hook = bare.path / "hooks" / "update"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\nexit 1\n")
    hook.chmod(0o755)
    error = await refused(part(bare))
    assert not error.retry
    assert "hook declined" in str(error)
    assert "review" in error.do


async def test_a_branch_or_repository_that_is_not_there(bare: Bare, tmp_path: Path) -> None:
    error = await refused(part(bare, branch="trunk"))
    assert not error.retry
    gone = Repository(GitSettings.model_validate({"url": str(tmp_path / "none.git")}), Context("x"))
    error = await refused(gone)
    assert not error.retry
    assert "url" in error.do
    (row,) = await gone.check()
    assert row.health is Health.MISSING
    assert [row.health for row in await part(bare).check()] == [Health.OK]
    assert [row.health for row in await part(bare, branch="trunk").check()] == [Health.MISSING]


async def test_something_else_where_our_folder_should_be(bare: Bare) -> None:
    bare.commit("postmortems", "a file of that name")
    assert not (await refused(part(bare))).retry
    assert bare.show("postmortems") == b"a file of that name"


async def test_nothing_in_the_repository_or_around_us_acts(bare: Bare, tmp_path: Path) -> None:
    """Attributes, hooks by template and the configuration of whoever runs us have no say."""
    bare.commit(".gitattributes", "*.md filter=evil text eol=crlf ident\n")
    bare.commit(".gitmodules", '[submodule "x"]\n\tpath = x\n\turl = ext::sh -c "touch pwned"\n')
    await part(bare).put(document())
    assert b"\r" not in (bare.show(FILE) or b"")


async def test_a_host_that_wants_a_password_hears_the_token_and_nobody_else(far: FarEnd, tmp_path: Path) -> None:
    far.behaviour = Behaviour.REFUSES
    asked = GitSettings.model_validate({"url": f"{far.url}/acme/handbook.git", "token": TOKEN})
    exporter = Repository(asked, Context("handbook"))
    error = await refused(exporter)
    assert not error.retry
    assert "token" in error.do
    git_of_ours = Git(asked, tmp_path)
    said = await git_of_ours.run("credential", "fill", given=b"protocol=https\nhost=git.example.com\n\n")
    assert f"username=x-access-token\npassword={TOKEN}\n".encode() in said.out
    assert TOKEN not in f"{exporter!r} {asked!r} {git_of_ours!r}"


async def test_a_host_that_is_away_is_tried_again(far: FarEnd) -> None:
    far.behaviour = Behaviour.AWAY
    url = f"{far.url}/acme/handbook.git"
    error = await refused(Repository(GitSettings.model_validate({"url": url}), Context("x")))
    assert error.retry


async def test_git_that_hangs_is_ended_with_its_children(far: FarEnd, tmp_path: Path) -> None:
    far.behaviour = Behaviour.HANGS
    hanging = Git(GitSettings.model_validate({"url": f"{far.url}/x.git"}), tmp_path, deadline=0.5)
    with pytest.raises(NotDelivered, match="took over") as caught:
        await hanging.run("ls-remote", f"{far.url}/x.git")
    assert caught.value.retry
    task = asyncio.create_task(Git(hanging.settings, tmp_path).run("ls-remote", f"{far.url}/x.git"))
    while len(far.arrived) < 2:
        await asyncio.sleep(0.01)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    with pytest.raises(ChildProcessError):  # nobody is left to wait for
        os.waitpid(-1, os.WNOHANG)


# --- by review ---


async def test_it_is_brought_for_review(bare: Bare, forge: Forge) -> None:
    stands = await reviewed(bare, forge).put(document())
    assert stands.link == "https://forge.example/acme/handbook/1"
    assert stands.reference == f"{BRANCH}:{FILE}"
    assert bare.show(FILE) is None
    assert bare.show(FILE, BRANCH) is not None
    assert (forge.open_ones[0]["title"], forge.open_ones[0]["_base"]) == ("PM-7: Scores fell", "main")


async def test_a_newer_version_goes_upon_what_reviewers_pushed(bare: Bare, forge: Forge) -> None:
    await reviewed(bare, forge).put(document())
    bare.commit("postmortems/comments.md", "from a reviewer", BRANCH)
    stands = await reviewed(bare, forge).put(document(version=2, markdown=TEXT.replace("0.42", "0.57")))
    assert stands.link == "https://forge.example/acme/handbook/1"
    assert len(forge.open_ones) == 1
    assert bare.show("postmortems/comments.md", BRANCH) == b"from a reviewer"
    assert "0.57" in (bare.show(FILE, BRANCH) or b"").decode()


async def test_what_was_merged_is_not_asked_for_again(bare: Bare, forge: Forge) -> None:
    exporter = reviewed(bare, forge)
    await exporter.put(document())
    git(bare.path, "update-ref", "refs/heads/main", BRANCH)
    forge.open_ones.clear()
    await exporter.put(document())
    assert forge.open_ones == []
    await exporter.put(document(version=2))  # a later one begins anew, upon what was merged
    assert len(forge.open_ones) == 1
    assert len(bare.log(BRANCH)) == 3


async def test_a_request_whose_answer_was_lost_is_found_again(bare: Bare, forge: Forge) -> None:
    await forge.lose(1)
    assert (await refused(reviewed(bare, forge))).retry
    assert len(forge.open_ones) == 1
    stands = await reviewed(bare, forge).put(document())
    assert stands.link == "https://forge.example/acme/handbook/1"
    assert len(forge.open_ones) == 1
    assert bare.log(BRANCH) == ["PM-7: Scores fell", "Write README.md"]


async def test_a_request_that_came_up_meanwhile_is_found(bare: Bare, forge: Forge) -> None:
    await reviewed(bare, forge).put(document())
    git(bare.path, "update-ref", "-d", f"refs/heads/{BRANCH}")
    forge.once.append(lambda method, path: (200, []) if method == "GET" else None)
    stands = await reviewed(bare, forge).put(document(version=2))
    assert stands.link == "https://forge.example/acme/handbook/1"
    assert len(forge.open_ones) == 1


@pytest.mark.parametrize(("status", "retry"), [(401, False), (403, False), (404, False), (422, False), (500, True)])
async def test_what_a_host_says_decides_whether_to_try_again(
    bare: Bare, forge: Forge, status: int, retry: bool
) -> None:
    forge.once.append(lambda method, path: (status, {"message": f"no: {TOKEN[:3]}"}) if method == "POST" else None)
    assert (await refused(reviewed(bare, forge))).retry is retry
    await reviewed(bare, forge).put(document())
    assert len(forge.open_ones) == 1


async def test_a_busy_host_says_when(bare: Bare, forge: Forge) -> None:
    forge.far.behaviour = Behaviour.BUSY
    error = await refused(reviewed(bare, forge))
    assert (error.retry, error.after) == (True, WAIT)
    rows = {row.scope: row.health for row in await reviewed(bare, forge).check()}
    assert rows == {"repository": Health.OK, "requests for review": Health.UNKNOWN}
    forge.far.behaviour = Behaviour.WORKS
    assert {row.health for row in await reviewed(bare, forge).check()} == {Health.OK}


# --- settings ---


@pytest.mark.parametrize(
    "options",
    [
        {"url": "https://ada:secret@github.com/a/b"},
        {"url": "https://ada@github.com/a/b"},
        {"url": "ext::sh -c id"},
        {"url": "--upload-pack=id"},
        {"url": "relative/path"},
        {"url": "https://github.com/a/b c"},
        {"branch": "--force"},
        {"branch": "a..b"},
        {"path": "../x"},
        {"path": "/etc"},
        {"author": "no mail"},
        {"review": "github"},
    ],
)
def test_what_is_no_repository_is_refused(options: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        GitSettings.model_validate({"url": "https://github.com/acme/handbook", **options})


@pytest.mark.parametrize(
    ("url", "review", "root", "repository"),
    [
        ("https://github.com/acme/handbook.git", "github", "https://api.github.com", "acme/handbook"),
        ("git@github.com:acme/handbook.git", "github", "https://api.github.com", "acme/handbook"),
        ("https://git.acme.example/a/b", "github", "https://git.acme.example/api/v3", "a/b"),
        ("https://gitlab.com/group/sub/b.git", "gitlab", "https://gitlab.com/api/v4", "group/sub/b"),
        ("ssh://git@gitlab.com/group/b.git", "gitlab", "https://gitlab.com/api/v4", "group/b"),
    ],
)
def test_the_host_is_read_from_the_url(url: str, review: str, root: str, repository: str) -> None:
    own = GitSettings.model_validate({"url": url, "review": review, "token": TOKEN})
    assert (own.root, own.repository) == (root, repository)
