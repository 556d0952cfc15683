"""Installing the app in a workspace: a person's consent, the token that is given for it, and the end of both."""

import secrets
from dataclasses import replace

from bot.sandbox.workspace.ask import Ask
from bot.sandbox.workspace.nouns import Json
from bot.sandbox.workspace.permits import Denied, Token
from bot.sandbox.workspace.registry import CODE_LIFE, Code, Consent, Registry
from bot.sandbox.workspace.state import State


def _app(ask: Ask) -> Registry:
    if ask.state.registry is None:
        raise Denied("invalid_client_id")
    ask.state.registry.known(ask.text("client_id"), ask.text("client_secret"))
    return ask.state.registry


def consent(state: State, user: str, url: str) -> Consent:
    """A person says yes to what an authorize address asks; Denied when Slack would not ask it."""
    if state.registry is None:
        raise Denied("invalid_client_id")

    def grant(code: Code) -> Json:
        install(state, code.scopes)
        return _granted(state, code)

    return state.registry.consent(f"{state.team_id}.{secrets.token_hex(12)}", user, url, state.clock.now(), grant)


def access(ask: Ask) -> Json:
    """oauth.v2.access: a bot token for a code, once and within ten minutes of the consent."""
    app = _app(ask)
    if ask.text("grant_type", "authorization_code") != "authorization_code":
        raise Denied("invalid_grant_type")
    code = app.codes.pop(ask.text("code"), None)
    if code is None or ask.state.clock.now() - code.at > CODE_LIFE:
        raise Denied("invalid_code")
    if ask.text("redirect_uri", code.redirect_uri) != code.redirect_uri:
        raise Denied("bad_redirect_uri")
    return code.grant(code)


def _granted(state: State, code: Code) -> Json:
    return {
        "app_id": state.app_id,
        "authed_user": {"id": code.user},
        "scope": ",".join(code.scopes),
        "token_type": "bot",
        "access_token": state.keys.bot_token,
        "bot_user_id": state.bot_user,
        "team": {"id": state.team_id, "name": state.domain.title()},
        "enterprise": None,
        "is_enterprise_install": False,
    }


def install(state: State, scopes: tuple[str, ...]) -> None:
    """The app is in the workspace with these scopes; a token that had ended is followed by a new one."""
    if state.keys.bot_token in state.ended:
        state.keys = replace(state.keys, bot_token=f"xoxb-{secrets.token_hex(16)}")
    state.tokens[state.keys.bot_token] = Token("bot", set(scopes))
    state.installed = True


def end_token(state: State, error: str = "token_revoked") -> None:
    """The bot token ends: calls with it are answered by `error` from now on, and the app is told."""
    state.emit("tokens_revoked", {"type": "tokens_revoked", "tokens": {"oauth": [], "bot": [state.bot_user]}})
    if state.tokens.pop(state.keys.bot_token, None) is not None:
        state.ended[state.keys.bot_token] = error


def remove(state: State) -> None:
    """The app is taken out of the workspace."""
    state.emit("app_uninstalled", {"type": "app_uninstalled"})
    end_token(state, "account_inactive")
    state.installed = False


def revoke(ask: Ask) -> Json:
    """auth.revoke: the app gives its token back; with `test` it only hears that it could."""
    if ask.flag("test"):
        return {"revoked": False}
    end_token(ask.state)
    return {"revoked": True}


def uninstall(ask: Ask) -> Json:
    """apps.uninstall: the app leaves the workspace of its token."""
    _app(ask)
    remove(ask.state)
    return {}
