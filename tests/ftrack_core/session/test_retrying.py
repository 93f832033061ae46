"""What may be sent again, and after how long."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ftrack_core import errors
from ftrack_core.errors import Phase
from ftrack_core.session.line._retrying import Loss, Waiting, loss_of, may_repeat


@pytest.mark.parametrize("phase", list(Phase))
@pytest.mark.parametrize(
    ("actions", "always", "unsent"),
    [
        (["query"], True, True),
        (["query", "search", "query_schemas", "query_server_information"], True, True),
        (["query", "update"], False, True),
        (["create", "update", "delete"], False, True),
        (["encode_media"], False, False),
        (["query", "send_user_invite"], False, False),
        ([None], False, False),
    ],
)
def test_reads_may_always_be_repeated_and_writes_only_unsent(
    actions: list[str], always: bool, unsent: bool, phase: Phase
) -> None:
    """One write among the reads of a batch makes it a write, one other action makes it untouchable."""
    assert may_repeat(actions, phase) is (unsent if phase is Phase.BEFORE_SENDING else always)


@pytest.mark.parametrize(
    ("error", "loss"),
    [
        (errors.NotSentError(), Loss.NONE),
        (errors.ConnectTimeoutError(), Loss.NONE),
        (errors.ConnectionLostError(), Loss.REPLY),
        (errors.ReadTimeoutError(), Loss.REPLY),
        (errors.ConnectionLostError(phase=Phase.WHILE_READING), Loss.REPLY),
        (errors.TransportError(), Loss.REPLY),
        (errors.IntegrityRefusedError(exception="IntegrityError", status=200), Loss.NONE),
        (errors.ServerError(exception="InternalError", status=500), Loss.NONE),
        (errors.MalformedReplyError(status=502), Loss.REPLY),
        (errors.ServerError(status=503), Loss.REPLY),
        (errors.MalformedReplyError(status=404), Loss.NONE),
        (errors.MalformedReplyError(status=302), Loss.NONE),
        (errors.MalformedReplyError(status=200), Loss.MEANING),
        (errors.MalformedReplyError(), Loss.MEANING),
        (errors.MalformedReplyError(status=500), Loss.MEANING),
        (errors.UnrecognisedEntityTypeError(), Loss.MEANING),
        (errors.ConnectionClosedError(), Loss.NONE),
        (errors.MissingCredentialsError(), Loss.NONE),
        (errors.InvalidCredentialsError(exception="InvalidCredentialsError"), Loss.NONE),
        (KeyboardInterrupt(), Loss.MEANING),
    ],
)
def test_what_a_failure_says_about_a_batch_of_writes(error: BaseException, loss: Loss) -> None:
    """Taken for a refusal, a lost reply would double the batch; the other way round, a typo would cost ten seconds."""
    assert loss_of(error) is loss


def waits(seconds: float, chances: list[float], each_takes: float = 0.0) -> list[float]:
    """The pauses that a budget allows; every attempt between them takes some time."""
    now, slept, dice = [0.0], [], iter(chances * 1000)

    def sleep(pause: float) -> None:
        slept.append(pause)
        now[0] += pause + each_takes

    patience = Waiting(lambda: now[0], sleep, lambda: next(dice)).patience(seconds)
    while patience.wait():
        assert len(slept) < 1000
    return slept


def test_pauses_grow_and_end_with_the_budget() -> None:
    """A short hiccup costs a tenth of a second, a long one does not become an attack on the server."""
    assert waits(10, [0.999999999]) == pytest.approx([0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 3.7])
    assert waits(0, [0.5]) == []


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)  # a busy machine draws slowly
@given(st.floats(0, 100), st.lists(st.floats(0, 1, exclude_max=True), min_size=1), st.floats(0, 30))
def test_pauses_keep_to_the_budget(seconds: float, chances: list[float], each_takes: float) -> None:
    """Whatever chance brings and however long attempts take: it ends, and no pause goes beyond the budget."""
    slept = waits(seconds, chances, each_takes)
    assert sum(slept) <= seconds + 1e-6
    assert all(pause <= 5 for pause in slept)


def test_a_clock_that_stands_still_is_no_trap() -> None:
    """Virtual machines that are moved have such clocks: what was slept counts too."""
    slept: list[float] = []
    patience = Waiting(lambda: 0.0, slept.append, lambda: 0.5).patience(1)
    while patience.wait():
        assert len(slept) < 100
    assert sum(slept) == pytest.approx(1)
