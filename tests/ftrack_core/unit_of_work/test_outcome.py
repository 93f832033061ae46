"""What became of a batch, told from what is read back."""

from __future__ import annotations

from typing import Any

import attrs
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ftrack_core.entity import TypePlan
from ftrack_core.schema import Schemas
from ftrack_core.unit_of_work import (
    CreateEntityOperation,
    DeleteEntityOperation,
    Evidence,
    ExpectedUpdate,
    Findings,
    Outcome,
    UpdateEntityOperation,
    comparable,
    doubts_of,
    entity_of,
    evidence_of,
    first_values,
    make_plan,
    outcome_of,
    same_value,
)
from ftrack_core.values import NOT_SET, EntityIdentity


def entity(key: str) -> EntityIdentity:
    """A task."""
    return EntityIdentity("Task", (key,))


A, B, C = map(entity, "abc")
OWN = entity("0c1e9dd0-7a1f-4d1e-9f5c-2f8a2f6f0a11")
SCHEMAS = Schemas(
    [
        {"id": name, "primary_key": ["id"], "properties": {"id": {"type": "string"}, "name": {"type": "string"}}}
        for name in ("Task", "Status", "TypedContext")
    ]
)


def form(value: Any) -> Any:
    """A value, ready to be compared."""
    return comparable(value, lambda name: TypePlan(SCHEMAS[name], SCHEMAS))


def update(target: EntityIdentity, new: Any = "new", old: Any = "old") -> ExpectedUpdate:
    """An expected update of the name."""
    return ExpectedUpdate(target, "name", new, old)


def found(*present: EntityIdentity, **names: Any) -> Findings:
    """What was read back: who is there, and names by key."""
    return Findings(frozenset(present), {(entity(key), "name"): value for key, value in names.items()})


APPLIED, NOT_APPLIED, UNCERTAIN = Outcome.APPLIED, Outcome.NOT_APPLIED, Outcome.UNCERTAIN
CREATES, DELETES = Evidence(created=frozenset({A, B})), Evidence(deleted=frozenset({A, B}))
UPDATES = Evidence(updates=(update(A), update(B)))
MIXED = Evidence(frozenset({A}), frozenset({B}), (update(C),))
CLAIM = Evidence(claims=(update(A, old=NOT_SET),), updates=(update(B),))
CLEARING = Evidence(deleted=frozenset({A}), updates=(update(B),))


