"""How a program measures itself; the same for all of them. Standard library only."""

from __future__ import annotations

import gc
import hashlib
import json
import sys
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

__all__ = ["digest", "resident_bytes", "timed", "traced"]


def timed(work: Callable[[], Any]) -> tuple[dict[str, float], Any]:
    """Seconds by the clock and seconds of this process that the work took, and what it gave."""
    gc.collect()
    wall, cpu = time.perf_counter(), time.process_time()
    result = work()
    return {"wall": time.perf_counter() - wall, "cpu": time.process_time() - cpu}, result


def traced(work: Callable[[], Any]) -> tuple[int, Any]:
    """Bytes that are held more after the work than before it, by Python's own count, and what it gave."""
    gc.collect()
    tracemalloc.start()
    result = work()
    gc.collect()
    held, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return held, result


def resident_bytes() -> int:
    """Memory that this process has now; where the system does not tell, the most that it ever had."""
    gc.collect()
    status = Path("/proc/self/statm")
    if status.exists():
        import resource

        return int(status.read_text(encoding="ascii").split()[1]) * resource.getpagesize()
    if sys.platform == "win32":
        return 0
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def digest(values: Any) -> str:
    """A short name of values: who gives the same one has read the same."""
    return hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()
