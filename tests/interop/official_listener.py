"""A session of the official client that takes part in events for as long as it is told to.

    python official_listener.py URL USER KEY

It answers on its standard output, one JSON a line, to orders on its standard input, one JSON a line. It must run under
the official client's interpreter, so nothing of ours is imported here.
"""

from __future__ import annotations

import json
import queue
import sys
import threading
from typing import Any

ENTRY = {"label": "Publish", "actionIdentifier": "studio.publish-action"}


def say(**what: Any) -> None:
    """Tell whoever started it."""
    print(json.dumps(what), flush=True)


def _subscribe(hub: Any) -> None:
    hub.subscribe("topic=studio.to-official", lambda event: say(heard=event["data"], source=event["source"]))
    hub.subscribe(
        "topic=studio.target", lambda event: say(target=event["target"]), subscriber={"applicationId": "official"}
    )
    hub.subscribe("topic=ftrack.action.discover", lambda _: {"items": [ENTRY]})
    hub.subscribe(
        "topic=ftrack.action.launch and data.actionIdentifier=studio.publish-action",
        lambda event: {"success": True, "message": f"{len(event['data']['selection'])} published"},
    )


def _take(orders: queue.Queue[Any]) -> None:
    for line in sys.stdin:
        orders.put(json.loads(line))


def main(url: str, user: str, key: str) -> None:
    """Take part."""
    import ftrack_api  # type: ignore[import-not-found]  # only the other environment has it

    session = ftrack_api.Session(
        url, key, user, plugin_paths=[], auto_connect_event_hub=False, schema_cache_path=False
    )
    hub, make_event = session.event_hub, ftrack_api.event.base.Event
    hub.connect()
    _subscribe(hub)
    ready = f"known.{hub.id}"
    hub.subscribe(f"topic={ready}", lambda _: say(ready=True))
    hub.publish(make_event(ready))
    orders: queue.Queue[Any] = queue.Queue()
    threading.Thread(target=_take, args=(orders,), daemon=True).start()
    while True:
        hub.wait(0.02)
        if not orders.empty():
            order = orders.get()
            if order is None:
                break
            event = make_event(order["topic"], data=order["data"], target=order.get("target", ""))
            hub.publish(event, on_reply=lambda reply: say(reply=reply["data"]))
    session.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
