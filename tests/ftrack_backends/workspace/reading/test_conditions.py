"""Filters: every operator, on every kind of attribute, along every kind of path."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import pytest

from ftrack_backends.workspace._faults import QueryFault

if TYPE_CHECKING:
    from collections.abc import Callable

    from ftrack_backends.workspace.reading import Reader
    from ftrack_backends.workspace.store import Store

    Ids: TypeAlias = Callable[[str], list[str]]

COMPARISONS = {
    'Task where name is "Anim"': "t1",
    "Task where name = anim": "t3",
    'Task where name is "ANIM"': "",
    "Task where name is_not anim": "t1 t2 t4",
    "Task where name != anim": "t1 t2 t4",
    "Task where name > anim": "t2 t4",
    'Task where name like "anim"': "t1 t3",
    'Task where name like "AN%"': "t1 t3",
    'Task where name like "%ni_"': "t1 t3",
    'Task where name not_like "an%"': "t2 t4",
    'Task where name like "%été%"': "t4",
    'Task where name not_like "été"': "t1 t2 t3",
    r'Task where name like "%\%"': "t2",
    r'Task where name like "comp\_\%"': "t2",
    r'Task where name like "comp\_a"': "",
    'Task where name like "a\\b"': "",
    'Task where name like "%"': "t1 t2 t3 t4",
    'Task where name like "100%"': "",
    "Task where description is None": "t1 t2",
    "Task where description is none": "t1 t2",
    'Task where description is "None"': "",
    "Task where description is_not None": "t3 t4",
    'Task where description is_not "not"': "t3",
    "Task where description is not": "t4",
    r'Task where description is "say \"hi\""': "t3",
    "Task where bid is 3600": "t1",
    "Task where bid is 3600.0": "t1",
    'Task where bid is "3600"': "t1",
    "Task where bid > 3600": "t2",
    "Task where bid greater_than 3600": "t2",
    "Task where bid >= 3600": "t1 t2",
    "Task where bid < 7200.5": "t1",
    "Task where bid less_than 7200.5": "t1",
    "Task where bid <= 7200.5": "t1 t2",
    "Task where bid > -1e3": "t1 t2",
    "AssetVersion where version > 1.5": "v2",
    "User where is_active is True": "ann",
    "User where is_active is false": "bob",
    'User where is_active is "true"': "ann",
    "User where is_active is 1": "ann",
    "User where is_active is_not True": "bob",
    'Task where start_date is "2020-01-02T10:00:00"': "t1 t2",
    'Task where start_date is "2020-01-02 10:00:00"': "t1 t2",
    'Task where start_date is "2020-01-02T12:00:00.123+02:00"': "t1 t2",
    'Task where start_date >= "2020-01-02"': "t1 t2",
    'Task where start_date before "2020-01-02"': "",
    "Task where start_date after 2020-01-01": "t1 t2",
    'Task where start_date like "2020-01%"': "t1 t2",
    "Task where end_date is_not None": "t4",
    "User where username is ann.o-hara@show": "ann",
    'User where last_name is "O\'Hara"': "ann",
    "Task where id is t1": "t1",
    'Task where id is "non-existant-id"': "",
    "Task where type_id is anim": "t1 t3",
    "Task where type is anim": "t1 t3",
    "Task where parent is show": "t4",
    "Task where id in ()": "",
    "Task where type_id not_in ()": "t1 t2 t3 t4",
    "Task where start_date > 2019-12-9": "t1 t2",
    "Task where start_date < 2020-1-2": "",
    "Task where start_date >= '2020-1-02T10:00:00Z'": "t1 t2",
    "Task where type is None": "t4",
    "Task where type is_not None": "t1 t2 t3",
    "Context where parent is None": "show",
}

MEMBERSHIPS = {
    "Task where id in (t1, t3)": "t1 t3",
    'Task where id in ("t1","t3","nowhere")': "t1 t3",
    "Task where id not_in (t1, t3)": "t2 t4",
    "Task where status in (done)": "t2 t3",
    "Task where status_id not_in (done)": "t1",
    "Task where status_id in (None, open)": "t1 t4",
    "Task where status_id not_in (None, open)": "t2 t3",
    "Task where bid in (3600, 5)": "t1",
    'Task where bid in ("3600")': "t1",
    'Task where start_date in ("2020-01-02T11:00:00+01:00")': "t1 t2",
    "User where is_active in (True)": "ann",
    "Task where status_id in (select id from Status where name is Done)": "t2 t3",
    "Task where status_id in (Status where name is Done)": "t2 t3",
    "Task where id in (select context_id from Appointment where resource.username is bob)": "t1",
    "Task where parent_id in (select asset.parent.id from AssetVersion where version is 2)": "t1 t2",
    "Task where status_id not_in (select id from Status where name is Done)": "t1",
    "Task where id in (select id from Task where name like anim order by name limit 1 offset 1)": "t3",
    "Shot where id in (select parent_id from Task where id in (select context_id from Timelog))": "sh010",
}

PATHS = {
    "Task where status.name is Done": "t2 t3",
    "Task where parent.name is sh010": "t1 t2",
    "Task where parent.parent.name is sq010": "t1 t2 t3",
    "Task where project.name is show": "t1 t2 t3 t4",
    "Task where parent.project.full_name is 'The Show'": "t1 t2 t3 t4",
    "Task where parent[Shot].name like sh%": "t1 t2 t3",
    "Task where parent[Project].full_name is_not None": "t4",
    "Task where parent[TypedContext] has (status.name is 'Not started')": "t1 t2 t3",
    "Task where status.name is_not Done": "t1",
    "Task where not status.name is Done": "t1 t4",
    "Task where type.name is None": "",
    "Task where metadata.key is hex": "t1 t2",
    "Task where metadata.key is hex and metadata.value is keep": "t1 t2",
    "Task where metadata any (key is hex and value is keep)": "t2",
    "Task where metadata any (key=hex and value='#fff')": "t1",
    "Task where metadata any ()": "t1 t2",
    "Task where not metadata any ()": "t3 t4",
    "Task where assignments any (resource.username = bob)": "t1",
    "Task where assignments.resource.username is ann.o-hara@show": "t1 t2",
    "Task where assignments.resource[Group].name is crew": "t3",
    "Task where allocations any ()": "t1",
    "Task where appointments.type is allocation": "t1",
    "Task where scopes.name is scope-a": "t1",
    "Task where scopes any (name like 'scope%') and not scopes any (name is other)": "t1",
    "Task where lists any ()": "t2",
    "Shot where lists.name is dailies": "sh030",
    "List where items.name is sh030": "list",
    "Task where notes any (author.username is bob)": "t1",
    "Task where timelogs.duration > 700": "t1",
    "Task where time_logged > 1500": "t1",
    "Task where time_logged is 0": "t2 t3 t4",
    "Shot where children.status.name is Done": "sh010 sh020",
    "Shot where children any (status has (name is Done) and type.name is Animation)": "sh020",
    "Sequence where children.children any (name is anim)": "sq010",
    "Project where children.children.children.name is anim": "show",
    "Note where parent[Task].name is Anim": "n1 n2",
    "Note where parent[TypedContext] has (name is Anim and project.name is show)": "n1 n2",
    "Note where parent[Shot].name is Anim": "",
    "Note where not parent[Task] has (name is Anim)": "",
    "Note where parent[AssetVersion] has ()": "",
    "Note where parent is t1": "n1 n2",
    "ListObject where entity[Task].name is 'comp_%'": "lo0",
    "Resource where id in (select assignments.resource_id from Task where name is Anim)": "ann bob",
    "Resource where id in (select assignments.resource from Task where name is anim)": "crew",
    "Resource where id in (select children.children.assignments.resource.id from Sequence where name is sq020)": "",
    "Task where id in (select items.id from List)": "t2",
    "Scope where id in (select parent.children.scopes from Task where id is t2)": "b a",
    "Task where ancestors any (name is sq010)": "t1 t2 t3",
    "Task where ancestors.name is sq010": "t1 t2 t3",
    "Task where not ancestors any ()": "t4",
    "TypedContext where descendants any (name is anim)": "sq010 sh020",
    "Project where descendants.name is anim": "show",
    "Asset where versions any (version is 2)": "asset",
    "Asset where latest_version.version is 2": "asset",
    "Asset where latest_version is v2": "asset",
    "AssetVersion where is_latest_version is True": "v2",
    "AssetVersion where uses_versions any (version is 1)": "v2",
    "AssetVersion where used_in_versions.version is 2": "v1",
    "AssetVersion where asset is_not None": "v1 v2",
    "AssetVersion where asset.parent[Shot] has (name is sh010)": "v1 v2",
    "Component where version.version is 2": "movie frames",
    "Component where container has ()": "f1 f2",
    "SequenceComponent where members.size is 2": "frames",
    "Context where status is active": "show",
    "Context where status is done": "sh030 t2 t3",
    "Context where children.status.name is Done": "sq020 sh010 sh020",
    "Resource where username is bob": "bob",
    "Task where custom_attributes any (key is number_field and value is 12)": "t1",
    "Task where custom_attributes any (key is number_field and value > '11')": "t1",
    "Task where custom_attributes any (key is number_field and value > 12)": "",
    "Task where custom_attributes any (key is word and value is 12)": "t1",
    "Task where custom_attributes any (key is flag and value is True)": "t1",
    "Task where custom_attributes any (key is word and value like '1%')": "t1",
    "Task where custom_attributes any (key is day and value > '2019-12-31')": "t1",
    "Task where custom_attributes any (key is number_field and value in (12, 13))": "t1",
    "Task where custom_attributes any (key is number_field and value not_in (12, 13))": "",
    "Task where custom_attributes.configuration.key is word": "t1 t2 t3 t4",
    "Task where custom_attribute_links any (configuration.key is x)": "",
}

COMBINATIONS = {
    "Task where name is Anim or name is anim and status.name is nothing": "t1",
    "Task where (name is Anim or name is anim) and status.name is Done": "t3",
    'Task where (parent_id is "sh010"and name is "Anim")': "t1",
    "Task where not (name is Anim or name is anim)": "t2 t4",
    "Task where not name is Anim and not name is anim": "t2 t4",
    "Task where not not name is Anim": "t1",
    "select id from Task where (id is t1) offset 0 limit 500": "t1",
    "Task": "t1 t2 t3 t4",
    "TypedContext": "sq010 sq020 sh010 sh020 sh030 t1 t2 t3 t4",
    "Context where context_type is show": "show",
    "Component": "movie frames f1 f2",
    "Resource": "ann bob crew",
    "NoteLabel": "label",
    "Milestone": "",
}


@pytest.mark.parametrize("expression", [*COMPARISONS, *MEMBERSHIPS, *PATHS, *COMBINATIONS])
def test_a_filter_finds_these_and_no_others(expression: str, ids: Ids) -> None:
    """Without it, a tool would act on the wrong entities."""
    expected = {**COMPARISONS, **MEMBERSHIPS, **PATHS, **COMBINATIONS}[expression]
    assert ids(expression) == expected.split()


@pytest.mark.parametrize(
    ("expression", "told"),
    [
        ("Task where", "Failed to parse"),
        ("Tasks", "did you mean 'Task'"),
        ("Task where nme is x", "did you mean 'name'"),
        ("Task where parent.nme is x", "did you mean 'name'"),
        ("Task where parent[Shoot].name is x", "did you mean 'Shot'"),
        ("Task where status.name.first is x", "Status.name is a value"),
        ("Task where name any ()", "Task.name is a value"),
        ("Task where children is None", "Task.children is a collection"),
        ("Task where link is x", "selected and not compared"),
        ("Task where id in (select ancestors from Task)", "a sub-query cannot give them"),
        ("Task where id in (select count(id) from Task group by parent_id)", "selects one attribute"),
        ("Task where id in (select id from Task group by id)", "gives values and no groups"),
        ("Note where parent.name is x", "parent may be of any type; name the one you mean, as parent[TypedContext]"),
        ("select parent from Note", "parent may be of any type"),
        ("select parent[Task].name, parent[AssetVersion].version from Note", "one kind of thing at a time"),
        ("Task where id in (select id, name from Task)", "selects one attribute"),
        ("Task where name > None", "only is and is_not"),
        ("Task where name like None", "only is and is_not"),
        ("Task order by children", "Task.children is no single value"),
        ("Task order by name.first", "Task.name is a value"),
        ("select count(id) from Task", "aggregates and group by need the strict API"),
        ("select status_id, count(id) from Task group by status_id", "'ftrack-strict-api: true'"),
        ('Task where "id" is 1', "Failed to parse"),
        ('Task where id" OR 1=1 is x', "Failed to parse"),
        ("Task where __type__ is Task", "no attribute"),
        ("Task where rowid is 1", "no attribute"),
        ("Status where state_id is x", "no attribute"),
        ("select state_id from Status", "no attribute"),
        ("Status order by state_id", "no attribute"),
        ("sqlite_master", "no entity type"),
    ],
)
def test_what_cannot_be_understood_is_refused_with_its_name(expression: str, told: str, reader: Reader) -> None:
    """Without it, a typing mistake would find nothing, or show a failure of SQL."""
    with pytest.raises(QueryFault, match=r"^ParseError") as caught:
        reader.query(expression)
    assert told in caught.value.content
    assert "{" not in caught.value.content


@pytest.mark.parametrize(
    "expression",
    [
        "Task where bid > much",
        "AssetVersion where version is 1.x",
        "Task where bid is 99999999999999999999",
        "User where is_active is maybe",
        "Task where start_date is yesterday",
        "Task where bid in (1, many)",
        "Task where name is 'half \ud800'",
    ],
)
def test_a_value_that_an_attribute_cannot_have_is_refused(expression: str, reader: Reader) -> None:
    """Without it, a filter with a mistake in its value would silently find nothing."""
    with pytest.raises(QueryFault, match=r"^ValidationError.* cannot be compared with '"):
        reader.query(expression)


HOSTILE = [
    "x' OR '1'='1",
    'x" OR "1"="1',
    '\'; DROP TABLE "Context"; --',
    "?",
    "?1 :name @x $y",
    "\x00",
    "%' OR name LIKE '%",
    '["a"]\') OR 1 --',
    "\u2028\U0001f600",
]


@pytest.mark.parametrize("value", HOSTILE)
@pytest.mark.parametrize("operator", ["is", "like", "in"])
def test_no_value_is_ever_sql(value: str, operator: str, ids: Ids, put: Callable[..., None]) -> None:
    """Without it, a shot's name could read or destroy a workspace."""
    from ftrack_core.query import quote

    put("Shot", id="hostile", name=value, parent_id="sq010")
    pattern = value.replace("%", r"\%") if operator == "like" else value
    asked = f"({quote(pattern)})" if operator == "in" else quote(pattern)
    assert ids(f"Shot where name {operator} {asked}") == ["hostile"]
    assert len(ids("Shot")) == 4


