"""The Gateway API's controller, which no simulated cluster has: it takes a route a while after it has changed."""

import http.client
import json
import random
import threading
from datetime import UTC, datetime

from suite.cluster import Refused
from suite.tools import Broken

_NAME = "conformance.invalid/gateway"


class Controller:
    """Takes the routes that a record has, as a gateway that is asked by many does: late, and one after the other.

    What it leads to by now it says in the message of its condition, so that the record holds that too.
    """

    def __init__(self, cluster, record, path, lag):
        self._cluster = cluster
        self._record = record
        self._path = path
        self._lag = lag
        self._is_over = threading.Event()
        self._wrong = None
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, kind, *_):
        self._is_over.set()
        self._thread.join()
        if self._wrong and kind is None:
            raise Broken(f"the suite's gateway has ended: {self._wrong}")

    def _run(self):
        try:
            while not self._is_over.wait(0.2):
                for route in self._record.now()["HTTPRoute"].values():
                    if seen(route) != route["metadata"]["generation"] and not self._is_over.wait(self._pause()):
                        self._take(route)
        except (OSError, http.client.HTTPException, Refused, Broken) as wrong:
            self._wrong = wrong

    def _pause(self):
        return random.uniform(*self._lag)

    def _take(self, route):
        """Says so of the route as it was when it was looked at; it may have changed since."""
        base = {
            "status": "True",
            "observedGeneration": route["metadata"]["generation"],
            "lastTransitionTime": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        }
        conditions = [
            {**base, "type": "Accepted", "reason": "Accepted", "message": json.dumps(weights(route["spec"]["rules"]))},
            {**base, "type": "ResolvedRefs", "reason": "ResolvedRefs", "message": ""},
        ]
        parents = [
            {"parentRef": parent, "controllerName": _NAME, "conditions": conditions}
            for parent in route["spec"]["parentRefs"]
        ]
        self._cluster.merge(f"{self._path}/{route['metadata']['name']}/status", {"status": {"parents": parents}})


def weights(rules):
    """The weight of each backend, by rule. One that says nothing has 1."""
    return [{one["name"]: one.get("weight", 1) for one in rule["backendRefs"]} for rule in rules]


def _accepted(route):
    parents = route.get("status", {}).get("parents") or []
    return [one for parent in parents for one in parent["conditions"] if one["type"] == "Accepted"]


def seen(route):
    """The generation of a route that was taken last."""
    return min((one["observedGeneration"] for one in _accepted(route)), default=0)


def taken(route):
    """The weights that a gateway leads by, as it was told last."""
    return [rule for one in _accepted(route) for rule in json.loads(one["message"])]
