"""From settings to backends."""

from __future__ import annotations

from typing import Any

import pytest

from ftrack_core.assembly import assemble
from ftrack_core.config import resolve
from ftrack_core.errors import (
    BackendError,
    BackendNotFoundError,
    BrokenBackendError,
    ConfigurationError,
    MissingCredentialsError,
    SettingTypeError,
    WrongBackendError,
)
from ftrack_core.interfaces import ICache, IEventHub, ITransport
from ftrack_core.values import Request


def _assembled(house: Any, settings: Any, **environment: str) -> Any:
    return assemble(settings, registry=house.registry, environment=environment)


def test_defaults_are_chosen_by_the_url(house: Any, settings: Any, backend_classes: Any) -> None:
    """Somebody who gives server and key only would have to name six backends."""
    backends = _assembled(house, settings(timeout=(3, 30), schema_cache_path="/keep"))
    assert backends.server_url == "https://a.example"
    assert isinstance(backends.transport, backend_classes["transport"])
    assert backends.transport.options.read_seconds == 30
    assert backends.transport.options.connect_seconds == 3
    assert backends.authenticator.user == "ann"
    assert backends.schema_cache.options.folder == "/keep"
    assert backends.cache is None


def test_an_embedded_workspace_needs_no_credentials_and_keeps_no_schemas(house: Any) -> None:
    """A test would need an account, or leave files behind."""
    settings = resolve({"server_url": "embedded:"}, environment={"HOME": "/home/ann", "FTRACK_API_USER": "producer"})
    backends = _assembled(house, settings, FTRACK_API_USER="producer")
    assert backends.schema_cache is None
    assert backends.authenticator.user == "somebody"


def test_an_embedded_workspace_takes_credentials_that_were_given(house: Any, settings: Any) -> None:
    """A test could not act as a user without rights."""
    assert _assembled(house, settings(server_url="embedded:show")).authenticator.user == "ann"


@pytest.mark.parametrize("path", [False, None])
def test_schemas_are_kept_unless_that_is_off(house: Any, settings: Any, path: Any) -> None:
    """`schema_cache_path=False` would write a file all the same."""
    backends = _assembled(house, settings(schema_cache_path=path, schema_cache="json_file"))
    assert (backends.schema_cache is None) is (path is False)


@pytest.mark.parametrize("url", ["acme.example", "ftp://acme.example", "https://", "localhost:8080", "/srv"])
def test_another_kind_of_url_is_a_fault(house: Any, settings: Any, url: str) -> None:
    """A forgotten https:// would fail deep inside an HTTP library."""
    with pytest.raises(ConfigurationError, match="should begin with https://, http:// or embedded:"):
        _assembled(house, settings(server_url=url))


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("embeded:/srv/show.db", "did you mean 'embedded:/srv/show.db'?"),
        ("htps://acme.example", "did you mean 'https://acme.example'?"),
        ("http://acme.example:99999", "no URL that can be read, 'http://acme.example:99999': Port out of range"),
        ("http://[::1", "no URL that can be read"),
    ],
)
def test_a_slip_in_the_url_is_told_with_what_it_should_be(house: Any, settings: Any, url: str, told: str) -> None:
    """Whoever mistyped a scheme or a port would be sent to look for line breaks in headers."""
    with pytest.raises(ConfigurationError, match="server_url") as caught:
        _assembled(house, settings(server_url=url))
    assert told in str(caught.value)


def test_an_option_that_was_meant_to_name_the_backend_is_told_the_right_key(house: Any, settings: Any) -> None:
    """`transport = { name = "requests" }` looks right, and the list of options would not tell why it is not."""
    with pytest.raises(ConfigurationError, match="says which backend it is, is `backend`"):
        _assembled(house, settings(transport={"name": "requests"}))


def test_a_chosen_transport_may_have_a_scheme_of_its_own(house: Any, settings: Any) -> None:
    """A package with a replaying transport could not say what to replay."""
    assert _assembled(house, settings(server_url="replay:/a", transport="requests")).server_url == "replay:/a"


def test_a_backend_may_be_named_by_path_class_or_table(house: Any, settings: Any, backend_classes: Any) -> None:
    """One of the documented forms would not work."""
    hub = backend_classes["event_hub"]
    named = settings(
        event_hub={"backend": hub, "options": 5},
        transport={"connect_seconds": 5},
        cache="ftrack_backends.caches:memory",
    )
    backends = _assembled(house, named)
    assert backends.event_hub.options == 5
    assert backends.transport.options.connect_seconds == 5
    assert ICache.providedBy(backends.cache)
    assert backends.event_hub in backends.owned


