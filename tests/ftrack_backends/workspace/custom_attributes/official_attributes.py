"""What the official client sees of custom attributes; prints it as JSON. Run by its interpreter, server and keys given.

python official_attributes.py SERVER USER KEY
"""

import datetime
import json
import sys

import ftrack_api

server, user, key = sys.argv[1:]
seen = {}
session = ftrack_api.Session(server_url=server, api_user=user, api_key=key, auto_connect_event_hub=False)
project = session.query("Project where name is show").one()
shot = session.query("Shot where project.name is show and name is sh010").one()


def declare(name, type_name, config=None, **data):
    kind = session.query('CustomAttributeType where name is "%s"' % type_name).one()
    described = {"key": name, "label": name, "type": kind, "config": json.dumps(config or {}), "entity_type": "task"}
    described.update(data)
    if described["entity_type"] == "task":
        described["object_type_id"] = shot["object_type_id"]
    return session.create("CustomAttributeConfiguration", described)


options = {"multiSelect": True, "data": json.dumps([{"menu": "A", "value": "a"}, {"menu": "B", "value": "b"}])}
declare("fstart", "number", default=1001)
declare("note", "text", default="bar")
declare("day", "date")
declare("flag", "boolean", default=True)
declare("tags", "enumerator", options, default=["a"])
declare("fps", "number", entity_type="show", is_hierarchical=True)
own = declare("fstart", "number", default=2, project_id=project["id"])
session.commit()


def plain(value):
    return value.isoformat() if hasattr(value, "isoformat") else value


def values(entity):
    return {name: plain(value) for name, value in sorted(entity["custom_attributes"].items())}


seen["defaults"] = values(shot)
attributes = shot["custom_attributes"]
attributes["fstart"], attributes["note"] = 5, "foo"
attributes["day"] = datetime.datetime(2020, 1, 2, 3, 4, 5)
attributes["flag"], attributes["tags"], attributes["fps"] = False, ["b", "a"], 24.5
session.commit()
seen["at once"] = values(shot)
session.reset()
shot = session.query("select custom_attributes from Shot where project.name is show and name is sh010").one()
seen["written"] = values(shot)

held = {
    "parent": session.get("Project", project["id"]),
    "project_id": project["id"],
}  # by which it finds its own attributes
new = session.create("Shot", {"name": "new", **held})
new["custom_attributes"]["fstart"] = 7
new["custom_attributes"]["fps"] = 25
session.commit()
seen["new"] = values(new)
seen["by the project's"] = [
    one["value"] for one in session.query("CustomAttributeValue where configuration_id is %s" % own["id"])
]
try:
    new["custom_attributes"]["fstart"] = "early"
    session.commit()
except ftrack_api.exception.ServerError as error:
    seen["refused"] = str(error)
session.rollback()
another = session.create("Shot", {"name": "another", "parent": session.get("Project", project["id"])})
try:
    another["custom_attributes"]["unknown"] = 1
except ValueError as error:
    seen["unknown"] = type(error).__name__
session.rollback()

found = session.query('Shot where custom_attributes any (key is "tags" and value like "%b%")')
seen["found"] = [one["name"] for one in found]
asset = session.create("Asset", {"name": "anim", "parent": new})
version = session.create("AssetVersion", {"asset": asset})
version["custom_attributes"]["fps"] = 12
session.commit()
seen["version"] = values(version)
del new["custom_attributes"]["fstart"]
session.commit()
session.reset()
seen["reset"] = values(session.query("select custom_attributes from Shot where name is new").one())
session.close()
print(json.dumps(seen))