def test_half_a_character_in_a_pattern_is_refused(reader: Reader) -> None:
    """Without it, broken text from a client would look like a failure of the server."""
    with pytest.raises(QueryFault, match=r"^ValidationError"):
        reader.query("Task where name like '\ud800%'")


def test_thousands_of_values_and_conditions_are_no_matter(ids: Ids) -> None:
    """Without it, a client that asks for its whole selection at once would meet a limit of the database."""
    many = ", ".join(f"x{number}" for number in range(20_000))
    assert ids(f"Task where id in ({many}, t1)") == ["t1"]
    either = " or ".join(f"id is x{number}" for number in range(3_000))
    assert ids(f"Task where {either} or id is t1") == ["t1"]


def test_a_query_beyond_the_limits_is_refused_as_one(reader: Reader) -> None:
    """Without it, a client could not tell its own mistake from a failure of the server."""
    for deep in ("children any (" * 60 + "name is x" + ")" * 60, "children." * 600 + "name is x"):
        with pytest.raises(QueryFault, match=r"too large|601 steps"):
            reader.query(f"Project where {deep}")
    for beyond in (f"select {'parent.' * 600}name from Task", f"Task order by {'parent.' * 600}name"):
        with pytest.raises(QueryFault, match="601 steps"):
            reader.query(beyond)


def test_paths_of_eight_steps_are_no_matter(ids: Ids) -> None:
    """Without it, the deepest projects could not be searched from their root."""
    assert ids(f"Project where {'children.' * 8}name is anim") == []
    assert ids(f"Task where {'parent.' * 8}name is show") == []
    assert ids(f"Task order by {'parent.' * 8}name") == ["t1", "t2", "t3", "t4"]
    assert ids("Project where " + "children any (" * 8 + "name is anim" + ")" * 8) == []


def test_sub_queries_do_not_mix_up_their_rows(ids: Ids) -> None:
    """Without it, conditions inside one another would be asked of the wrong entity."""
    inner = "select parent_id from Task where name is anim and parent.name is sh020"
    assert ids(f"Shot where id in ({inner}) and children any (name is anim)") == ["sh020"]
    assert ids("Task where parent has (parent has (name is sq010) and name is sh020) and name is anim") == ["t3"]


def test_a_filter_for_nothing_in_between_does_not_scan_what_was_selected(store: Store, reader: Reader) -> None:
    """Without it, the cost of a filter could hide in further statements."""
    before = store.statements
    reader.query("select id from Task where assignments.resource.username is bob and ancestors.name is sq010")
    assert store.statements - before == 1
