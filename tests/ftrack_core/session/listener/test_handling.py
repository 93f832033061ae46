"""What handlers can rely on: a session of their own, fresh reads, one unit of work, and another attempt."""

from __future__ import annotations

import logging
import threading
import time
from typing import Any

import pytest

from ftrack_core import Session, errors
from ftrack_core.values import Event


def _task(session: Session) -> Any:
    return session.query("select name, description from Task").first()


def test_an_update_is_handled_and_what_the_handler_changed_is_committed(studio: Any, until: Any) -> None:
    """This is what every studio's event server is for."""
    listener = studio.listener()

    @listener.on("topic=ftrack.update", name="status-sync")
    def sync(event: Any, session: Session) -> None:
        for entity in event["data"]["entities"]:
            if "name" in (entity.get("keys") or ()):
                task = session.get("Task", entity["entityId"])
                assert task is not None
                task["description"] = f"was renamed to {task['name']}"

    studio.started(listener)
    task = _task(studio.other)
    task["name"] = "renamed"
    studio.other.commit()

    def described() -> bool:
        studio.other.refresh(task, "description")
        return bool(task["description"] == "was renamed to renamed")

    until(described)
    until(lambda: listener.health().handled >= 2)  # the second is the handler's own change
    assert listener.health().ok


def test_a_handler_has_a_session_of_the_same_class_that_costs_no_new_start(studio: Any, until: Any) -> None:
    """A studio's own methods would be missing in handlers; and each worker would download the schemas again."""

    class AcmeSession(Session):
        prefix = ""

        def show(self) -> str:
            return f"{self.prefix} {self.query('Project').one()['name']}"

    session = studio.session(AcmeSession)
    session.prefix = "show"
    ready: list[Any] = []
    session.event_hub.subscribe("topic=ftrack.api.session.ready", ready.append)
    listener, seen = studio.listener(session, workers=3), list[Any]()

    @listener.on("topic=studio.shot")
    def handle(event: Any, given: AcmeSession) -> None:
        seen.append((type(given), given is session, given.event_hub is session.event_hub, given.show()))

    before = session.statistics().calls
    studio.started(listener)
    studio.publish(1, 2, 3)
    until(lambda: len(seen) == 3)
    until(lambda: listener.health().handled == 3)
    assert {each[:3] for each in seen} == {(AcmeSession, False, True)}
    assert all(each[3].startswith("show ") for each in seen)
    assert session.statistics().calls - before == 3  # one query each: nothing was asked to make the sessions
    assert ready == []


@pytest.mark.parametrize("settings", [{}, {"cache": "memory", "freshness": {"Task": "1d"}}])
def test_what_a_handler_reads_is_read_anew(studio: Any, until: Any, settings: dict[str, Any]) -> None:
    """A service that runs for months would act on what an entity was when it first saw it, or a cache did."""
    listener, seen = studio.listener(studio.session(settings=settings), workers=1), list[str]()
    task = _task(studio.other)

    @listener.on("topic=studio.shot")
    def handle(event: Any, session: Session) -> None:
        seen.append(session.get("Task", task["id"])["name"])  # type: ignore[index]

    studio.started(listener)
    for name in ("first", "second", "third"):
        task["name"] = name
        studio.other.commit()
        studio.publish(1)
        until(lambda expected=name: seen[-1:] == [expected])
    assert seen == ["first", "second", "third"]


