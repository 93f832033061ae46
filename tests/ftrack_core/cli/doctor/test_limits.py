"""Checks that raise, hang or end early, and what is logged meanwhile."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator

import pytest

from ftrack_core.cli.doctor._limits import Log, limited
from ftrack_core.errors import CacheError
from ftrack_core.values import Finding

FINE = Finding("first", "ok", "fine")


def test_findings_come_as_they_are_made() -> None:
    """A person would wait for the slowest step before seeing the first."""
    released = threading.Event()

    def steps() -> Iterator[Finding]:
        yield FINE
        assert released.wait(10)
        yield Finding("second", "ok", "fine too")

    found = limited("steps", steps, 10.0)
    assert next(found) == FINE
    released.set()
    assert [each.check for each in found] == ["second"]


@pytest.mark.parametrize(
    ("error", "text", "code"),
    [
        (CacheError("it is gone"), "it is gone", "FT-610"),
        (ValueError("odd"), "ValueError: odd", None),
        (SystemExit(3), "SystemExit: 3", None),
        (KeyError(), "KeyError: KeyError", None),
    ],
)
def test_what_a_check_raises_is_its_last_finding(error: BaseException, text: str, code: str | None) -> None:
    """One stranger's backend would end the whole examination."""

    def steps() -> Iterator[Finding]:
        yield FINE
        raise error

    first, last = limited("steps", steps, 10.0)
    assert first == FINE
    assert (last.state, last.text, last.facts.get("code")) == ("failed", text, code)


def test_a_step_that_hangs_is_told_with_the_one_before_it() -> None:
    """That it hangs is what the caller knew before."""
    never = threading.Event()

    def steps() -> Iterator[Finding]:
        yield FINE
        never.wait(30)

    first, last = limited("steps", steps, 0.2)
    never.set()
    assert first == FINE
    assert "within 0.2 s after 'first'" in last.text


def test_what_is_logged_is_kept_once_and_in_order() -> None:
    """Lines between the findings would be cut off, doubled, or lost."""
    log, logger = Log(), logging.getLogger("acme.cache")
    with log.listening():
        for text in ("one %d", "two %d", "one %d"):
            logger.warning(text, 1)
        log.handle(logging.LogRecord("acme.cache", logging.WARNING, __file__, 1, "no %d number", ("a",), None))
        logger.info("not worth it")
    logger.warning("too late")
    assert log.lines() == ["one 1", "two 1"]
    assert log.lines() == []