def test_several_caches_become_one_in_their_order(house: Any, settings: Any, backend_classes: Any) -> None:
    """A list of caches would use its first only, or in the wrong order."""
    mine = backend_classes["cache"]()
    backends = _assembled(house, settings(cache=["memory", mine]))
    first, second = backends.cache.options.layers
    assert backends.cache in backends.owned
    assert first is not mine
    assert second is mine
    assert _assembled(house, settings(cache=[])).cache is None
    assert _assembled(house, settings(cache=[mine])).cache is mine


def test_a_table_of_layers_is_what_a_list_of_them_is(house: Any, settings: Any, backend_classes: Any) -> None:
    """Whoever reads that there is a backend `layered` would write it so, and be told that a table is no cache."""
    mine = backend_classes["cache"]()
    table = {"backend": "layered", "layers": ["memory", {"backend": "memory"}, mine]}
    backends = _assembled(house, settings(cache=table))
    first, second, third = backends.cache.options.layers
    assert third is mine
    assert first in backends.owned
    assert second in backends.owned
    assert mine not in backends.owned
    assert len(_assembled(house, settings(cache=["memory", table])).cache.options.layers) == 4
    assert _assembled(house, settings(cache={"backend": "layered", "layers": [mine]})).cache is mine


def test_what_is_wrong_in_a_table_of_layers_is_told_with_its_place(house: Any, settings: Any) -> None:
    """A typing error in the third layer would be told of the whole cache."""
    wrong = {"backend": "layered", "layers": ["memory", {"backend": "memmory"}]}
    with pytest.raises(BackendNotFoundError, match=r"cache\.layers\[1\].*did you mean 'memory'"):
        _assembled(house, settings(cache=wrong))
    with pytest.raises(ConfigurationError, match=r"unknown option argument cache\.layers\[0\]\.colour"):
        _assembled(house, settings(cache={"backend": "layered", "layers": [{"backend": "memory", "colour": 1}]}))
    with pytest.raises(ConfigurationError, match=r"unknown option argument cache\.colour"):
        _assembled(house, settings(cache={"backend": "layered", "layers": ["memory"], "colour": 1}))


def test_what_is_handed_in_is_not_closed(house: Any, settings: Any, backend_classes: Any) -> None:
    """Closing one session would close the cache of another."""
    mine = backend_classes["cache"]()
    backends = _assembled(house, settings(cache=mine))
    backends.close()
    assert backends.cache is mine
    assert mine.log == []


