"""From the condition of a query to that of SQL.

Paths across references and collections become sub-selects, so a row is found once however many items match. Each
condition is asked for itself: `children.name is a and children.type_id is b` may be two children. Inside `any (...)`
and `has (...)` all conditions are asked of the same item.

References become `key IN (SELECT id ...)`, which SQLite works out once for all rows and can begin with; collections
become `EXISTS`, which looks at the items of one row. What is nested stands first: it keeps the words few that SQLite
has to remember while it reads on.
"""

# ruff: noqa: S608 - statements are made of the model's names; whatever a user wrote is bound
from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from ftrack_backends.workspace._faults import QueryFault
from ftrack_backends.workspace.model import Collection, Computed, ForeignKey, LinkTable, Reference, Scalar
from ftrack_backends.workspace.reading._comparisons import compared, contained, together
from ftrack_backends.workspace.reading._custom_attributes import casted
from ftrack_backends.workspace.reading._merging import FEW, tupled
from ftrack_backends.workspace.reading._sql import NOTHING, Sql, all_of, any_of
from ftrack_backends.workspace.reading._trees import tree_condition
from ftrack_backends.workspace.store import link_table, quoted, to_storage
from ftrack_core.query import And, Comparison, Membership, Not, Or, Quantified, Query

if TYPE_CHECKING:
    from collections.abc import Callable

    from ftrack_backends.workspace.reading._names import Meaning, Names, Row
    from ftrack_core.query import Step
    from ftrack_core.query._tree import Condition

    Asked: TypeAlias = Callable[[Row], Sql]
    SubQuery: TypeAlias = Callable[[Query, int], Sql]

__all__ = ["Conditions", "items_where"]


