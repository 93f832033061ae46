"""From what a setting says to something that can be made: found, its options checked, nothing made yet."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import attrs

from ftrack_core.assembly._options import argument_faults, check_options, environment_options, option_fields
from ftrack_core.config import Fault, Rank, Setting, configuration_error, place
from ftrack_core.errors import BackendError, BrokenBackendError, Error, WrongBackendError
from ftrack_core.interfaces import IBackendContext, IBackendFactory
from ftrack_core.plugins import Registry, Seam, contract_faults, is_path, resolve_object

__all__ = ["Made", "Plan", "Problems", "plans_of"]


@attrs.define(eq=False, repr=False)
class Problems:
    """What is wrong with an assembly, gathered before anything is made."""

    faults: list[Fault] = attrs.field(factory=list)
    backend_errors: list[BackendError] = attrs.field(factory=list)

    def tell(self) -> None:
        """Raise for what was gathered: a lone backend error as it is, several things as one error that has them all.

        Raises:
            ConfigurationError: There are faults.
            BackendError: There are backend errors only; of their class if they share one.
        """
        errors = self.backend_errors
        if self.faults:
            faults = [*self.faults, *(Fault(error.message) for error in errors)]
            raise configuration_error(faults) from (errors[0] if errors else None)
        if len(errors) == 1:
            raise errors[0]
        if errors:
            message = f"{len(errors)} backends cannot be had:" + "".join(f"\n- {error}" for error in errors)
            raise _common_class(errors)(message, {"faults": [str(error) for error in errors]}) from errors[0]


def _common_class(errors: Sequence[BackendError]) -> type[BackendError]:
    kinds = {type(error) for error in errors}
    return kinds.pop() if len(kinds) == 1 else BackendError


@attrs.frozen(eq=False, repr=False)
class Made:
    """A backend and whether we made it, so that we close it."""

    backend: Any
    owned: bool


@attrs.frozen(eq=False, repr=False)
class Plan:
    """One backend that was found and can be made.

    Attributes:
        seam: The seam that it belongs to.
        target: A factory, a class or function to call, or the backend itself.
        options: What was given for it, by name.
        setting: The setting that asked for it.
        name: What it was asked for by.
        below: Where in the setting it stands, as `[1]`.
        variables: Environment variables that options came from, by name of option.
    """

    seam: Seam
    target: Any
    options: Mapping[str, Any] = attrs.field(repr=False)
    setting: Setting
    name: str
    below: str = ""
    variables: Mapping[str, str] = attrs.field(factory=dict)

    @property
    def asked(self) -> str:
        """What to call it in messages."""
        return f"{self.seam.label} backend {self.name} (from {place(self.setting, self.below)})"

    def faults(self) -> list[Fault]:
        """Everything that is wrong with its options."""
        if IBackendFactory.providedBy(self.target):
            return check_options(self.target.options, self.options, self._place)
        if self._stands():
            text = "is given for a backend that stands already"
            return [Fault(f"option {self._place(name)} {text}") for name in self.options]
        return argument_faults(self.target, self.options, self._place)

    def completed(self, offers: Mapping[str, Any], environment: Mapping[str, str]) -> Plan:
        """This plan with options that were not given for it and that its factory declares.

        Args:
            offers: Options that follow from other settings, by name; None for none. They rank below given ones.
            environment: Variables, which rank below what an argument gives and above what a file gives. What is in
                `offers` is not looked up in them, since the setting behind it was looked up already.
        """
        if not IBackendFactory.providedBy(self.target):
            return self
        declared = option_fields(self.target.options)
        offered = {name: value for name, value in offers.items() if value is not None and name in declared}
        found = environment_options(self.target.options, environment)
        by_argument = self.setting.rank < Rank.ENVIRONMENT
        read = {n: each for n, each in found.items() if n not in offers and not (by_argument and n in self.options)}
        values = {name: value for name, (value, _) in read.items()}
        variables = {name: variable for name, (_, variable) in read.items()}
        return attrs.evolve(self, options={**offered, **self.options, **values}, variables=variables)

    def make(self, context: IBackendContext) -> Made:
        """Make the backend and verify that it keeps its contract.

        Raises:
            BrokenBackendError: Making it failed.
            WrongBackendError: What was made does not keep the contract of the seam.
        """
        made = self._made(context)
        powers = self.target.provides if IBackendFactory.providedBy(self.target) else ()
        for interface in dict.fromkeys((self.seam.interface, *powers)):
            faults = contract_faults(interface, made.backend)
            if faults:
                raise WrongBackendError(
                    f"{self.asked} gave a {type(made.backend).__name__} that does not keep {interface.__name__}: "
                    + "; ".join(faults)
                )
        return made

    def _made(self, context: IBackendContext) -> Made:
        if self._stands():
            return Made(self.target, owned=False)
        try:
            return Made(self._called(context), owned=True)
        except Error:
            raise
        except ImportError as error:
            hint = getattr(self.target, "requirement_hint", "")
            raise BrokenBackendError(
                f"{self.asked} needs something that is not installed: {error}{f'; {hint}' if hint else ''}"
            ) from error
        except Exception as error:
            raise BrokenBackendError(f"{self.asked} could not be made: {type(error).__name__}: {error}") from error

    def _called(self, context: IBackendContext) -> Any:
        if IBackendFactory.providedBy(self.target):
            return self.target.create(self.target.options(**self.options), context)
        return self.target(**self.options)

    def _stands(self) -> bool:
        """Whether the target is the backend itself, rather than something that makes one."""
        if IBackendFactory.providedBy(self.target):
            return False
        return self.seam.interface.providedBy(self.target) or not callable(self.target)

    def _place(self, option: str) -> str:
        if option in self.variables:
            return f"{self.seam.setting}{self.below}.{option} (environment variable {self.variables[option]})"
        return place(self.setting, f"{self.below}.{option}")


def plans_of(seam: Seam, setting: Setting, default: str | None, registry: Registry, problems: Problems) -> list[Plan]:
    """The plans for what a setting says, none where it says nothing and there is no default.

    Args:
        seam: The seam that the setting is for.
        setting: A name, a path, a table, an instance, or a list of these; of caches also a table of `layers`.
        default: The name of the backend where the setting names none.
        registry: Finds backends.
        problems: Where to add what is wrong.
    """
    if setting.value is None:
        setting = attrs.evolve(setting, value=default, rank=Rank.DEFAULT)
    plans = []
    for below, value in _spread(seam, setting.value):
        plan = _plan(seam, attrs.evolve(setting, value=value), default, registry, problems, below=below)
        plans += [] if plan is None else [plan]
    return plans


def _spread(seam: Seam, value: Any, below: str = "") -> Iterator[tuple[str, Any]]:
    """Each backend that a setting asks for, and where in it that stands; a table of layers is a list of them."""
    if isinstance(value, (list, tuple)):
        for index, each in enumerate(value):
            yield from _spread(seam, each, f"{below}[{index}]")
    elif _is_table_of_layers(seam, value):
        yield from _spread(seam, value["layers"], f"{below}.layers")
    elif value is not None:
        yield below, value


def _is_table_of_layers(seam: Seam, value: Any) -> bool:
    """Whether it is `{backend = "layered", layers = [...]}`, where a list alone would say the same."""
    if seam.setting != "cache" or not isinstance(value, Mapping) or value.get("backend") != "layered":
        return False
    return set(value) == {"backend", "layers"} and isinstance(value["layers"], (list, tuple)) and bool(value["layers"])


def _plan(
    seam: Seam, setting: Setting, default: str | None, registry: Registry, problems: Problems, *, below: str
) -> Plan | None:
    options = dict(setting.value) if isinstance(setting.value, Mapping) else {}
    named = options.pop("backend", default) if isinstance(setting.value, Mapping) else setting.value
    if named is None:
        problems.faults.append(Fault(f"{place(setting, below)} should name a backend, as backend = 'memory'"))
        return None
    name = repr(named) if isinstance(named, str) else type(named).__name__
    try:
        return Plan(seam, _target(seam, named, place(setting, below), registry), options, setting, name, below)
    except BackendError as error:
        problems.backend_errors.append(error)
        return None


def _target(seam: Seam, named: Any, origin: str, registry: Registry) -> Any:
    if not isinstance(named, str):
        return named
    return resolve_object(named, origin) if is_path(named) else registry.factory(seam.group, named, origin)