def test_closing_runs_in_reverse_once_and_past_a_failure(
    house: Any, settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    """A failing backend would leave connections of the others open."""
    backends = _assembled(house, settings(schema_cache_path=False, cache="memory"))

    def fail() -> None:
        raise OSError("stuck")

    hub = backends.event_hub
    backends.owned.insert(2, type("Stuck", (), {"close": staticmethod(fail)})())
    backends.close()
    backends.close()
    assert house.closed == [hub, backends.cache, backends.authenticator, backends.transport]
    assert "closing Stuck failed" in caplog.text


def test_the_hub_that_nobody_chose_is_made_when_it_is_asked_for(house: Any, settings: Any) -> None:
    """Most programs ask for no event, and each would pay for a hub."""
    backends = _assembled(house, settings(schema_cache_path=False))
    assert not backends.event_hub_stands
    assert backends.event_hub is backends.event_hub
    assert backends.event_hub_stands
    backends.close()
    assert backends.event_hub in house.closed


def test_a_hub_that_was_chosen_is_made_with_the_others(house: Any, settings: Any) -> None:
    """What is wrong with it is told when the session starts, not when the first event is published."""
    assert _assembled(house, settings(schema_cache_path=False, event_hub="local")).event_hub_stands


def test_what_is_asked_for_after_the_end_is_closed_at_once(house: Any, settings: Any) -> None:
    """A hub that nobody closes would keep its threads until the interpreter ends."""
    backends = _assembled(house, settings(schema_cache_path=False))
    backends.close()
    assert backends.event_hub in house.closed


def test_what_was_made_is_closed_when_a_later_one_fails(house: Any, settings: Any) -> None:
    """A start that fails would leave a connection pool behind."""

    def fail(*_: Any) -> Any:
        raise OSError("port taken")

    house.add("ftrack.event_hub", "failing", fail, IEventHub)
    with pytest.raises(BrokenBackendError, match="could not be made: OSError: port taken") as caught:
        _assembled(house, settings(event_hub="failing"))
    assert isinstance(caught.value.__cause__, OSError)
    assert len(house.closed) == 3


def test_a_missing_library_comes_with_the_hint(house: Any, settings: Any) -> None:
    """A user would not know what to install."""

    def fail(*_: Any) -> Any:
        raise ImportError("No module named 'acme'")

    house.add("ftrack.event_hub", "needy", fail, IEventHub)
    with pytest.raises(BrokenBackendError, match="pip install acme"):
        _assembled(house, settings(event_hub="needy"))


def test_errors_of_our_tree_come_through_a_factory_unchanged(house: Any, settings: Any) -> None:
    """A backend's own clear error would be wrapped in a vague one."""

    def fail(*_: Any) -> Any:
        raise MissingCredentialsError("no token")

    house.add("ftrack.event_hub", "strict", fail, IEventHub)
    with pytest.raises(MissingCredentialsError, match=r"^no token$"):
        _assembled(house, settings(event_hub="strict"))


def test_an_instance_that_breaks_its_contract_is_wrong(house: Any, settings: Any) -> None:
    """A cache without `clear` would fail in the middle of a commit."""
    with pytest.raises(WrongBackendError, match=r"argument event_hub.*does not keep IEventHub") as caught:
        _assembled(house, settings(event_hub=object()))
    assert "'subscribe'" in str(caught.value)


def test_a_factory_that_makes_the_wrong_thing_is_wrong(house: Any, settings: Any, backend_classes: Any) -> None:
    """A hub that is a cache would be found at the first event."""
    house.add("ftrack.event_hub", "odd", backend_classes["cache"], IEventHub)
    with pytest.raises(WrongBackendError, match=r"backend 'odd' \(from"):
        _assembled(house, settings(event_hub="odd"))


def test_a_lone_missing_backend_is_told_by_its_own_class(house: Any, settings: Any) -> None:
    """A program could not tell a missing package from a wrong option."""
    with pytest.raises(BackendNotFoundError, match=r"'memry' \(from argument cache\).*did you mean 'memory'"):
        _assembled(house, settings(cache="memry"))


def test_several_missing_backends_come_in_one_error(house: Any, settings: Any) -> None:
    """A user would install one package after the other."""
    with pytest.raises(BackendNotFoundError, match="2 backends cannot be had") as caught:
        _assembled(house, settings(cache="disk", event_hub="socket"))
    assert "'disk'" in str(caught.value)
    assert "'socket'" in str(caught.value)
    with pytest.raises(BackendError, match="2 backends"):
        _assembled(house, settings(cache="disk", event_hub="ftrack_core.errors:Nothing.at"))


def test_every_fault_of_settings_options_and_backends_comes_at_once(house: Any, settings: Any) -> None:
    """A config file with four mistakes would take four starts."""
    profile = {
        "transport": {"conect_seconds": 5, "retries": 9, "read_seconds": "long"},
        "cache": ["memory", {"backend": "memory", "megabytes": 5}],
        "event_hub": "socket",
        "timeuot": 5,
    }
    with pytest.raises(SettingTypeError) as caught:
        _assembled(house, settings(profile))
    faults = "\n".join(caught.value.faults)
    assert len(caught.value.faults) == 6
    assert "unknown setting profiles.farm.timeuot (argument config); did you mean 'timeout'?" in faults
    assert "unknown option profiles.farm.transport.conect_seconds (argument config); did you mean" in faults
    assert "profiles.farm.transport.retries (argument config)" in faults
    assert "profiles.farm.transport.read_seconds (argument config) should be a number, not 'long' (str)" in faults
    assert "profiles.farm.cache[1].megabytes" in faults
    assert "'socket' (from profiles.farm.event_hub (argument config)) is not installed" in faults


def test_nothing_is_made_when_something_is_wrong(house: Any, settings: Any) -> None:
    """A wrong option of the hub would leave an open database behind."""
    made: list[Any] = []
    house.add("ftrack.cache", "noted", lambda *_: made.append(1), ICache)
    with pytest.raises(ConfigurationError):
        _assembled(house, settings(cache="noted", event_hub={"backend": "local", "nothing": 1}))
    assert made == []


def test_options_of_a_ready_instance_are_faults(house: Any, settings: Any, backend_classes: Any) -> None:
    """Options that nobody reads would be believed to work."""
    with pytest.raises(ConfigurationError, match="stands already"):
        _assembled(house, settings(cache={"backend": backend_classes["cache"](), "megabytes": 5}))


def test_options_of_a_class_are_its_arguments(house: Any, settings: Any, backend_classes: Any) -> None:
    """A wrong option of a class named by path would be a TypeError from its constructor."""
    with pytest.raises(ConfigurationError, match=r"cache\.optons.*did you mean 'options'"):
        _assembled(house, settings(cache={"backend": backend_classes["cache"], "optons": 5}))


def test_a_table_without_a_backend_needs_a_default(house: Any, settings: Any) -> None:
    """`cache = { path = ... }` would be ignored."""
    with pytest.raises(ConfigurationError, match="should name a backend"):
        _assembled(house, settings(cache={"path": "/a"}))


def test_options_may_come_from_declared_variables(house: Any, settings: Any) -> None:
    """The variable that `ftrack backends` shows would do nothing."""
    options = _assembled(house, settings(), ACME_CA="/etc/acme.pem", ACME_RETRIES="3").transport.options
    assert (options.ca_bundle, options.retries) == ("/etc/acme.pem", 3)
    given = settings(transport={"ca_bundle": "/mine.pem"})
    assert _assembled(house, given, ACME_CA="/etc/acme.pem").transport.options.ca_bundle == "/mine.pem"
    with pytest.raises(ConfigurationError, match=r"transport\.retries \(environment variable ACME_RETRIES\)"):
        _assembled(house, settings(), ACME_RETRIES="many")


def test_requests_are_signed_in_one_place(house: Any, settings: Any) -> None:
    """A request without credentials would be refused by the server."""
    backends = _assembled(house, settings())
    assert backends.exchange(Request("POST", "/api")).headers == {"user": "ann"}


def test_a_transport_that_cannot_stream_is_read_piece_by_piece_all_the_same(house: Any, settings: Any) -> None:
    """Downloading would work with some transports only."""
    response = _assembled(house, settings()).open(Request("GET", "/component/get"))
    assert response.status == 200
    assert response.headers == {"user": "ann"}
    assert list(response.chunks(10)) == [b"/component", b"/get"]
    response.close()


def test_the_context_signs_exchanges_and_shares(house: Any, settings: Any) -> None:
    """A hub could not ask the server for anything, or would open a second connection."""
    backends = _assembled(house, settings())
    context = backends.event_hub.context
    assert context.user == "ann"
    assert context.scope == backends.scope
    assert context.exchange(Request("GET", "/x")).body == b"/x"
    assert context.authorised(Request("GET", "/x")).headers == {"user": "ann"}
    shared = context.shared("connection", object)
    assert context.shared("connection", list) is shared
    assert shared in backends.owned


def test_the_context_says_when_it_is_too_early(house: Any, settings: Any) -> None:
    """A transport that asks the server while it is made would fail with an AttributeError on None."""

    def eager(options: Any, context: Any, log: Any) -> Any:
        return context.exchange(Request("GET", "/x"))

    house.add("ftrack.transport", "eager", eager, ITransport)
    with pytest.raises(BackendError, match="still being made"):
        _assembled(house, settings(transport="eager"))


def test_the_scope_tells_apart_and_holds_no_secret(house: Any, settings: Any) -> None:
    """A shared cache would give one user what only another may see."""
    scopes = {
        _assembled(house, settings(**more)).scope
        for more in ({}, {"api_key": "other"}, {"api_user": "bob"}, {"server_url": "https://b.example"})
    }
    assert len(scopes) == 4
    assert all("s3cret" not in scope for scope in scopes)
    assert _assembled(house, settings()).scope in scopes


def test_representations_hold_no_secret(house: Any, settings: Any) -> None:
    """A key would stand in a traceback or a log."""
    backends = _assembled(house, settings(transport={"token": "s3cret"}, schema_cache_path=False))
    assert "s3cret" not in repr(backends.scope)
    with pytest.raises(ConfigurationError) as caught:
        _assembled(house, settings(transport={"token": 31337}))
    assert "31337" not in str(caught.value)


def test_caches_can_be_layered_later(house: Any, settings: Any, backend_classes: Any) -> None:
    """The session could not put its own layer on top."""
    layers = [backend_classes["cache"](), backend_classes["cache"]()]
    assert _assembled(house, settings()).layered(layers).options.layers == tuple(layers)


def test_the_event_hub_goes_the_transport_s_way(house: Any, settings: Any) -> None:
    """Events would fail behind a proxy or a studio's own certificates, though requests go through."""
    given = settings(
        transport={"backend": "requests", "ca_bundle": "/etc/acme.pem", "connect_seconds": 3.0},
        cookies={"door": "open"},
        headers={"X-Studio": "acme"},
    )
    found = _assembled(house, given).event_hub.options
    assert (found.ca_bundle, found.connect_seconds) == ("/etc/acme.pem", 3.0)
    assert (found.cookies, found.headers) == ({"door": "open"}, {"X-Studio": "acme"})
