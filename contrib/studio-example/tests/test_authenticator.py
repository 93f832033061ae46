"""The `acme_keyring` authenticator: the contract, and where it finds the key."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import keyring as library
import pytest
from acme_studio.authenticator import KeyringOptions, keyring
from keyring.backend import KeyringBackend
from keyring.backends.fail import Keyring as NoKeyring
from memory_keyring import MemoryKeyring

from ftrack_core.errors import InvalidCredentialsError, MissingCredentialsError
from ftrack_core.testing import FakeBackendContext
from ftrack_core.testing.suites import AuthenticatorContract
from ftrack_core.values import Request

KEY = "f00d-1234"
SERVICE = "ftrack https://acme.example"


@pytest.fixture(autouse=True)
def kept() -> Iterator[KeyringBackend]:
    """A keyring of the test's own; the machine's is left alone."""
    before, backend = library.get_keyring(), MemoryKeyring()
    library.set_keyring(backend)
    yield backend
    library.set_keyring(before)


def _made(**options: Any) -> Any:
    return keyring.create(
        KeyringOptions(**{"user": "ann", **options}), FakeBackendContext(server_url="https://acme.example")
    )


def _key_of(authenticator: Any) -> str:
    return str(next(authenticator.flow(request=Request("POST", "/api"))).headers["ftrack-api-key"])


class TestKeyringAuthenticator(AuthenticatorContract):
    """Every clause of `IAuthenticator`."""

    def make(self) -> Any:
        """One whose key stands in the keyring."""
        library.set_password(SERVICE, "ann", KEY)
        return _made()

    def secrets(self) -> Sequence[str]:
        """The key."""
        return [KEY]


def test_the_key_is_that_of_server_and_user() -> None:
    """A key of the staging server would be sent to production, or Ben's for Ann."""
    library.set_password("ftrack https://other.example", "ann", "other")
    library.set_password(SERVICE, "ben", "bens")
    library.set_password(SERVICE, "ann", KEY)
    assert _key_of(_made()) == KEY


def test_a_given_key_is_used_as_it_is(kept: KeyringBackend) -> None:
    """A job that brings its key would need a keyring all the same."""
    kept.set_password(SERVICE, "ann", "other")
    assert _key_of(_made(api_key=KEY)) == KEY


@pytest.mark.parametrize("headless", [True, False])
def test_without_a_key_in_the_keyring_the_file_has_it(tmp_path: Path, *, headless: bool) -> None:
    """Farm nodes have no keyring, and a person may have kept nothing in theirs."""
    if headless:
        library.set_keyring(NoKeyring())
    file = tmp_path / "key"
    file.write_text(f"{KEY}\n", encoding="utf-8")
    file.chmod(0o600)
    assert _key_of(_made(key_file=str(file))) == KEY


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has access lists in place of modes")
def test_a_file_that_others_may_read_is_refused(tmp_path: Path) -> None:
    """A key that a whole farm can read is a key that everybody has."""
    file = tmp_path / "key"
    file.write_text(KEY, encoding="utf-8")
    file.chmod(0o640)
    with pytest.raises(InvalidCredentialsError, match="chmod 600"):
        _made(key_file=str(file))


def test_without_any_key_every_place_is_told(tmp_path: Path) -> None:
    """Somebody on a farm node would guess where the key should have been."""
    library.set_keyring(NoKeyring())
    file = tmp_path / "none"
    with pytest.raises(MissingCredentialsError) as caught:
        _made(key_file=str(file))
    told = str(caught.value)
    assert caught.value.missing == ("api_key",)
    assert [part for part in ("FTRACK_API_KEY", "NoKeyringError", str(file), "keyring set") if part not in told] == []