@pytest.mark.parametrize(
    ("evidence", "findings", "outcome"),
    [
        (CREATES, found(A, B), APPLIED),
        (CREATES, found(B), APPLIED),
        (CREATES, found(), NOT_APPLIED),
        (DELETES, found(), APPLIED),
        (DELETES, found(A, B), NOT_APPLIED),
        (DELETES, found(A), UNCERTAIN),
        (UPDATES, found(A, B, a="new", b="new"), APPLIED),
        (UPDATES, found(A, B, a="old", b="old"), NOT_APPLIED),
        (UPDATES, found(A, B, a="new", b="old"), UNCERTAIN),
        (UPDATES, found(A, B, a="theirs", b="old"), UNCERTAIN),
        (UPDATES, found(A, a="new"), UNCERTAIN),
        (Evidence(updates=(update(A, old=NOT_SET),)), found(A, a="new"), APPLIED),
        (Evidence(updates=(update(A, old=NOT_SET),)), found(A, a="what"), UNCERTAIN),
        (Evidence(updates=(update(A, new="old"),)), found(A, a="old"), APPLIED),
        (MIXED, found(A, B, C, c="theirs"), APPLIED),
        (MIXED, found(B, C, c="old"), NOT_APPLIED),
        (MIXED, found(C, c="old"), UNCERTAIN),
        (MIXED, found(B, C, c="theirs"), UNCERTAIN),
        (MIXED, found(B, C, c="new"), UNCERTAIN),
        (CLEARING, found(B, b="new"), APPLIED),
        (CLEARING, found(B, b="theirs"), APPLIED),
        (CLEARING, found(), APPLIED),
        (CLEARING, found(B, b="old"), UNCERTAIN),
        (CLEARING, found(A, B, b="old"), NOT_APPLIED),
        (CLAIM, found(A, B, a="new", b="new"), APPLIED),
        (CLAIM, found(B, b="old"), NOT_APPLIED),
        (CLAIM, found(A, B, a="theirs", b="old"), UNCERTAIN),
        (CLAIM, found(A, B, a="new", b="old"), UNCERTAIN),
        (CLAIM, found(B, b="new"), UNCERTAIN),
        (attrs.evolve(CLAIM, created=frozenset({C})), found(A, B, a="new", b="old"), UNCERTAIN),
        (attrs.evolve(CLAIM, created=frozenset({C})), found(A, B, C, a="theirs", b="old"), APPLIED),
        (attrs.evolve(CLAIM, deleted=frozenset({C})), found(B, b="old"), UNCERTAIN),
        (Evidence(), found(), UNCERTAIN),
        (Evidence(updates=(update(A),), blind=True), found(A, a="old"), UNCERTAIN),
        (Evidence(updates=(update(A),), blind=True), found(A, a="new"), UNCERTAIN),
        (Evidence(deleted=frozenset({A}), blind=True), found(), UNCERTAIN),
        (Evidence(deleted=frozenset({A}), blind=True), found(A), NOT_APPLIED),
    ],
)
def test_creates_decide_then_deletes_then_updates(evidence: Evidence, findings: Findings, outcome: Outcome) -> None:
    """The table that everything else stands on."""
    assert outcome_of(evidence, findings) is outcome


def test_a_collection_that_others_add_to_has_what_was_added() -> None:
    """The server puts a note's author among its recipients; that is no foreign change."""
    ours = update(A, frozenset("ab"), frozenset("ac"))
    assert outcome_of(Evidence(updates=(ours,)), found(A, a=frozenset("abd"))) is APPLIED
    assert outcome_of(Evidence(updates=(ours,)), found(A, a=frozenset("abc"))) is UNCERTAIN
    assert outcome_of(Evidence(updates=(ours,)), found(A, a=frozenset("ac"))) is NOT_APPLIED


def test_doubts_are_told_one_by_one() -> None:
    """Whoever has to decide looks at these, not at five hundred updates."""
    updates = (update(A), update(B), update(C), update(OWN), update(entity("d"), old=NOT_SET), update(entity("f")))
    evidence = Evidence(
        deleted=frozenset({entity("e")}),
        updates=updates,
        claims=(update(entity("g")), update(entity("h"))),
        blind=True,
    )
    d, f, g = map(entity, "dfg")
    findings = found(A, B, C, d, f, g, a="old", b="new", c="theirs", d="what")
    assert doubts_of(evidence, findings) == [
        "<Task(e)> is gone",
        "<Task(g)> is there already",
        "<Task(b)>.name is what this commit makes it",
        "<Task(c)>.name is neither what it was before nor what this commit makes it",
        f"{OWN} is gone",
        "<Task(d)>.name was never loaded, so what it was before is not known",
        "<Task(f)>.name could not be read",
        "something is created whose key proves nothing",
    ]


