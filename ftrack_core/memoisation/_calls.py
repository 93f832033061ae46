"""One key for a call, however its arguments were passed."""

from __future__ import annotations

import inspect
import itertools
import threading
import weakref
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import attrs

from ftrack_core.errors import UnkeyableItemError
from ftrack_core.interfaces import IKeyMaker

__all__ = ["Calls", "default_key_maker", "name_of"]


def name_of(function: Callable[..., Any]) -> str:
    """The module and name of a function."""
    plain = inspect.unwrap(getattr(function, "__func__", function))
    return f"{getattr(plain, '__module__', '?')}.{getattr(plain, '__qualname__', type(plain).__qualname__)}"


def default_key_maker() -> IKeyMaker:
    """The key maker that takes most kinds of items."""
    from ftrack_core.plugins import Registry

    factory = Registry().factory("ftrack.key_maker", "object")
    made: IKeyMaker = factory.create(factory.options(), None)  # it needs nothing of an assembly
    return made


@attrs.define(eq=False)
class Calls:
    """Makes keys of calls.

    A function is told by its module and name. One that is made anew while the program runs (a lambda, a function in a
    function) and an instance whose method is called, where no key can be made of it, are told apart by a number of
    their own: that holds in this process and while they live, so it is refused where keys go to a cache.

    Attributes:
        key_maker: Makes the keys.
        shared: Whether the keys go to a cache that others may see.
        scope: Put before each key.
    """

    key_maker: IKeyMaker
    shared: bool = False
    scope: str = ""
    _numbers: weakref.WeakKeyDictionary[Any, int] = attrs.field(factory=weakref.WeakKeyDictionary, init=False)
    _signatures: weakref.WeakKeyDictionary[Any, Any] = attrs.field(factory=weakref.WeakKeyDictionary, init=False)
    _count: itertools.count[int] = attrs.field(factory=lambda: itertools.count(1), init=False)
    _lock: threading.Lock = attrs.field(factory=threading.Lock, init=False)

    def prefix(self, function: Callable[..., Any]) -> tuple[Any, ...]:
        """The items that stand for the function itself."""
        name = name_of(function)
        plain = getattr(function, "__func__", function)
        made_anew = "<" in name.rpartition(".")[2] or "<locals>" in name
        return (self.scope, name, self._number(plain, name)) if made_anew else (self.scope, name)

    def key(
        self,
        function: Callable[..., Any],
        arguments: Sequence[Any],
        keywords: Mapping[str, Any],
        choose: Callable[..., Any] | None = None,
    ) -> str | bytes:
        """The key of a call.

        Args:
            function: What is called; of a bound method, its instance counts too.
            arguments: Its positional arguments.
            keywords: Its keyword arguments.
            choose: Given the arguments, gives what the key is made of instead of them.

        Raises:
            TypeError: The function does not take these arguments.
            UnkeyableItemError: No key can be made of an argument.
        """
        items = self.prefix(function)
        if choose is not None:
            return self._made(function, (*items, choose(*arguments, **keywords)))
        owner = getattr(function, "__self__", None)
        if owner is not None and not inspect.ismodule(owner):
            items = (*items, self._owner(owner, name_of(function)))
        return self._made(function, (*items, self._bound(function, arguments, keywords)))

    def _made(self, function: Callable[..., Any], items: Sequence[Any]) -> str | bytes:
        try:
            return self.key_maker.key(*items)
        except TypeError as error:
            raise UnkeyableItemError(
                f"a call of {name_of(function)} cannot be memoised: {error}; say what its key is made of, as in "
                "@memoise(key=lambda shot: shot.id)"
            ) from error

    def _bound(self, function: Callable[..., Any], arguments: Sequence[Any], keywords: Mapping[str, Any]) -> Any:
        signature = self._signature(function)
        if signature is None:
            return tuple(arguments), dict(keywords)
        bound = signature.bind(*arguments, **keywords)
        bound.apply_defaults()
        return dict(bound.arguments)

    def _signature(self, function: Callable[..., Any]) -> inspect.Signature | None:
        """The signature, looked up once for a function; None for what tells none."""
        plain = getattr(function, "__func__", function)
        try:
            if plain is function and plain in self._signatures:
                known: inspect.Signature | None = self._signatures[plain]
                return known
            found = inspect.signature(function)
            if plain is function:
                self._signatures[plain] = found
        except (TypeError, ValueError):  # written in C
            return None
        return found

    def _owner(self, owner: Any, name: str) -> Any:
        if isinstance(owner, type):
            return ("class", name_of(owner))
        try:
            self.key_maker.key(owner)
        except TypeError:
            return ("instance", self._number(owner, name))
        return ("itself", owner)

    def _number(self, thing: Any, name: str) -> int:
        if self.shared:
            raise UnkeyableItemError(
                f"a call of {name} cannot be memoised in a cache: nothing tells {type(thing).__name__} objects "
                "apart in another process; say what the key is made of, as in "
                "@memoise(cache=cache, key=lambda self: self.id), or move the function to the top of its module"
            )
        try:
            with self._lock:
                return self._numbers.setdefault(thing, next(self._count))
        except TypeError as error:
            raise UnkeyableItemError(
                f"a call of {name} cannot be memoised: no key can be made of its {type(thing).__name__} object, "
                "which cannot be remembered without keeping it alive either; say what the key is made of with key="
            ) from error
