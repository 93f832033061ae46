"""What a plug-in's `register` is called with."""

from __future__ import annotations

import functools
from typing import Any

import pytest

from ftrack_core.errors import PluginError
from ftrack_core.plugins._registering import call_of

SESSION = object()
OFFERED = {"k": 1, "other": 2}


def given(register: Any, offered: dict[str, Any] | None = None) -> Any:
    """What `register` returns when it is called as a plug-in's is."""
    call = call_of(register, SESSION, OFFERED if offered is None else offered)
    return register(*call.arguments, **call.keywords)


def made(parameters: str) -> Any:
    """A function with these parameters that gives what it was called with."""
    names: dict[str, Any] = {}
    exec(f"def register({parameters}): return locals()", names)  # noqa: S102 - every kind of signature
    return names["register"]


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        ("session", {"session": SESSION}),
        ("session, /", {"session": SESSION}),
        ("s", {"s": SESSION}),
        ("session, k", {"session": SESSION, "k": 1}),
        ("session, z=0", {"session": SESSION, "z": 0}),
        ("session, z=0, k=5", {"session": SESSION, "z": 0, "k": 1}),
        ("session, z=0, k=5, /", {"session": SESSION, "z": 0, "k": 1}),
        ("session, k, /", {"session": SESSION, "k": 1}),
        ("session, *, k", {"session": SESSION, "k": 1}),
        ("session, *, k=5", {"session": SESSION, "k": 1}),
        ("session, *rest", {"session": SESSION, "rest": ()}),
        ("session, *rest, k", {"session": SESSION, "rest": (), "k": 1}),
        ("session, **more", {"session": SESSION, "more": OFFERED}),
        ("session, k, **more", {"session": SESSION, "k": 1, "more": {"other": 2}}),
        ("*rest", {"rest": (SESSION,)}),
        ("*rest, **more", {"rest": (SESSION,), "more": OFFERED}),
        ("**more", {"more": {"session": SESSION, **OFFERED}}),
        ("*, session", {"session": SESSION}),
        ("*, k, session", {"session": SESSION, "k": 1}),
        ("*, k, **more", {"k": 1, "more": {"session": SESSION, "other": 2}}),
    ],
)
def test_every_kind_of_signature_gets_what_it_takes(parameters: str, expected: dict[str, Any]) -> None:
    """Plug-ins of many authors share one set of arguments: each gets those that it names, and no other."""
    assert given(made(parameters)) == expected


def test_what_is_offered_under_the_sessions_name_never_takes_its_place() -> None:
    """A studio that offers its own `session` must not break plug-ins that mean ours."""
    offered = {"session": "another", "s": "a third"}
    assert given(made("session, **more"), offered) == {"session": SESSION, "more": {"s": "a third"}}
    assert given(made("s, session"), offered) == {"s": SESSION, "session": "another"}
    assert given(made("**more"), offered) == {"more": {"session": SESSION, "s": "a third"}}
    assert call_of(made("session"), SESSION, offered).culled == ("session", "s")


def test_what_is_not_taken_is_known() -> None:
    """Who wonders why an argument has no effect finds its name."""
    assert call_of(made("session, k"), SESSION, OFFERED).culled == ("other",)
    assert call_of(made("session, **more"), SESSION, OFFERED).culled == ()


@pytest.mark.parametrize(
    ("parameters", "missing"),
    [("session, a", ["a"]), ("session, a, k, *, b", ["a", "b"]), ("k, session", ["session"])],
)
def test_what_is_required_and_not_offered_is_named(parameters: str, missing: list[str]) -> None:
    """The message says what to offer, where, and what is offered now."""
    with pytest.raises(PluginError, match=r"plugin_arguments has k, other: offer it there") as caught:
        call_of(made(parameters), SESSION, OFFERED)
    assert caught.value.details["missing"] == missing
    assert all(repr(name) in str(caught.value) for name in missing)


@pytest.mark.parametrize("parameters", ["", "*, k"])
def test_a_register_that_takes_no_session_is_told(parameters: str) -> None:
    """It was written for something else, or by mistake."""
    with pytest.raises(PluginError, match=r"takes no session: write def register\(session\)"):
        call_of(made(parameters), SESSION, OFFERED)


def test_an_asynchronous_register_is_refused() -> None:
    """Nobody would ever await it: it would do nothing, in silence."""

    async def register(session: Any) -> None:
        """Never runs."""

    with pytest.raises(PluginError, match="asynchronous"):
        call_of(register, SESSION, OFFERED)


class _Callable:
    def __init__(self, session: Any, k: int = 0) -> None:
        self.got = (session, k)

    def __call__(self, session: Any, other: int = 0) -> Any:
        return (session, other)

    @classmethod
    def of_class(cls, session: Any, k: int = 0) -> Any:
        return (session, k)


def test_whatever_can_be_called_registers() -> None:
    """Base classes of actions offer `register` as a method, a class or a partial."""
    assert given(_Callable).got == (SESSION, 1)
    assert given(_Callable(None)) == (SESSION, 2)
    assert given(_Callable.of_class) == (SESSION, 1)
    assert given(functools.partial(made("config, session, k"), "own")) == {"config": "own", "session": SESSION, "k": 1}
    assert given(functools.partial(made("session, k, z"), z=3)) == {"session": SESSION, "k": 1, "z": 3}
    assert given(functools.lru_cache(made("session, k"))) == {"session": SESSION, "k": 1}


def test_one_that_tells_no_signature_gets_the_session_alone() -> None:
    """Compiled plug-ins are called the one way that always is right."""
    assert given(type) is object
    assert call_of(iter, SESSION, OFFERED).culled == ("k", "other")