def test_the_evidence_of_a_plan() -> None:
    """Ids that are made here prove something; keyless creates and keys that are used again do not."""
    key = {"id": "a"}
    operations = (
        UpdateEntityOperation("Task", {"id": "b"}, "name", "first", "second"),
        UpdateEntityOperation("Task", {"id": "b"}, "name", "second", "third"),
        DeleteEntityOperation("Task", key),
        CreateEntityOperation("Task", key, {"name": "anew"}),
        CreateEntityOperation("Task", {}, {"name": "keyless"}),
        CreateEntityOperation("Task", {"id": OWN.key[0]}, {"name": "made"}),
        CreateEntityOperation("Task", {"id": "c"}, {"name": "chosen"}),
        UpdateEntityOperation("Task", {"id": "d"}, "name", NOT_SET, "pushed"),
        DeleteEntityOperation("Task", {"id": "e"}),
        UpdateEntityOperation("Task", {"id": OWN.key[0]}, "name", NOT_SET, "named"),
    )
    before = first_values(operations, [entity_of(each) for each in operations])
    assert before == {(B, "name"): "first"}
    told = {B: "third", A: "anew", OWN: "named", C: "chosen", entity("d"): "pushed"}
    values = {(each, "name"): name for each, name in told.items()}
    evidence = evidence_of(make_plan(operations), values, before)
    updates = (update(B, "third", "first"), update(entity("d"), "pushed", NOT_SET))
    claims = (update(C, "chosen", NOT_SET),)
    assert evidence == Evidence(frozenset({OWN}), frozenset({entity("e")}), updates, claims, blind=True)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (1, 1.0),
        (0.1 + 0.2, 0.3),
        ([], None),
        ({"__entity_type__": "Task", "id": "a"}, {"__entity_type__": "TypedContext", "id": "a", "name": "x"}),
        (
            [{"__entity_type__": "Task", "id": "a"}, {"__entity_type__": "Task", "id": "b"}],
            [{"__entity_type__": "Task", "id": "b"}, {"__entity_type__": "Task", "id": "a"}],
        ),
        (
            {"__type__": "datetime", "value": "2020-01-02T03:04:05.678+02:00"},
            {"__type__": "datetime", "value": "2020-01-02T01:04:05"},
        ),
        ("2020-01-02T01:04:05", {"__type__": "datetime", "value": "2020-01-02T01:04:05"}),
        ({"a": [1, {"b": 2.0}]}, {"a": [1.0, {"b": 2}]}),
    ],
)
def test_values_that_mean_the_same(one: Any, other: Any) -> None:
    """A server spells values its own way; that must not look like somebody else's change."""
    assert same_value(form(one), form(other))
    assert same_value(form(other), form(one))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (1, 2.0),
        (None, 0.0),
        ("a", "b"),
        ("x", {"__type__": "datetime", "value": "2020-01-02T01:04:05"}),
        (None, {"__type__": "datetime", "value": "2020-01-02T01:04:05"}),
        (None, {"__entity_type__": "Task", "id": "a"}),
        ([], [{"__entity_type__": "Task", "id": "a"}]),
        ([1, 2], [2, 1]),
        ({"a": 1}, {"b": 1}),
    ],
)
def test_values_that_do_not(one: Any, other: Any) -> None:
    """Taken for the same, a foreign change would be overwritten."""
    assert not same_value(form(one), form(other))
    assert not same_value(form(other), form(one))


BUSY = settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
"""A busy machine draws slowly, which says nothing about what is tested."""

# A simulation: a server, a batch, and somebody else.

EXISTING, NEW, CLAIMED = ["e0", "e1", "e2"], ["n0", "n1"], "k0"


@attrs.frozen
class Case:
    """What a commit does and what happens around it."""

    creates: frozenset[str]
    deletes: frozenset[str]
    updates: dict[str, bool]
    """Entities that are updated, each with whether its old value is known."""
    claims: bool
    """Whether it creates something under a key that others make as well."""
    keyless: bool
    landed: bool
    before: list[tuple[str, str]]
    """Deeds of somebody else before the batch lands."""
    after: list[tuple[str, str]]
    """And after."""


DEEDS = st.lists(
    st.tuples(st.sampled_from(["set", "same", "delete"]), st.sampled_from([*EXISTING, NEW[0], CLAIMED])), max_size=3
)
CASES = st.builds(
    Case,
    creates=st.frozensets(st.sampled_from(NEW)),
    deletes=st.frozensets(st.sampled_from(EXISTING)),
    updates=st.dictionaries(st.sampled_from(EXISTING), st.booleans()),
    claims=st.booleans(),
    keyless=st.booleans(),
    landed=st.booleans(),
    before=DEEDS,
    after=DEEDS,
)


