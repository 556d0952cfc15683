"""Trainers that begin what they are told, and tell of it otherwise than promised, one promise each."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from bot.contract import Check, Going, Health, NotFound, Run
from tests.plugins.mills import FAR, Mill


class Percent(Mill):
    """Tells how far it is in percent."""

    def told(self, run: Run) -> Run:
        return replace(super().told(run), share=None if run.share is None else run.share * 100)


class Backwards(Mill):
    """Tells what is left instead of what is done."""

    def told(self, run: Run) -> Run:
        return replace(super().told(run), share=None if run.share is None else 1 - run.share)


class Hopeful(Mill):
    """Takes an end for a success."""

    def told(self, run: Run) -> Run:
        ended = run.going is Going.FAILED and not run.log
        return replace(super().told(run), going=Going.DONE, version="7") if ended else super().told(run)


class Versionless(Mill):
    """Done, with nothing to show for it."""

    def told(self, run: Run) -> Run:
        return replace(super().told(run), version=None)


class Last(Mill):
    """Names another version than the run made."""

    def told(self, run: Run) -> Run:
        return replace(super().told(run), version=run.version and "7")


class Unmeasured(Mill):
    """Loses what was measured."""

    def told(self, run: Run) -> Run:
        return replace(super().told(run), metrics={})


class Head(Mill):
    """Shows the beginning of a log."""

    def told(self, run: Run) -> Run:
        return replace(run, log=run.log[:2_000])


class Whole(Mill):
    """Shows all of a log."""

    def told(self, run: Run) -> Run:
        return run


class Local(Mill):
    """Tells times without a zone."""

    def told(self, run: Run) -> Run:
        return replace(super().told(run), started_at=datetime(2026, 11, 23))


class Early(Mill):
    """Names the version of a run that goes on."""

    def told(self, run: Run) -> Run:
        return replace(super().told(run), version=run.version or "9")


class Mute(Mill):
    """Ends without a word."""

    def told(self, run: Run) -> Run:
        return replace(super().told(run), stage="")


class AnyRun(Mill):
    """Tells of runs that never were."""

    async def poll(self, ref: Mapping[str, str], run: str) -> Run:
        return self.told(FAR.jobs[run].run) if run in FAR.jobs else Run(run or "?", Going.FAILED)


class Breaks(Mill):
    """Raises what is none of ours."""

    async def poll(self, ref: Mapping[str, str], run: str) -> Run:
        return FAR.jobs[run].run


class Answers(Mill):
    """Answers a text."""

    async def poll(self, ref: Mapping[str, str], run: str) -> Any:
        return "running"


class Nameless(Mill):
    """Runs without an id."""

    def told(self, run: Run) -> Run:
        return replace(run, id="")


class Speechless(Mill):
    """Raises without a reason."""

    def known(self, ref: Mapping[str, str]) -> None:
        if dict(ref) != dict(FAR.ref):
            raise NotFound("")


class ChecksNothing(Mill):
    async def check(self) -> Any:
        return "fine"


class TellsInCheck(Mill):
    async def check(self) -> list[Check]:
        return [Check("jobs", Health.OK, f"Ask with {self.settings.token.get_secret_value()}.")]


class TellsInErrors(Mill):
    def known(self, ref: Mapping[str, str]) -> None:
        if dict(ref) != dict(FAR.ref):
            raise NotFound(f"{self.settings.token.get_secret_value()} finds no model.")


class TellsInLink(Mill):
    def told(self, run: Run) -> Run:
        return replace(super().told(run), link=f"https://far.example/?key={self.settings.token.get_secret_value()}")


class TellsInRepr(Mill):
    def __repr__(self) -> str:
        return f"Mill({self.settings.token.get_secret_value()})"
