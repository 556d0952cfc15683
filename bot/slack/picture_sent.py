"""Sends a picture into a conversation in Slack's three steps: an address, the bytes, the sharing."""

from bot.engine.picture import Picture
from bot.model.job import Job
from bot.slack import living
from bot.slack.office import Office


async def send(office: Office, job: Job, drawn: Picture, channel: str, thread: str) -> None:
    """Into the thread below the message at `thread`. SlackFault; what it says is read aloud in the picture's place."""
    size = len(drawn.content)
    asked = {"filename": drawn.name, "length": size, "alt_txt": drawn.aloud}
    given = await living.call(office, job, "files.getUploadURLExternal", **asked)
    await office.client.upload(str(given["upload_url"]), drawn.content)
    files = [{"id": given["file_id"], "title": drawn.title}]
    where = {"channel_id": channel, "thread_ts": thread}
    await living.call(office, job, "files.completeUploadExternal", files=files, **where)
