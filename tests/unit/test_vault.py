"""Tokens are sealed by the newest key and opened by any; without a key that fits there is a sentence and no token."""

import sys

import pytest
from cryptography.fernet import Fernet
from pydantic import SecretStr

from bot.errors import BadConfig
from bot.slack.vault import Vault

TOKEN = SecretStr("xoxb-1-secret")
OLD, NEW = (SecretStr(Fernet.generate_key().decode()) for _ in range(2))


def test_what_is_sealed_can_be_opened_and_does_not_show_the_token() -> None:
    vault = Vault([NEW])
    sealed = vault.seal(TOKEN)
    assert "xoxb" not in sealed
    assert vault.open(sealed).get_secret_value() == "xoxb-1-secret"
    assert vault.seal(TOKEN) != sealed, "equal tokens must not be seen to be equal"


def test_the_first_key_seals_and_each_opens() -> None:
    before = Vault([OLD]).seal(TOKEN)
    both = Vault([NEW, OLD])
    assert both.open(before).get_secret_value() == "xoxb-1-secret"
    after = both.seal(TOKEN)
    assert Vault([NEW]).open(after).get_secret_value() == "xoxb-1-secret"
    with pytest.raises(BadConfig):
        Vault([OLD]).open(after)


@pytest.mark.parametrize("sealed", ["", "xoxb-1-secret", "gAAAA", "ÿ"])
def test_what_no_key_fits_is_told_without_its_text(sealed: str) -> None:
    with pytest.raises(BadConfig, match="no key of TOCSIN_TOKEN_KEY fits") as told:
        Vault([NEW]).open(sealed)
    assert "behind the others" in str(told.value)
    assert "xoxb" not in str(told.value)
    assert told.value.__cause__ is None


@pytest.mark.parametrize("keys", [[], [SecretStr("")], [SecretStr("short")], [NEW, SecretStr("ÿ" * 44)]])
def test_keys_that_are_none_are_refused_unseen(keys: list[SecretStr]) -> None:
    with pytest.raises(BadConfig, match="TOCSIN_TOKEN_KEY") as told:
        Vault(keys)
    assert all(key.get_secret_value() not in str(told.value) for key in keys if key.get_secret_value())


def test_without_the_library_the_cure_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "cryptography", None)
    with pytest.raises(BadConfig, match=r"pip install 'tocsin\[oauth\]'"):
        Vault([NEW])


def test_nothing_of_it_shows() -> None:
    assert repr(Vault([NEW])) == "Vault([hidden])"
