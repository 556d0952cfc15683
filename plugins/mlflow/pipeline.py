"""Has a training done by a pipeline of GitLab, GitHub or another: one POST, which is never made a second time."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlsplit

from bot.contract import Check, Health, NotDelivered, Refused, Unreadable, http, reading
from bot.contract.http import Reply
from plugins.mlflow.training import Pipeline
from plugins.mlflow.way import UNSEEN, Errand, Seen

_NAMES = {"gitlab": "GitLab", "github": "GitHub", "webhook": "The webhook"}


class Pipelines:
    """One pipeline; MLflow alone tells what becomes of it."""

    name = "pipeline"
    again = False

    def __init__(self, pipeline: Pipeline, timeout: float) -> None:
        """`timeout` in seconds for each step of a request; nothing is opened here."""
        self._pipeline, self._timeout = pipeline, timeout

    async def begin(self, errand: Errand, variables: Mapping[str, str]) -> dict[str, str]:
        """Ask for it. NotDelivered without `retry`: nobody knows whether it was taken."""
        pipeline, name = self._pipeline, _NAMES[self._pipeline.kind]
        root, headers, path, body = _request(pipeline, variables)
        reply = await http.Peer(root, headers, timeout=self._timeout).ask("POST", path, json=body)
        if 200 <= reply.status < 300:
            return _told(reply)
        if reply.status == 429:
            raise NotDelivered(f"{name} is busy (429).", "It is tried again.", retry=True, after=http.wait(reply))
        if reply.status == 408 or reply.status >= 500:
            raise NotDelivered(f"{name} answered {reply.status}.", "Look whether it started the pipeline.")
        if reply.status in (401, 403, 404):
            cure = "Correct `token`, `project` and what the token may do."
            raise Refused(f"{name} does not let the bot start the pipeline ({reply.status}).", cure)
        why = _why(reply, pipeline.token.get_secret_value())
        raise Refused(f"{name} refused the pipeline ({reply.status}){why}.", "Correct `train.pipeline`.")

    async def look(self, errand: Errand) -> Seen:
        """Nothing of it is seen from here."""
        return UNSEEN

    async def stop(self, errand: Errand) -> None:
        """It goes on until it looks at its run in MLflow; a token that starts pipelines may not end them."""

    async def check(self) -> list[Check]:
        """Unknown: nothing but starting one would tell."""
        return [Check("training", Health.UNKNOWN, "Whether the pipeline starts shows with the first training.")]


def _request(pipeline: Pipeline, variables: Mapping[str, str]) -> tuple[str, dict[str, str], str, dict[str, Any]]:
    """Root, headers, path and body of the POST, as each service documents it."""
    token, project, given = pipeline.token.get_secret_value(), pipeline.project, dict(variables)
    if pipeline.kind == "gitlab":
        path = f"api/v4/projects/{quote(project, safe='')}/trigger/pipeline"
        said = {"token": token, "ref": pipeline.ref, "variables": given}
        return pipeline.root, {"Accept": "application/json"}, path, said
    headers = {"Authorization": f"Bearer {token}"}
    if pipeline.kind == "github":
        headers |= {"Accept": "application/vnd.github+json", "X-GitHub-Api-Version": "2022-11-28"}
        path = f"repos/{quote(project)}/actions/workflows/{quote(pipeline.workflow, safe='')}/dispatches"
        return pipeline.root, headers, path, {"ref": pipeline.ref, "inputs": given}
    parts = urlsplit(pipeline.url)
    return f"{parts.scheme}://{parts.netloc}", headers, parts.path.removeprefix("/"), given


def _told(reply: Reply) -> dict[str, str]:
    """The pipeline's page, where the service names it."""
    try:
        said = reading.loads(reply.body)
    except Unreadable:
        return {}
    page = (reading.link(said.get("web_url")) or reading.link(said.get("html_url"))) if isinstance(said, dict) else None
    return {"tocsin.pipeline": page} if page else {}


def _why(reply: Reply, secret: str) -> str:
    """What the service says of it, without what must not show."""
    try:
        said = reading.loads(reply.body)
    except Unreadable:
        return ""
    message = said.get("message") if isinstance(said, dict) else None
    words = reading.clean(reading.text(message if isinstance(message, str) else str(message or ""), 200) or "")
    return f": {words.replace(secret, '***').rstrip('.')}" if words else ""
