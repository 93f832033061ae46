"""What rows say that is no attribute of theirs: keys, roles, and values of custom attributes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from ftrack_backends.workspace._accounts import GlobalKey
from ftrack_backends.workspace._faults import Fault
from ftrack_backends.workspace.seeds._seed import Seed, SeedRow
from ftrack_backends.workspace.seeds._tables import Table
from ftrack_core.errors import ConfigurationError
from ftrack_core.query import quote

if TYPE_CHECKING:
    from ftrack_backends.workspace.reading import Reader
    from ftrack_backends.workspace.seeds._names import Names
    from ftrack_backends.workspace.writing import Batch

__all__ = ["SeedAccounts", "accounts_of", "custom_values", "roles_of"]

_Read = TypeVar("_Read")


class SeedAccounts(NamedTuple):
    """What a seed says of keys and roles.

    Attributes:
        keys: Personal keys by user id.
        global_keys: Keys that go with any user's name.
        read_only_roles: Ids of security roles that only let read.
    """

    keys: Mapping[str, str]
    global_keys: tuple[GlobalKey, ...]
    read_only_roles: tuple[str, ...]


def accounts_of(seed: Seed, names: Names) -> SeedAccounts:
    """Read what a seed says of keys and roles.

    Raises:
        ConfigurationError: It says something that cannot be; all faults are told.
    """
    faults: list[str] = []
    keys, roles, shared = {}, [], []
    for row in seed.rows:
        if row.type_name == "User" and "api_key" in row.values:
            keys[str(names.complete(row)["id"])] = _read(row, lambda table: table.text("api_key"), faults) or ""
        elif row.type_name == "SecurityRole" and _read(row, _is_read_only, faults):
            roles.append(str(names.complete(row)["id"]))
    for row in seed.global_keys:
        key = _read(row, lambda table: _global_key(table, names), faults)
        if key:
            shared.append(key)
    if faults:
        raise ConfigurationError("\n".join(("the seed cannot be planted:", *faults)), faults=faults)
    return SeedAccounts(keys, tuple(shared), tuple(roles))


def roles_of(seed: Seed) -> Iterator[SeedRow]:
    """Give the rows that the `roles` of users stand for: each role holds in all open projects."""
    for row in seed.rows:
        if row.type_name == "User" and "roles" in row.values:
            roles = row.values["roles"]
            for role in roles if isinstance(roles, list) else [roles]:
                values = {"user": _name(row), "security_role": role, "is_all_open_projects": True}
                yield SeedRow(row.source, f"{row.place}.roles", "UserSecurityRole", values)


def custom_values(batch: Batch, names: Names, row: SeedRow, reader: Reader) -> Iterator[str]:
    """Set the values of custom attributes that a row says, by their keys; gives what is wrong."""
    said = row.values.get("custom_attributes")
    item = names.custom_attributes_of(row.type_name)
    if not isinstance(said, dict) or item is None:
        return
    own_id = names.complete(row)["id"]
    expression = f"select configuration_id, key from {item} where entity_id is {quote(own_id)}"  # noqa: S608 - no SQL
    known = {one["key"]: one["configuration_id"] for one in reader.query(expression).rows}
    for key, value in said.items():
        if key in known:
            yield from _set(batch, row, item, [known[key], own_id], value)
        else:
            there = ", ".join(sorted(map(str, known))) or "none"
            reason = f"{row.type_name} has no custom attribute {key!r}; there are {there}."
            yield row.fault(reason, "custom_attributes")


def _set(batch: Batch, row: SeedRow, item: str, key: list[str], value: object) -> Iterator[str]:
    try:
        batch.update({"entity_type": item, "entity_key": key, "entity_data": {"value": value}})
    except Fault as fault:
        yield row.fault(fault.content, "custom_attributes")


def _global_key(table: Table, names: Names) -> GlobalKey:
    table.only("api_key", "label", "roles")
    try:
        roles = tuple(names.id_of("SecurityRole", one) for one in table.texts("roles", ()))
    except Fault as fault:
        table.fail(fault.content)
    return GlobalKey(table.text("api_key"), table.text("label", ""), roles)


def _is_read_only(table: Table) -> bool:
    return table.truth("read_only", default=False)


def _read(row: SeedRow, read: Callable[[Table], _Read], faults: list[str]) -> _Read | None:
    """Read a part of a row, and keep what is wrong with it."""
    try:
        return read(Table(row.values))
    except ConfigurationError as error:
        faults.extend(row.fault(fault) for fault in error.faults)
        return None


def _name(row: SeedRow) -> object:
    return row.values.get("id") or row.values.get("username")
