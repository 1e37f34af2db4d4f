"""The Gateway API's controller, which no simulated cluster has: it takes a route a while after it has changed."""

import http.client
import json
import random
import threading
from dataclasses import dataclass
from datetime import UTC, datetime

from suite.cluster import Refused
from suite.tools import Broken

_NAME = "conformance.invalid/gateway"
EVERYBODY, TESTERS = "everybody", "testers"
# What testers send.
_HEADER = {"x-canary": "always"}


@dataclass(frozen=True)
class Other:
    """What another controller says of a route, in a parent of its own."""

    # The parent's reference, where the route is `{app}`; none is the first of the route's own.
    parent: dict | None
    # Whether it takes every change at once; the other way is to have taken the first one, and none after it.
    is_prompt: bool

    def entry(self, route):
        """Its part of the route's status."""
        app = route["metadata"]["name"]
        parent = self.parent or route["spec"]["parentRefs"][0]
        return {
            "parentRef": {key: value.format(app=app) for key, value in parent.items()},
            "controllerName": "conformance.invalid/other",
            "conditions": [
                _condition(kind, route["metadata"]["generation"] if self.is_prompt else 1)
                for kind in ("Accepted", "ResolvedRefs")
            ],
        }


# A mesh, which leads calls to the Service of the same name.
MESH = Other({"group": "", "kind": "Service", "name": "{app}"}, True)
# What is left of a listener that the route was on once.
GONE = Other({"kind": "Gateway", "namespace": "gateway-system", "name": "public", "sectionName": "http"}, False)
# It says that the route's own parent has taken what nobody has taken.
LIAR = Other(None, True)


def _condition(kind, generation, message=""):
    return {
        "type": kind,
        "status": "True",
        "reason": kind,
        "message": message,
        "observedGeneration": generation,
        "lastTransitionTime": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
    }


class Controller:
    """Takes the routes that a record has, as a gateway that is asked by many does: late, and one after the other.

    What it leads to by now it says in the message of its condition, so that the record holds that too.
    """

    def __init__(self, cluster, record, paths, lag, others):
        self._cluster = cluster
        self._record = record
        # Where the routes of each kind are.
        self._paths = paths
        self._lag = lag
        self._others = others
        # What it has said itself, by route: the record may be a moment behind.
        self._own = {}
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
                now = self._record.now()
                for kind in self._paths:
                    for route in now[kind].values():
                        self._look(route)
        except (OSError, http.client.HTTPException, Refused, Broken) as wrong:
            self._wrong = wrong

    def _look(self, route):
        generation = route["metadata"]["generation"]
        if self._others and _heard(route) != generation:
            self._say(route)
        if seen(route) != generation and not self._is_over.wait(random.uniform(*self._lag)):
            self._take(route)

    def _take(self, route):
        """Says so of the route as it was when it was looked at; it may have changed since."""
        generation = route["metadata"]["generation"]
        accepted = _condition("Accepted", generation, json.dumps(asked(route["spec"]["rules"])))
        self._own[route["metadata"]["name"]] = [
            {
                "parentRef": parent,
                "controllerName": _NAME,
                "conditions": [accepted, _condition("ResolvedRefs", generation)],
            }
            for parent in route["spec"]["parentRefs"]
        ]
        self._say(route)

    def _say(self, route):
        name = route["metadata"]["name"]
        parents = [*(one.entry(route) for one in self._others), *self._own.get(name, ())]
        self._cluster.merge(f"{self._paths[route['kind']]}/{name}/status", {"status": {"parents": parents}})


def asked(rules):
    """Where the requests of each caller go: by caller, the weight of each backend of the rule that is theirs."""
    closer, others = [], []
    for rule in rules:
        headers = [one["headers"] for one in rule.get("matches") or () if "headers" in one]
        said = [{one["name"]: one["value"] for one in match} for match in headers]
        if _HEADER in said:
            closer.append(rule)
        elif not said:
            others.append(rule)
    if len(others) != 1:
        raise Broken(f"the suite's gateway knows no such rules: {rules}")
    # A rule with a header is the closer match.
    return {EVERYBODY: _weights(others[0]), TESTERS: _weights([*closer, *others][0])}


def _weights(rule):
    """The weight of each backend. One that says nothing has 1."""
    return {one["name"]: one.get("weight", 1) for one in rule["backendRefs"]}


def _accepted(route, is_own=True):
    parents = route.get("status", {}).get("parents") or []
    ours = [parent for parent in parents if (parent["controllerName"] == _NAME) == is_own]
    return [one for parent in ours for one in parent["conditions"] if one["type"] == "Accepted"]


def seen(route):
    """The generation of a route that was taken last."""
    return min((one["observedGeneration"] for one in _accepted(route)), default=0)


def _heard(route):
    """The generation that some other controller has said something of."""
    return max((one["observedGeneration"] for one in _accepted(route, is_own=False)), default=0)


def taken(route):
    """What a gateway leads by at each parent, as it was told last."""
    return [json.loads(one["message"]) for one in _accepted(route)]