def test_handlers_that_run_at_once_do_not_see_what_the_other_has_not_committed(studio: Any, until: Any) -> None:
    """One handler would commit half of what another one is about to take back."""
    listener, seen = studio.listener(workers=2), dict[int, str]()
    task, both = _task(studio.other), threading.Barrier(2, timeout=20)
    task["name"] = "untouched"
    studio.other.commit()

    @listener.on("topic=studio.shot", attempts=1)
    def handle(event: Any, session: Session) -> None:
        number, own = event["data"]["n"], session.get("Task", task["id"])
        assert own is not None
        if number == 1:
            own["name"] = "half done"
            both.wait()
            both.wait()
            message = "taken back"
            raise ValueError(message)
        both.wait()
        seen[number] = own["name"]
        session.commit()
        both.wait()

    studio.started(listener)
    studio.publish(1, 2)
    until(lambda: listener.health().set_aside == 1 and listener.health().handled == 1)
    assert seen == {2: "untouched"}
    studio.other.refresh(task, "name")
    assert task["name"] == "untouched"


def test_a_handler_that_fails_is_called_again_and_nothing_of_the_failed_attempt_stays(
    studio: Any, until: Any, caplog: pytest.LogCaptureFixture
) -> None:
    """A server that was away for a second would cost the event; or half of what was done would be committed."""
    listener, attempts = studio.listener(), list[int]()
    task = _task(studio.other)

    @listener.on("topic=studio.shot", name="flaky")
    def handle(event: Any, session: Session) -> None:
        attempts.append(1)
        own = session.get("Task", task["id"])
        assert own is not None
        own["description"] = f"attempt {len(attempts)}"
        if len(attempts) < 3:
            message = "not yet {braces} %s"
            raise ValueError(message)

    studio.started(listener)
    with caplog.at_level(logging.ERROR):
        studio.publish(1)
        until(lambda: listener.health().handled == 1)
    studio.other.refresh(task, "description")
    assert task["description"] == "attempt 3"
    assert listener.health().failed == 2
    told = [one for one in caplog.records if "flaky" in one.getMessage()]
    assert [one.getMessage().rpartition("attempt ")[2] for one in told] == ["1 of 5", "2 of 5"]
    assert all(one.exc_info for one in told)


def test_after_its_attempts_an_event_is_set_aside_with_its_error_and_can_be_replayed(studio: Any, until: Any) -> None:
    """One bad event would be tried for ever, or be gone before anybody saw why."""
    listener, mended, seen = studio.listener(attempts=2), threading.Event(), list[int]()

    @listener.on("topic=studio.shot", name="broken")
    def handle(event: Any, session: Session) -> None:
        if not mended.is_set():
            raise KeyError(event["data"]["n"])
        seen.append(event["data"]["n"])

    studio.started(listener)
    studio.publish(7)
    until(lambda: listener.health().set_aside == 1)
    (aside,) = listener.inbox.deliveries("set aside")
    assert (aside.event.data["n"], aside.attempt, aside.error) == (7, 2, "KeyError: 7")
    health = listener.health()
    assert health.ok
    assert health.notices == ("1 events are set aside for broken",)
    mended.set()
    listener.inbox.replay([aside.id])
    until(lambda: seen == [7])


def test_what_a_handler_raises_to_end_the_program_ends_nothing(studio: Any, until: Any) -> None:
    """A script that calls sys.exit() would silently take a worker with it."""
    listener, seen = studio.listener(workers=1, attempts=1), list[int]()

    @listener.on("topic=studio.shot")
    def handle(event: Any, session: Session) -> None:
        if event["data"]["n"] == 1:
            raise SystemExit(3)
        if event["data"]["n"] == 2:
            raise KeyboardInterrupt
        seen.append(event["data"]["n"])

    studio.started(listener)
    studio.publish(1, 2, 3)
    until(lambda: seen == [3])
    errors_told = {one.error for one in listener.inbox.deliveries("set aside")}
    assert errors_told == {"SystemExit: 3", "KeyboardInterrupt: "}