class Conditions:
    """Compiles conditions.

    Args:
        names: What names mean.
        sub_query: Compiles a query to a statement of one column, given the depth of its row.
    """

    def __init__(self, names: Names, sub_query: SubQuery) -> None:
        self._names = names
        self._sub_query = sub_query

    def compiled(self, condition: Condition, row: Row) -> Sql:
        """Give a condition on a row as SQL.

        Raises:
            QueryFault: A name or a value in it does not fit.
        """
        if isinstance(condition, And):
            return all_of(self.compiled(one, row) for one in condition.conditions)
        if isinstance(condition, Or):
            return self._tupled(condition, row) or any_of(self.compiled(one, row) for one in condition.conditions)
        if isinstance(condition, Not):
            return self.compiled(condition.condition, row).within("NOT (", ")")
        if isinstance(condition, Quantified):
            return self._quantified(condition, row)
        return self._along(
            row, self._names.steps(condition.path), lambda inner, step: self._compared(inner, step, condition)
        )

    def _tupled(self, condition: Or, row: Row) -> Sql:
        """Give many alternatives of the form `a is 1 and b is 2` as one list of pairs; nothing for others."""
        found = tupled(condition) if len(condition.conditions) > FEW else None
        if found is None:
            return NOTHING
        meanings = [self._names.meanings(row.type, path.steps[0].name) for path in found[0]]
        values = [self._names.value(row, one[0]) for one in meanings if len(one) == 1]
        known = [one for one in values if one is not None]
        return together(known, found[1]) if len(known) == len(meanings) else NOTHING

    def _along(self, row: Row, steps: tuple[Step, ...], asked: Callable[[Row, Step], Sql]) -> Sql:
        first, *rest = steps
        if not rest:
            return asked(row, first)
        return self._related(row, first, lambda inner: self._along(inner, tuple(rest), asked))

    def _compared(self, row: Row, step: Step, condition: Comparison | Membership) -> Sql:
        meanings = self._names.meanings(row.type, step.name)
        return any_of(
            all_of([self._names.of_type(row, one.types), self._with_meaning(row, one, condition)]) for one in meanings
        )

    def _with_meaning(self, row: Row, meaning: Meaning, condition: Comparison | Membership) -> Sql:
        found = self._names.value(row, meaning)
        if found is None:
            raise _not_a_value(meaning)
        scalar, expression = found
        if isinstance(condition, Comparison):
            return compared(scalar, expression, condition.operator, condition.value)
        if isinstance(condition.choices, Query):
            return self._in_query(row, casted(scalar, expression), condition.choices, negated=condition.negated)
        return contained(scalar, expression, condition.choices, negated=condition.negated)

    def _in_query(self, row: Row, expression: str, query: Query, *, negated: bool) -> Sql:
        found = self._sub_query(query, row.depth + 1).within(f"{expression} IN (", ")")
        return found.within(f"({expression} IS NOT NULL AND NOT coalesce(", ", 0))") if negated else found

    def _quantified(self, condition: Quantified, row: Row) -> Sql:
        inner = condition.condition

        def asked(item: Row) -> Sql:
            return self.compiled(inner, item) if inner is not None else NOTHING

        return self._along(row, self._names.steps(condition.path), lambda last, step: self._related(last, step, asked))

    def _related(self, row: Row, step: Step, asked: Asked) -> Sql:
        meanings = [one for one in self._names.meanings(row.type, step.name) if not isinstance(one.attribute, Scalar)]
        if not meanings:
            raise QueryFault(
                "ParseError", f"{row.type.name}.{step.name} is a value, and no entity that has attributes"
            )
        found: list[Sql] = []
        faults: list[QueryFault] = []
        for one in meanings:
            try:
                found.append(all_of([self._over(row, one, step.cast, asked), self._names.of_type(row, one.types)]))
            except QueryFault as fault:  # noqa: PERF203 - the rest of a path need not fit all that its name can mean
                faults.append(fault)
        if not found:
            raise faults[0]
        return any_of(found)

    def _over(self, row: Row, meaning: Meaning, cast: str | None, asked: Asked) -> Sql:
        relation = meaning.attribute
        assert isinstance(relation, (Reference, Collection))  # noqa: S101 - decided by the caller, for mypy
        item = row.inner(self._names.type(cast) if cast else self._names.target(relation))
        narrowed = self._names.of_type(item) if cast else NOTHING
        condition = all_of([asked(item), narrowed])
        if isinstance(relation, Collection):
            return self._among(row, relation, item, condition)
        return self._referred(row, meaning, item, condition)

    def _referred(self, row: Row, meaning: Meaning, item: Row, condition: Sql) -> Sql:
        found = self._names.value(row, meaning)
        if found is None:
            raise _not_a_value(meaning)
        key, other = found[1], item.column("id")
        if not condition:
            return Sql(f"EXISTS (SELECT 1 FROM {item.source} WHERE {other} = {key})")
        return condition.within(f"{key} IN (SELECT {other} FROM {item.source} WHERE ", f") AND {key} IS NOT NULL")

    def _among(self, row: Row, collection: Collection, item: Row, condition: Sql) -> Sql:
        via = collection.via
        if isinstance(via, Computed):
            return tree_condition(self._names, via.rule, row, item, condition)
        own = row.column(row.type.primary_key[0])
        if isinstance(via, LinkTable):
            link = f"{item.alias}_link"
            pairs = f"{quoted(link_table(self._names.model, via))} AS {link}"
            joined = f"{item.source} JOIN {pairs} ON {link}.{quoted(via.there)} = {item.column('id')}"
            tied = Sql(f"{link}.{quoted(via.here)} = {own}")
            return all_of([condition, tied]).within(f"EXISTS (SELECT 1 FROM {joined} WHERE ", ")")
        tied = Sql(f"{item.column(item.type.scalars[via.attribute].column)} = {own}")
        found = all_of([condition, tied, items_where(via, item)])
        return found.within(f"EXISTS (SELECT 1 FROM {item.source} WHERE ", ")")


def items_where(via: ForeignKey, item: Row) -> Sql:
    """Give the condition that all items of a collection keep, as the type of an appointment."""
    scalars = item.type.scalars
    pieces = (
        Sql(f"{item.column(scalars[name].column)} = ?", (to_storage(scalars[name], value),))
        for name, value in via.where.items()
    )
    return all_of(pieces)


def _not_a_value(meaning: Meaning) -> QueryFault:
    name = f"{meaning.owner.name}.{meaning.attribute.name}"
    if isinstance(meaning.attribute, Collection):
        return QueryFault("ParseError", f"{name} is a collection and cannot be compared; ask {name} any (...)")
    return QueryFault("ParseError", f"{name} is worked out for each reply; it can be selected and not compared")
