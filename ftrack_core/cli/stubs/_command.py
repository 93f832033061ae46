"""The command: what can be asked for, and what is told about it."""

from __future__ import annotations

import argparse
import keyword
from pathlib import Path
from typing import TYPE_CHECKING

import attrs
from zope.interface import implementer

from ftrack_core.cli import _output
from ftrack_core.interfaces import ICommand

if TYPE_CHECKING:
    from ftrack_core.cli.stubs._catalogue import Catalogue
    from ftrack_core.cli.stubs._package import StubPackage

__all__ = ["StubsCommand", "command"]


@implementer(ICommand)
@attrs.frozen
class StubsCommand:
    """Writes a package that types a server's entities, so that editors complete them and mypy checks them."""

    name: str = "stubs"
    summary: str = "write types of a server's entities, for editors and mypy"

    def configure(self, parser: argparse.ArgumentParser) -> None:
        """Declare the arguments."""
        add = parser.add_argument
        add("--output", type=Path, default=Path(), metavar="DIR", help="folder to put the package into; default: here")
        add("--package", type=_package_name, default="ftrack_types", metavar="NAME", help="default: ftrack_types")
        add("--server", metavar="URL", help="server to ask; default: as sessions find it, `FTRACK_SERVER` first")
        add("--profile", metavar="NAME", help="profile of the config file")
        add("--config", metavar="FILE", help="config file in place of the usual one")
        add("--strict-none", action="store_true", help="type as X | None what the server's schema does not require")
        add("--check", action="store_true", help="write nothing; exit with 1 unless the package is up to date")
        add("--force", action="store_true", help="write into a folder that this command did not make, too")

    def run(self, arguments: argparse.Namespace) -> int:
        """Write the package, or check it. The exit status is 1 when a checked package is not up to date."""
        from ftrack_core.cli.stubs._package import StubPackage

        package = StubPackage(arguments.output / arguments.package)
        if not arguments.check and not arguments.force:
            package.refuse_foreign()
        catalogue = _asked(arguments)
        files = package.rendered(catalogue, strict_none=arguments.strict_none)
        if arguments.check:
            return _checked(package, files, catalogue)
        _tell(package, package.write(files), catalogue)
        return 0


def _asked(arguments: argparse.Namespace) -> Catalogue:
    """What the server has, asked by a session of its own."""
    from ftrack_core.cli.stubs._catalogue import catalogue_of
    from ftrack_core.session import Session
    from ftrack_core.values import NOT_GIVEN, NotGiven

    server: str | NotGiven = NOT_GIVEN if arguments.server is None else arguments.server
    with Session(
        server, plugin_paths=[], auto_connect_event_hub=False, profile=arguments.profile, config=arguments.config
    ) as session:
        return catalogue_of(session)


def _checked(package: StubPackage, files: dict[str, str], catalogue: Catalogue) -> int:
    differences = package.differences(files)
    if not differences:
        _output.say(f"{package.folder} is up to date with {catalogue.server}.")
        return 0
    _output.error(f"ftrack stubs: {package.folder} is not what {catalogue.server} has now:")
    _output.error("\n".join(f"  {line}" for line in differences))
    _output.error("To make it anew, run the command without --check.")
    return 1


def _tell(package: StubPackage, changed: bool, catalogue: Catalogue) -> None:
    what = "Wrote" if changed else "Nothing has changed in"
    counts = f"{len(catalogue.schemas)} entity types, {catalogue.configurations} custom attributes"
    _output.say(f"{what} {package.folder}: {counts}, from {catalogue.server}.")


def _package_name(text: str) -> str:
    if not text.isidentifier() or keyword.iskeyword(text):
        raise argparse.ArgumentTypeError(f"a package's name is a Python name, as ftrack_types, and not {text!r}")
    return text


command = StubsCommand()