def test_events_of_one_order_are_handled_one_after_the_other(studio: Any, until: Any) -> None:
    """The older of two changes of a task would win, since its handler was slower."""
    listener, seen, running = studio.listener(workers=4), list[tuple[str, int]](), set[str]()
    overtaken: list[str] = []

    @listener.on("topic=studio.shot", order=lambda event: event["data"]["shot"])
    def handle(event: Any, session: Session) -> None:
        shot = event["data"]["shot"]
        if shot in running:
            overtaken.append(shot)
        running.add(shot)
        time.sleep(0.002 * (event["data"]["n"] % 3))
        seen.append((shot, event["data"]["n"]))
        running.discard(shot)

    studio.started(listener)
    for number in range(30):
        studio.publish(number, shot=f"sh{number % 3}")
    until(lambda: len(seen) == 30)
    assert overtaken == []
    for shot in ("sh0", "sh1", "sh2"):
        own = [number for each, number in seen if each == shot]
        assert own == sorted(own)


def test_an_order_that_raises_loses_no_event(studio: Any, until: Any, caplog: pytest.LogCaptureFixture) -> None:
    """One event without the expected key would break the thread that receives."""
    listener, seen = studio.listener(), list[int]()

    @listener.on("topic=studio.shot", order=lambda event: event["data"]["shot"])
    def handle(event: Any, session: Session) -> None:
        seen.append(event["data"]["n"])

    studio.started(listener)
    studio.publish(1, 2)
    until(lambda: sorted(seen) == [1, 2])
    assert "KeyError: 'shot'" in caplog.text


def test_an_order_that_no_file_can_say_loses_no_event(studio: Any, until: Any) -> None:
    """Half of a character in a name, as some tools cut texts, would lose the event for every handler."""
    listener, seen = studio.listener(), list[str]()

    class Unspeakable:
        def __str__(self) -> str:
            raise ValueError

    @listener.on("topic=studio.shot", name="half", order=lambda event: event["data"]["cut"])
    def half(event: Any, session: Session) -> None:
        seen.append(event["data"]["cut"])

    @listener.on("topic=studio.shot", name="none", order=lambda _event: Unspeakable())
    def none(event: Any, session: Session) -> None:
        seen.append("none")

    studio.started(listener)
    studio.publish(1, cut="sh010\ud83d")
    until(lambda: listener.health().handled == 2)
    assert sorted(seen) == ["none", "sh010\ud83d"]


def test_a_handler_can_leave_out_what_handlers_caused(studio: Any, until: Any) -> None:
    """A handler that changes what it listens to would call itself for ever, also across processes."""
    first, second = studio.listener(), studio.listener()
    seen: list[bool] = []
    task = _task(studio.other)
    for listener in (first, second):

        @listener.on("topic=ftrack.update", name="echo", own_events=False)
        def echo(event: Any, session: Session) -> None:
            seen.append(event["source"]["clientToken"] == session.client_token)
            own = session.get("Task", task["id"])
            assert own is not None
            own["description"] = f"seen {time.time()}"

        studio.started(listener)
    task["name"] = "an echo"
    studio.other.commit()
    until(lambda: first.health().handled + second.health().handled == 1)
    studio.publish(1)  # what the handler caused has come before this
    assert seen == [False]
    assert first.client_token == second.client_token != first._session.client_token


def test_a_target_says_for_whom_an_event_is(studio: Any, until: Any) -> None:
    """Somebody else's private event would be handled."""
    listener, seen = studio.listener(), list[tuple[str, int]]()
    for who in ("a", "b"):
        listener.on("topic=studio.shot", who, subscriber={"applicationId": who})(
            lambda event, _session, who=who: seen.append((who, event["data"]["n"]))
        )
    studio.started(listener)
    hub = studio.other.event_hub
    hub.publish(Event("studio.shot", data={"n": 1}, target="applicationId=b"))
    hub.publish(Event("studio.shot", data={"n": 2}))
    until(lambda: len(seen) == 3)
    assert sorted(seen) == [("a", 2), ("b", 1), ("b", 2)]


