"""Settings as values: each one knows where it came from."""

from __future__ import annotations

import enum
from collections.abc import Iterator, Mapping
from typing import Any

import attrs

from ftrack_core.values import ByValue

__all__ = ["Fault", "Layer", "Rank", "Setting", "Settings", "place"]


class Rank(enum.IntEnum):
    """The layers of settings: the lower number wins."""

    LOCKED = 0
    """From the studio's own package, which lets nobody override it."""
    ARGUMENT = 1
    """Given directly to the constructor."""
    CONFIG_ARGUMENT = 2
    """From a config or a profile that was given to the constructor."""
    ENVIRONMENT = 3
    """From an environment variable."""
    FILE = 4
    """From the user's config file."""
    STUDIO = 5
    """From the studio's own package."""
    DEFAULT = 6
    """Nobody gave it."""


@attrs.frozen(eq=False, repr=False)
class Setting(ByValue):
    """A value and where it came from.

    Attributes:
        value: The value; no representation shows it, since it may be a secret.
        origin: Where it came from in words that help, as `environment variable FTRACK_SERVER`.
        key_path: Where it stands there, as `profiles.farm.transport`; the name itself outside files.
        rank: The layer it came from.
    """

    value: Any = attrs.field(repr=False)
    origin: str
    key_path: str = ""
    rank: Rank = Rank.ARGUMENT


def place(setting: Setting, below: str = "") -> str:
    """Key path and origin for a message, without saying a name twice: `profiles.farm.timeout (/etc/ftrack.toml)`.

    Args:
        setting: What the message is about.
        below: What to add to the key path, as `.connect_seconds`.
    """
    if setting.rank is Rank.DEFAULT:
        return f"{setting.key_path}{below}, by default"
    if setting.origin == f"argument {setting.key_path}":
        return f"argument {setting.key_path}{below}"
    return f"{setting.key_path}{below} ({setting.origin.partition(' [profiles.')[0]})"


@attrs.frozen(eq=False, repr=False)
class Layer(ByValue):
    """Settings of one source, neither checked nor merged yet.

    Attributes:
        settings: What the source gives, by name.
    """

    settings: Mapping[str, Setting]

    @classmethod
    def of(cls, values: Mapping[str, object], origin: str, rank: Rank, prefix: str = "") -> Layer:
        """A layer whose settings all come from one place.

        Args:
            values: Values by name of setting; None stands for not given.
            origin: Where they come from, in words.
            rank: Which layer it is.
            prefix: What stands before each name in key paths, as `profiles.farm.`.
        """
        given = {name: value for name, value in values.items() if value is not None}
        return cls({name: Setting(value, origin, prefix + name, rank) for name, value in given.items()})


@attrs.frozen(eq=False, repr=False)
class Fault(ByValue):
    """One thing that is wrong with the settings.

    Attributes:
        text: What it is, where, and what would be right, in one line.
        of_type: Whether it is a value of a wrong type.
    """

    text: str
    of_type: bool = False

    def __str__(self) -> str:
        return self.text


@attrs.frozen(repr=False)
class Settings(Mapping[str, Any]):
    """Merged settings: a mapping of every known name to its value.

    Attributes:
        settings: The settings with their origins, by name.
        faults: What is wrong with them; empty unless `resolve` was asked to defer faults.
    """

    settings: Mapping[str, Setting]
    faults: tuple[Fault, ...] = ()

    def __getitem__(self, name: str) -> Any:
        return self.settings[name].value

    def __iter__(self) -> Iterator[str]:
        return iter(self.settings)

    def __len__(self) -> int:
        return len(self.settings)

    def setting(self, name: str) -> Setting:
        """The value with its origin.

        Raises:
            KeyError: There is no such setting.
        """
        return self.settings[name]

    def origin(self, name: str) -> str:
        """Where a value came from, in words; `default` when nobody gave it.

        Raises:
            KeyError: There is no such setting.
        """
        return self.settings[name].origin

    def given(self, name: str) -> bool:
        """Whether anybody gave a value, so that it is not just our default."""
        return name in self.settings and self.settings[name].rank is not Rank.DEFAULT

    def replaced(self, **values: object) -> Settings:
        """These settings with other values, as if they had been arguments."""
        others = Layer.of(values, "argument", Rank.ARGUMENT).settings
        return attrs.evolve(self, settings={**self.settings, **others})

    def __repr__(self) -> str:
        given = [f"{name}={_shown(name, self[name])} ({self.origin(name)})" for name in self if self.given(name)]
        return f"<Settings {', '.join(given)}>" if given else "<Settings: all default>"


def _shown(name: str, value: object) -> str:
    """A value without what may be secret: an API key, and whatever stands inside a mapping."""
    if name == "api_key":
        return "***"
    if isinstance(value, Mapping):
        return "{" + ", ".join(sorted(map(str, value))) + "}"
    if isinstance(value, (str, bool, int, float)):
        return repr(value)
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(_shown("", each) for each in value) + "]"
    return f"<{type(value).__name__}>"
