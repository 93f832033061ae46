"""The contract of authenticators."""

from __future__ import annotations

import copy
import inspect
import logging
from collections.abc import Sequence
from typing import Any

import pytest

from ftrack_core.interfaces import IAuthenticator
from ftrack_core.testing.suites._suite import ContractSuite
from ftrack_core.values import Request, Response

__all__ = ["AuthenticatorContract"]


class AuthenticatorContract(ContractSuite):
    """Subclass it and override `make` and `secrets`; override `answer` if the flow makes requests of its own."""

    interface = IAuthenticator

    def make(self) -> Any:
        """An authenticator."""
        raise AssertionError("override make() so that it gives an authenticator")

    def secrets(self) -> Sequence[str]:
        """The secrets that `make` gave it."""
        raise AssertionError("override secrets() so that it gives what must not show")

    def answer(self, request: Request) -> Response:  # noqa: ARG002 - for authenticators that fetch a token
        """What a server says to a request of the flow."""
        return Response(200, {}, b"[]")

    def drive(self, request: Request) -> tuple[list[Request], list[Response]]:
        """Run a flow to its end; gives what it yielded and what it was sent."""
        flow = self.make().flow(request=request)
        asked, answered = [next(flow)], []
        while len(asked) < 10:
            answered.append(self.answer(asked[-1]))
            try:
                asked.append(flow.send(answered[-1]))
            except StopIteration:
                return asked, answered
        raise AssertionError("the flow does not come to an end: ten requests for one")

    def test_it_has_the_shape_it_says(self) -> None:
        """A caller that passes arguments by name would meet a TypeError."""
        self.check_shape(self.make())

    def test_it_names_its_user(self) -> None:
        """Events and error messages would be signed by nobody."""
        user = self.make().user
        assert isinstance(user, str)
        assert user

    def test_c1_a_flow_is_a_generator_and_does_nothing_before_it_is_driven(self) -> None:
        """It would need a network of its own, and work over no other transport."""
        flow = self.make().flow(request=_request())
        assert inspect.isgenerator(flow)
        assert inspect.getgeneratorstate(flow) == inspect.GEN_CREATED

    def test_c2_the_given_request_is_yielded_last_with_credentials(self) -> None:
        """The caller would take the answer to something else for the answer to its request."""
        asked, _ = self.drive(_request())
        last = asked[-1]
        assert (last.method, last.url, last.body, last.timeout_seconds) == ("POST", "/api", b"[1]", 7.5)
        assert last.headers["accept"] == "application/json"
        added = {name: value for name, value in last.headers.items() if name not in _request().headers}
        assert added or last.url != "/api", "the request carries no credentials"

    def test_c2_flows_that_run_at_once_do_not_mix(self) -> None:
        """One thread would get another one's request."""
        authenticator = self.make()
        flows = [authenticator.flow(request=Request("POST", f"/api/{n}")) for n in range(3)]
        for n, flow in enumerate(flows):
            request = next(flow)
            for _ in range(10):
                if request.url == f"/api/{n}":
                    break
                request = flow.send(self.answer(request))
            assert request.url == f"/api/{n}"
            flow.close()

    def test_c3_no_secret_shows(self, caplog: pytest.LogCaptureFixture) -> None:
        """A key in a log file is a key on a wiki page."""
        with caplog.at_level(logging.DEBUG):
            authenticator = self.make()
            asked, _ = self.drive(_request())
        shown = f"{authenticator!r} {authenticator} {asked!r} {caplog.text}"
        for secret in self.secrets():
            assert secret not in shown

    def test_c4_the_given_request_is_left_as_it_is(self) -> None:
        """A repeated request would carry stale credentials."""
        request = _request()
        before = copy.deepcopy(request)
        self.drive(request)
        assert request == before

    def test_url_parameters_are_text_by_name(self) -> None:
        """A file address would be built of something else."""
        parameters = self.make().url_parameters()
        assert all(isinstance(name, str) and isinstance(value, str) for name, value in parameters.items())


def _request() -> Request:
    return Request("POST", "/api", {"accept": "application/json"}, b"[1]", 7.5)
