"""What an approver saw when they pressed stands in the log, word for word, with its hash."""

import hashlib
from pathlib import Path

from bot.store import log
from tests.slack.serving import asked, pressed, proposed, serving


async def test_the_text_of_the_card_is_kept_with_the_press(tmp_path: Path) -> None:
    async with serving(tmp_path) as (room, _shelf):
        await proposed(room)
        (question,) = asked(room, "bo")
        await pressed(room, "Approve", "bo", question)
        (agreed,) = await room.desk.store.read(lambda tx: log.of_kinds(tx.sql, "CHG-1", {"change.agreed"}))
    shown, context = agreed.entry.after["shown"], agreed.entry.context
    assert "churn: 7 becomes 6" in shown
    assert "Approve" in shown
    assert context.seen == hashlib.sha256(shown.encode()).hexdigest()
    assert (context.identity, context.method, context.role, context.action) == (
        "slack:U01BO",
        "slack",
        "approver",
        "CHG-1",
    )
