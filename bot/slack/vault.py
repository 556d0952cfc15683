"""Seals the tokens of workspaces, so that a copy of the database lets nobody speak as the bot."""

from collections.abc import Sequence

from pydantic import SecretStr

from bot.errors import BadConfig

_MAKE = "Set TOCSIN_TOKEN_KEY to keys of Fernet's, with commas between: the newest first, then those before it."


class Vault:
    """The first key seals, each of them opens; so a key is exchanged by putting a new one in front."""

    def __init__(self, keys: Sequence[SecretStr]) -> None:
        """BadConfig when there is no key, one is none, or the library is missing."""
        try:
            from cryptography import fernet
        except ModuleNotFoundError as missing:
            what, do = "slack.oauth needs a library to seal tokens with.", "Get it with: pip install 'tocsin[oauth]'"
            raise BadConfig(what, do) from missing
        if not keys:
            raise BadConfig("There is no key to seal tokens with.", _MAKE)
        try:
            self._fernet = fernet.MultiFernet([fernet.Fernet(key.get_secret_value()) for key in keys])
        except ValueError:  # its message is not shown: the key is in the call
            raise BadConfig("A key of TOCSIN_TOKEN_KEY is none.", _MAKE) from None
        self._wrong = fernet.InvalidToken

    def __repr__(self) -> str:
        return "Vault([hidden])"

    def seal(self, token: SecretStr) -> str:
        """What is safe to keep of a token."""
        return self._fernet.encrypt(token.get_secret_value().encode()).decode()

    def open(self, sealed: str) -> SecretStr:
        """The token that was sealed; BadConfig when none of the keys fits."""
        try:
            return SecretStr(self._fernet.decrypt(sealed.encode()).decode())
        except self._wrong:
            what = "A token in the database cannot be opened: no key of TOCSIN_TOKEN_KEY fits."
            do = "Put the key it was sealed with behind the others, or install the app again."
            raise BadConfig(what, do) from None
