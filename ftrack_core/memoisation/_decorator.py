"""`@memoise`."""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable
from typing import Any, Generic, ParamSpec, TypeVar, overload

from ftrack_core.memoisation._memoiser import Memoiser, MemoiserStatistics

__all__ = ["MemoisedFunction", "memoise"]

_P = ParamSpec("_P")
_R = TypeVar("_R")


class MemoisedFunction(Generic[_P, _R]):
    """A function whose results are kept; called like the function itself.

    Args:
        function: The function.
        memoiser: Keeps the results; None for one of its own, made of the options.
        key: Given the arguments, gives what the key is made of.
        options: Of its own memoiser.
    """

    def __init__(
        self,
        function: Callable[_P, _R],
        memoiser: Memoiser | None,
        key: Callable[..., Any] | None,
        options: dict[str, Any],
    ) -> None:
        functools.update_wrapper(self, function)
        self._function = function
        self._memoiser = memoiser
        self._key = key
        self._options = options
        self._making = threading.Lock()

    @property
    def memoiser(self) -> Memoiser:
        """What keeps the results; made at the first call, so that an import looks up no backend."""
        with self._making:
            if self._memoiser is None:
                self._memoiser = Memoiser(**self._options)
            return self._memoiser

    def __call__(self, *args: _P.args, **kwargs: _P.kwargs) -> _R:
        result: _R = self.memoiser.call(self._function, args, kwargs, key=self._key)
        return result

    def forget(self, *args: _P.args, **kwargs: _P.kwargs) -> bool:
        """Forget the result of a call with these arguments, and tell whether there was one."""
        return self.memoiser.forget(self._function, args, kwargs, key=self._key)

    def statistics(self) -> MemoiserStatistics:
        """What its memoiser did."""
        return self.memoiser.statistics()

    def __get__(self, instance: Any, owner: type | None = None) -> Any:
        """The function as a method of an instance; each instance has results of its own."""
        bind = getattr(self._function, "__get__", None)
        if bind is None or (instance is None and not isinstance(self._function, classmethod)):
            return self
        bound: Any = object.__new__(MemoisedFunction)
        function = bind(instance, owner)
        owned = getattr(function, "__self__", None)
        key = self._key
        choose = None if key is None else functools.partial(key, owned)
        MemoisedFunction.__init__(bound, function, self.memoiser, choose, {})
        return bound


@overload
def memoise(function: Callable[_P, _R], /) -> MemoisedFunction[_P, _R]: ...
@overload
def memoise(
    *, memoiser: Memoiser | None = None, key: Callable[..., Any] | None = None, **options: Any
) -> Callable[[Callable[_P, _R]], MemoisedFunction[_P, _R]]: ...
def memoise(
    function: Callable[..., Any] | None = None,
    /,
    *,
    memoiser: Memoiser | None = None,
    key: Callable[..., Any] | None = None,
    **options: Any,
) -> Any:
    """Keep the results of a function, as `@memoise` or `@memoise(seconds=60)`.

    What it makes is called like the function; `forget(...)` forgets one result, `statistics()` tells how it goes. On a
    method each instance has results of its own.

    Args:
        function: The function, where the decorator stands without arguments.
        memoiser: Keeps the results; without one the function gets one of its own, made of `options`.
        key: Given the arguments, gives what tells one call from another, as `lambda shot, log: shot["id"]`.
        **options: Those of `Memoiser`.

    Returns:
        The memoised function, or a decorator.

    Raises:
        TypeError: Both a memoiser and options for one were given.
    """
    if memoiser is not None and options:
        raise TypeError(f"memoise() was given a memoiser and options for one: {', '.join(sorted(options))}")

    def decorate(decorated: Callable[..., Any]) -> MemoisedFunction[..., Any]:
        return MemoisedFunction(decorated, memoiser, key, options)

    return decorate if function is None else decorate(function)
