"""The suite that every exporter must pass: `await exporters.conforms(plugin, options, stage)`.

`options` are a connection's; `stage` is the plugin's own test's hand at the far end, a `Stage`: it tells what stands
there and lets answers go missing. Secrets among the options must be at least eight characters, to be looked for.
"""

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from bot import registry
from bot.contract import Check, Document, Exported, NotDelivered, Picture, Plugin, TocsinError
from bot.testing.switching import Broke
from bot.testing.trial import TooMany, Trial

DEADLINE = 20.0  #: seconds for one call here; in production two minutes
NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
#: The smallest picture there is: one grey dot.
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
    "1f15c4890000000d49444154789c63686868f80f00058402808ccd66260000000049454e44ae426082"
)
TEXT = """\
# PM-7: Scores fell

The share of drifted features was **0.42**, see [the run](https://runs.example/7).

![drift of age: 0.31, threshold 0.2](drift.png)

## Timers

| from | to | minutes |
|---|---|---|
| first bad | detected | 12 |

1. look
   - deeper
2. act

```
SELECT count(*) FROM scores
```
"""
#: Titles and passages that somebody will write, or an alert will say.
HOSTILE = (
    "<script>alert(1)</script> & \"quotes\" 'single'",
    "]]> <!channel> <@U01ADA> ![](@U01ADA) @everyone",
    "../../../etc/passwd\nSubject: x\r\n-rf --upload-pack=x",
    "[x](javascript:alert(1)) ![p](http://169.254.169.254/x.png) <ac:macro/> {{7*7}}",
    "\u202e\ud83d \x00\x07 Türkçe ŞİĞ 🚨 " + "long " * 200,
    "",
)


class Stage(Protocol):
    """What a test can see and do at the far end, behind the plugin's back."""

    async def texts(self, document_id: str) -> list[str]:
        """All that stands there of the document now, as text, one for each copy of it."""
        ...

    async def pictures(self, document_id: str) -> set[bytes]:
        """The pictures that stand there with it."""
        ...

    async def write(self, words: str) -> None:
        """Somebody else writes something beside the documents: it must stay."""
        ...

    async def beside(self) -> str:
        """What they wrote, as it stands there now."""
        ...

    async def lose(self, nth: int) -> bool:
        """Do the nth write from now on, yet give no answer to it; False where nothing can get lost on the way."""
        ...

    async def break_down(self) -> None:
        """Be unable to take anything, until `mend`."""
        ...

    async def mend(self) -> None:
        """Be well again."""
        ...

    async def refuse(self) -> bool:
        """Know our secrets no longer, until `mend`; False where there are none."""
        ...


async def conforms(plugin: Plugin, options: dict[str, Any], stage: Stage) -> None:
    """Raises an AssertionError that names all that was found."""
    if found := await suite(plugin, options, stage):
        raise AssertionError(f"{plugin.name} does not conform:\n- " + "\n- ".join(found))


async def suite(plugin: Plugin, options: dict[str, Any], stage: Stage) -> list[str]:
    """Everything it does that Tocsin could not live with, in sentences."""
    registry.fits(plugin)
    trial = _Trial(plugin, options, stage)
    with suppress(TooMany):
        for look in (trial.there, trial.newer, trial.forgotten, trial.doubted, trial.others, trial.hostile):
            try:
                await look()
            except Broke:
                continue
        for look in (trial.down, trial.refused, trial.checks):
            try:
                await look()
            except Broke:
                continue
    return trial.found


def document(its: str = "PM-7", version: int = 1, **options: Any) -> Document:
    """A document to be exported; `options` are its other fields."""
    given: dict[str, Any] = {
        "title": "Scores fell",
        "incident": "INC-7",
        "entity": "retail",
        "at": NOW + timedelta(minutes=version),
        "markdown": TEXT,
        "html": "<!DOCTYPE html><html><body><h1>PM-7: Scores fell</h1></body></html>",
        "pictures": (Picture("drift.png", PNG, "Drift of age is 0.31, above 0.2."),),
        "labels": {"severity": "sev2", "model": "churn"},
    }
    return Document(its, version, **{**given, **options})