@attrs.define
class Server:
    """Names by key, whose they are, and how many rows came without a key."""

    names: dict[str, str] = attrs.field(factory=lambda: dict.fromkeys(EXISTING, "old"))
    foreign: set[str] = attrs.field(factory=set)
    keyless: int = 0

    def deed(self, case: Case, what: str, key: str) -> None:
        """Somebody else does something, but never deletes all that the batch created: that is a known limit."""
        if key not in self.names and (what, key) != ("set", CLAIMED):
            return
        if what == "delete" and (key == CLAIMED or case.creates == {key}):
            return
        if what == "delete":
            del self.names[key]
        else:
            self.names[key] = "theirs" if what == "set" else "new"
        self.foreign.add(key)

    def carry_out(self, case: Case) -> bool:
        """The batch: all of it, or nothing."""
        created = case.creates | ({CLAIMED} if case.claims else set())
        if not (case.deletes | case.updates.keys()) <= self.names.keys() or created & self.names.keys():
            return False
        self.names.update(dict.fromkeys([*case.updates, *created], "new"))
        for key in case.deletes:
            del self.names[key]
        self.keyless += case.keyless
        self.foreign.clear()
        return True


def told(case: Case) -> tuple[Outcome, Server, bool]:
    """What is made of a case, the server as it is then, and whether the batch was carried out."""
    server = Server()
    for deed in case.before:
        server.deed(case, *deed)
    landed = case.landed and server.carry_out(case)
    for deed in case.after:
        server.deed(case, *deed)
    updates = [
        update(entity(key), old="old" if known else NOT_SET)
        for key, known in case.updates.items()
        if key not in case.deletes
    ]
    created, deleted = frozenset(map(entity, case.creates)), frozenset(map(entity, case.deletes))
    claims = (update(entity(CLAIMED), old=NOT_SET),) if case.claims else ()
    evidence = Evidence(created, deleted, tuple(updates), claims, blind=case.keyless)
    findings = found(*map(entity, server.names), **server.names)
    return outcome_of(evidence, findings), server, landed


@settings(BUSY, max_examples=600)
@given(CASES)
def test_nothing_is_doubled_and_nobody_is_overwritten(case: Case) -> None:
    """A batch is sent again only if it is not there, and nothing that it would change was changed by others."""
    outcome, server, landed = told(case)
    if outcome is not NOT_APPLIED:
        return
    assert not landed
    assert not (case.claims and CLAIMED in server.names)
    assert not {key for key in case.updates if key not in case.deletes} & server.foreign


@settings(BUSY, max_examples=600)
@given(CASES)
def test_nothing_is_lost(case: Case) -> None:
    """A batch counts as carried out only if it was, or if all that it was for is so or was changed by others since."""
    outcome, server, landed = told(case)
    if outcome is not APPLIED or landed:
        return
    assert not case.creates
    assert not case.keyless
    assert not case.claims or server.names.get(CLAIMED) == "new"
    assert not case.deletes & server.names.keys()
    standing = [key for key in case.updates if key in server.names]
    assert all(server.names[key] == "new" or key in server.foreign for key in standing)


@settings(BUSY, max_examples=300)
@given(CASES.map(lambda case: attrs.evolve(case, before=[], after=[], keyless=False)))
def test_without_others_it_is_never_uncertain_where_old_values_are_known(case: Case) -> None:
    """Nearly always nobody else is at it: then the line may break wherever it likes."""
    case = attrs.evolve(case, updates=dict.fromkeys(case.updates, True))
    outcome, _, landed = told(case)
    if case.creates or case.deletes or case.updates or case.claims:
        assert outcome is (APPLIED if landed else NOT_APPLIED)
