"""Engines: what each plans at a place of a rollout, and how its traffic is read off the cluster.

Both halves are worked out here a second time, from the policy alone: nothing that the program says is believed. An
engine more is a class more, and a line in `ENGINES`.
"""

from dataclasses import dataclass
from fractions import Fraction

TRACK = "prodgen.dev/track"
STABLE, CANARY = "stable", "canary"


@dataclass(frozen=True)
class Policy:
    """How many pods there are at least, and the percentages of the steps."""

    size: int
    steps: tuple


@dataclass(frozen=True)
class Place:
    """What is planned at a place of a rollout."""

    # Ready pods of each track; an autoscaler may give stable more.
    stable: int
    canary: int
    # Percent of the traffic that may meet the new version, on the way here too.
    limit: int


@dataclass(frozen=True)
class Sight:
    """What callers have at an instant."""

    # The ready pods of each track, by their uid.
    ready: dict
    # The part of new connections or requests that the new version is given.
    share: Fraction
    # Backends that are sent traffic and have nobody to take it.
    empty: tuple

    def count(self, track):
        """How many ready pods a track has."""
        return len(self.ready[track])

    @property
    def all(self):
        """How many ready pods there are."""
        return sum(len(one) for one in self.ready.values())


class Replicas:
    """The ratio of ready pods behind one Service."""

    name = "replicas"

    def watched(self, namespace):
        """What is recorded beside the pods: a kind, and where its list is."""
        return {"EndpointSlice": f"/apis/discovery.k8s.io/v1/namespaces/{namespace}/endpointslices"}

    def track(self, pod):
        """Of which version a pod is."""
        return pod["metadata"]["labels"][TRACK]

    def place(self, policy, step, end):
        """The plan at a step, from 1, or on the way out of it; step 0 is at rest."""
        counts = [0, *(policy.size * percent // 100 for percent in policy.steps)]
        limit = [0, *policy.steps][step]
        if step == 0:
            return Place(policy.size, 0, 0)
        if end is not None:
            return Place(policy.size, counts[step], 100 if end == "promote" else limit)
        return Place(max(1, policy.size - counts[step - 1]), counts[step], limit)

    def share(self, place, stable):
        """The share that is planned at a place where stable has this many pods."""
        return Fraction(place.canary, stable + place.canary)

    def sight(self, app, objects, tracks):
        """What callers of the service have: `objects` by kind and name, `tracks` by the uid of a pod."""
        ready = ready_behind(objects, app, tracks)
        everybody = sum(len(one) for one in ready.values())
        share = Fraction(len(ready[CANARY]), everybody or 1)
        return Sight(ready, share, () if everybody else (f"Service {app}",))


def ready_behind(objects, service, tracks):
    """The ready endpoints of a Service, by track."""
    ready = {STABLE: set(), CANARY: set()}
    for part in objects.get("EndpointSlice", {}).values():
        if part["metadata"]["labels"].get("kubernetes.io/service-name") != service:
            continue
        for one in part.get("endpoints") or []:
            if one["conditions"].get("ready"):
                uid = one["targetRef"]["uid"]
                ready[tracks[uid]].add(uid)
    return ready


ENGINES = {one.name: one for one in (Replicas(),)}