class _Trial(Trial):
    """One run over one plugin."""

    def __init__(self, plugin: Plugin, options: dict[str, Any], stage: Stage) -> None:
        super().__init__(plugin, options, DEADLINE)
        self.stage = stage
        self.part: Any = None
        self.anew()

    def anew(self) -> None:
        """The plugin's exporter as another process would have it: it remembers nothing."""
        self.part = self.exporter()

    async def tried(self, given: Document) -> Exported | TocsinError:
        """What `put` answers, or why it does not."""
        try:
            answer: object = await self.guard.call("put", lambda: self.part.put(given))
        except TocsinError as error:
            self.secret("an error of put", f"{error} {error!r}")
            if not isinstance(error, NotDelivered):
                self.say(f"put must raise NotDelivered; it raised {type(error).__name__}: {error}")
            return error
        if not isinstance(answer, Exported) or not answer.reference:
            self.say(f"put must answer an Exported with a reference; it answered {str(answer)[:120]}")
            raise Broke
        if answer.link and not answer.link.startswith(("https://", "http://", "file://")):
            self.say(f"the link {answer.link[:60]!r} is none that anybody can open.")
        self.secret("a reference or a link", f"{answer.reference} {answer.link}")
        return answer

    async def stands(self, given: Document, words: str) -> Exported:
        """It is put there, and stands there once, with these words."""
        answer = await self.tried(given)
        if isinstance(answer, TocsinError):
            self.say(f"put of {given.id} failed though the far end is well: {answer}")
            raise Broke
        await self.once(given.id, words)
        return answer

    async def once(self, its: str, words: str) -> None:
        """One copy, with these words."""
        texts = await self.stage.texts(its)
        if len(texts) != 1:
            self.say(f"{its} stands there {len(texts)} times, not once.")
            raise Broke
        if words not in texts[0]:
            self.say(f"{its} stands there without its words {words[:60]!r}.")

    async def there(self) -> None:
        """A document with a picture comes to stand there; again, and it still stands once."""
        first = await self.stands(document(), "0.42")
        if PNG not in await self.stage.pictures("PM-7"):
            self.say("The picture of the document does not stand there.")
        again = await self.stands(document(reference=first.reference), "0.42")
        if again.reference != first.reference:
            self.say("The same version put again has another reference.")

    async def newer(self) -> None:
        """A newer version goes over the older one."""
        first = await self.stands(document("PM-8"), "0.42")
        text = TEXT.replace("0.42", "0.57")
        given = document("PM-8", 2, markdown=text, title="Scores fell, and rose", reference=first.reference)
        await self.stands(given, "0.57")
        if any("0.42" in one for one in await self.stage.texts("PM-8")):
            self.say("What an older version said still stands there beside the newer one.")

    async def forgotten(self) -> None:
        """Where its reference was lost it is found by its id, also under another title, and by another process."""
        await self.stands(document("PM-9"), "0.42")
        self.anew()
        text = TEXT.replace("0.42", "0.61")
        await self.stands(document("PM-9", 2, markdown=text, title="Another title"), "0.61")
        await self.stands(document("PM-90"), "0.42")  # an id that begins like another
        await self.once("PM-9", "0.61")

    async def doubted(self) -> None:
        """An attempt whose answer was lost, at any of its writes, leaves one copy once it was made again."""
        for nth in range(1, 13):
            its = f"PM-1{nth:02}"
            if not await self.stage.lose(nth):
                return
            answer = await self.tried(document(its))
            if isinstance(answer, TocsinError) and not answer.retry:
                self.say(f"An answer that was lost may be asked for again, so `retry` must be True: {answer}")
            self.anew()
            await self.stage.mend()
            await self.stands(document(its), "0.42")

    async def others(self) -> None:
        """What somebody else wrote there stays."""
        await self.stage.write("Kept by somebody else")
        first = await self.stands(document("PM-30"), "0.42")
        await self.stands(document("PM-30", 2, markdown=TEXT.replace("0.42", "0.5"), reference=first.reference), "0.5")
        if "Kept by somebody else" not in await self.stage.beside():
            self.say("What somebody else wrote there is gone.")

    async def hostile(self) -> None:
        """Words that nobody meant are data; the document stands there all the same."""
        for nth, words in enumerate(HOSTILE):
            text = f"## What happened\n\n{words}\n\n0.42\n"
            await self.stands(document(f"PM-4{nth}", title=words, markdown=text, html="<p>0.42</p>"), "0.42")

    async def down(self) -> None:
        """A far end that is away may be asked again."""
        await self.stage.break_down()
        answer = await self.tried(document("PM-50"))
        if isinstance(answer, Exported):
            self.say("put answers though the far end is away.")
        elif not answer.retry:
            self.say(f"A far end that is away may be asked again, so `retry` must be True: {answer}")
        await self.checks()
        await self.stage.mend()
        await self.stands(document("PM-50"), "0.42")

    async def refused(self) -> None:
        """Secrets that do not hold any more are no use to try again, and stand in no error."""
        if not await self.stage.refuse():
            return
        answer = await self.tried(document("PM-51"))
        if isinstance(answer, Exported):
            self.say("put answers though its secrets do not hold.")
        elif answer.retry:
            self.say(f"Secrets that do not hold are no use to try again, so `retry` must be False: {answer}")
        await self.checks()
        await self.stage.mend()

    async def checks(self) -> None:
        """The self-check answers in rows, also where the far end is away, and shows no secret."""
        try:
            rows: object = await self.guard.call("check", self.part.check)
        except TocsinError as error:
            self.say(f"check must answer; it raised {type(error).__name__}: {error}")
            return
        if not isinstance(rows, list) or not rows or not all(isinstance(row, Check) for row in rows):
            self.say("check must answer a list of Check.")
            return
        self.secret("a row of check", " ".join(f"{row.scope} {row.do}" for row in rows))
        self.secret("its repr", repr(self.part))
