"""The `api_key` authenticator, beyond its contract."""

from __future__ import annotations

import pytest

from ftrack_backends.authenticators import ApiKeyOptions
from ftrack_backends.authenticators._api_key import ApiKeyAuthenticator
from ftrack_core.errors import InvalidCredentialsError, MissingCredentialsError
from ftrack_core.values import Request


def test_user_and_key_go_into_the_headers_that_the_server_reads() -> None:
    """The server would not know who is asking."""
    request = next(ApiKeyAuthenticator(user="ann", api_key="k").flow(Request("POST", "/api", {"a": "b"})))
    assert request.headers == {"a": "b", "ftrack-user": "ann", "ftrack-api-key": "k"}


def test_file_addresses_get_user_and_key_under_the_names_that_the_server_reads() -> None:
    """A thumbnail's address would give a page that says `log in`."""
    assert ApiKeyAuthenticator(user="ann", api_key="k").url_parameters() == {"username": "ann", "apiKey": "k"}


@pytest.mark.parametrize(
    ("user", "key", "missing"), [("", "k", ("user",)), ("a", "", ("api_key",)), ("", "", ("user", "api_key"))]
)
def test_empty_credentials_are_refused_together_and_by_name(user: str, key: str, missing: tuple[str, ...]) -> None:
    """The server would refuse with words that name neither."""
    with pytest.raises(MissingCredentialsError) as caught:
        ApiKeyAuthenticator(user=user, api_key=key)
    assert caught.value.missing == missing
    assert all(name in str(caught.value) for name in missing)


@pytest.mark.parametrize("key", ["s3cr3t\n", " s3cr3t", "s3c\x00r3t", "s3cr3t\r\nX: y"])
def test_a_key_with_a_line_break_is_refused_without_showing_it(key: str) -> None:
    """A key read from a file with its line's end would fail far away, or smuggle a header in."""
    with pytest.raises(InvalidCredentialsError) as caught:
        ApiKeyAuthenticator(user="ann", api_key=key)
    assert "s3c" not in str(caught.value)
    assert "line" in str(caught.value)


def test_the_key_is_in_no_representation_of_options() -> None:
    """A key in a log file is a key on a wiki page."""
    assert "s3cr3t" not in repr(ApiKeyOptions(user="ann", api_key="s3cr3t"))
