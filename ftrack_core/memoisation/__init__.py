"""Results of functions, kept: computed once for equal arguments, on the seams of caches and key makers.

    @memoise(seconds=600)
    def frame_range(shot): ...

    frame_range(shot)            # computed
    frame_range(shot=shot)       # kept: the same call
    frame_range.forget(shot)

How to read it: `_decorator` is what programs use; `_memoiser` computes once and keeps; `_flights` lets one thread
compute while others wait; `_calls` makes one key of a call, however its arguments were passed; `_results` keeps them.
"""

from __future__ import annotations

from ftrack_core.memoisation._decorator import MemoisedFunction, memoise
from ftrack_core.memoisation._memoiser import Memoiser, MemoiserStatistics

__all__ = ["MemoisedFunction", "Memoiser", "MemoiserStatistics", "memoise"]