@pytest.mark.parametrize("where", ["leaving", "inside"])
def test_a_commit_of_uncertain_fate_is_settled_or_attempted_again(studio: Any, until: Any, where: str) -> None:
    """What a lost reply carried would be done twice; or its worker would refuse every later commit."""
    session = studio.session(settings={"retry_seconds": 0, "settle_seconds": 0})
    listener, calls = studio.listener(session, workers=1), list[int]()
    name = f"made while {where}"
    task = _task(studio.other)

    @listener.on("topic=studio.shot")
    def handle(event: Any, given: Session) -> None:
        calls.append(event["data"]["n"])
        if event["data"]["n"] == 1 and len(calls) == 1:
            own = given.get("Task", task["id"])
            assert own is not None
            given.create("Task", {"name": name, "parent": own["parent"]})
            studio.fixture.fail("commit", when="after")
            studio.fixture.fail("query", times=1)
            if where == "inside":
                given.commit()

    studio.started(listener)
    studio.publish(1, 2)
    until(lambda: listener.health().handled == 2)
    assert studio.other.query(f"Task where name is '{name}'").count() == 1
    assert sorted(calls) == ([1, 2] if where == "leaving" else [1, 1, 2])


def test_a_handler_that_closes_its_session_harms_nobody(studio: Any, until: Any) -> None:
    """`with session:` in a handler, as people write it, would take the listener down."""
    listener, seen = studio.listener(workers=1), list[int]()

    @listener.on("topic=studio.shot")
    def handle(event: Any, session: Session) -> None:
        seen.append(session.query("Project").count())
        session.close()

    studio.started(listener)
    studio.publish(1, 2)
    until(lambda: listener.health().handled == 2)
    assert len(seen) == 2


def test_names_of_handlers_are_unique_and_last(studio: Any) -> None:
    """What is stored refers to them: two of one name, or one that is another name tomorrow, would get wrong events."""
    listener = studio.listener()
    listener.on("topic=studio.shot", name="one")(print)
    with pytest.raises(errors.NotUniqueError, match="'one' was to be added"):
        listener.on("topic=studio.shot", name="one")(print)
    with pytest.raises(errors.InvalidValueError, match="needs a name"):
        listener.on("topic=studio.shot")(lambda _event, _session: None)
    with pytest.raises(errors.ParseError):
        listener.on("topic=")
    with pytest.raises(errors.InvalidValueError, match="attempts of a listener is at least 1, not 0"):
        listener.on("topic=studio.shot", attempts=0)
    with pytest.raises(errors.InvalidTypeError, match="workers of a listener is a whole number, not 'many'"):
        studio.listener(workers="many")


def test_a_handler_that_is_added_while_it_runs_gets_events(studio: Any, until: Any) -> None:
    """A plug-in that is loaded later would be deaf."""
    listener, seen = studio.started(studio.listener()), list[int]()
    listener.on("topic=studio.shot", name="late")(lambda event, _session: seen.append(event["data"]["n"]))
    listener._session.event_hub.publish_acknowledged(Event("known"))
    studio.publish(1)
    until(lambda: seen == [1])


def test_an_option_that_is_none_is_told_with_the_nearest(studio: Any) -> None:
    """A typing error would be told as a TypeError of some class inside."""
    session = studio.session()
    with pytest.raises(errors.InvalidTypeError, match="no option 'worker'; did you mean 'workers'") as caught:
        session.listener(worker=3)
    assert isinstance(caught.value, TypeError)
    assert "dispatch" in str(caught.value)


def test_a_handler_of_everything_hears_nothing_of_how_sessions_follow_changes(studio: Any, until: Any) -> None:
    """Each start of a session in the studio would be an event for it."""
    listener, topics = studio.listener(), list[str]()

    @listener.on("topic=*", name="everything")
    def everything(event: Any, session: Session) -> None:
        topics.append(event["topic"])

    studio.started(listener)
    studio.session().event_hub.connect()
    studio.publish(1)
    until(lambda: "studio.shot" in topics)
    until(lambda: listener.health().waiting == 0)
    assert "ftrack.core.following" not in topics
