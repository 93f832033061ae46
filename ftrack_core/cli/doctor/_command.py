"""What a person types."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Mapping

import attrs
from zope.interface import implementer

from ftrack_core.interfaces import ICommand
from ftrack_core.plugins import Registry

__all__ = ["DoctorCommand", "command"]


@implementer(ICommand)
@attrs.frozen
class DoctorCommand:
    """Examines what a session would stand on: settings, server, credentials, caches, events, plug-ins, versions.

    Attributes:
        registry: Finds backends.
        environment: Environment variables; None for those of the process.
    """

    registry: Registry = attrs.field(factory=Registry)
    environment: Mapping[str, str] | None = attrs.field(default=None, repr=False)
    name: str = "doctor"
    summary: str = "find what is wrong: settings, server, credentials, caches, events, plug-ins, versions"

    def configure(self, parser: argparse.ArgumentParser) -> None:
        """Declare the arguments."""
        add = parser.add_argument
        add("--server", metavar="URL", help="server to examine; default: as sessions find it")
        add("--profile", metavar="NAME", help="profile of the config file")
        add("--config", metavar="FILE", help="config file in place of the usual one")
        add("--offline", action="store_true", help="look at this machine only; nothing is sent")
        add("--timeout", type=_seconds, default=10.0, metavar="SECONDS", help="how long a step may take (10)")
        add("--json", action="store_true", help="print JSON, for programs")

    def run(self, arguments: argparse.Namespace) -> int:
        """Examine, and tell. The exit status is 1 when something failed, and 0 when there were warnings only."""
        from ftrack_core.cli.doctor._examination import Examination, findings
        from ftrack_core.cli.doctor._report import JsonReport, TextReport

        examination = Examination(
            registry=self.registry,
            environment=os.environ if self.environment is None else self.environment,
            server_url=arguments.server,
            profile=arguments.profile,
            config=arguments.config,
            offline=arguments.offline,
            timeout_seconds=arguments.timeout,
        )
        report = JsonReport() if arguments.json else TextReport()
        for group, finding in findings(examination):
            report.add(group, finding)
            sys.stdout.flush()
        return report.end()


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds < 3600:
        raise argparse.ArgumentTypeError(f"it is a number of seconds above 0, and {text!r} was given")
    return seconds


command = DoctorCommand()
