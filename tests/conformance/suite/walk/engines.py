"""Engines: what each plans at a place of a rollout, and how its traffic is read off the cluster.

Both halves are worked out here a second time, from the policy alone: nothing that the program says is believed. An
engine more is a class more, and a line in `ENGINES`.
"""

from contextlib import nullcontext
from dataclasses import dataclass
from fractions import Fraction

from suite.walk import gateway

TRACK = "prodgen.dev/track"
STABLE, CANARY = "stable", "canary"


@dataclass(frozen=True)
class Policy:
    """How many pods there are at least, for how many a route shares out, and the percentages of the steps."""

    size: int
    most: int
    steps: tuple
    # Whether testers meet the new version whatever the step.
    testers: bool


@dataclass(frozen=True)
class Place:
    """What is planned at a place of a rollout."""

    # Ready pods of each track; an autoscaler may give stable more.
    stable: int
    canary: int
    # Percent of the traffic that may meet the new version, on the way here too.
    limit: int
    # Ready pods that there are at least, of those that must never get fewer.
    floor: int
    # Whether testers meet it, and nothing else.
    testers: bool = False

    @property
    def of_testers(self):
        """Percent of their requests that may meet it, at least and at most."""
        return (100, 100) if self.testers else (0, self.limit)


@dataclass(frozen=True)
class Sight:
    """What callers have at an instant."""

    # The ready pods of each track, by their uid.
    ready: dict
    # How many of them are those that must never get fewer.
    held: int
    # The part of new connections or requests that the new version is given.
    share: Fraction
    # The least and the greatest part of the requests of testers that it is given.
    testers: tuple
    # Backends that are sent traffic and have no ready pod to take it.
    empty: tuple
    # Those of them that have not even a pod that is ending and still serves.
    silent: tuple

    def count(self, track):
        """How many ready pods a track has."""
        return len(self.ready[track])

    @property
    def all(self):
        """How many ready pods there are."""
        return sum(len(one) for one in self.ready.values())


class _Engine:
    """What they have in common."""

    def keys(self, _app):
        """What the spec must have beside the canary."""
        return {}

    def controller(self, _cluster, _record, _namespace, _walk):
        """Who else acts in the cluster, as late as the walk has it."""
        return nullcontext()

    def is_taken(self, _objects):
        """Whether everybody leads by what was applied last."""
        return True

    def watched(self, namespace):
        """What is recorded beside the pods: a kind, and where its list is."""
        return {"EndpointSlice": f"/apis/discovery.k8s.io/v1/namespaces/{namespace}/endpointslices"}

    def track(self, pod):
        """Of which version a pod is."""
        return pod["metadata"]["labels"][TRACK]


class Replicas(_Engine):
    """The ratio of ready pods behind one Service."""

    name = "replicas"
    # The step that `start` takes, and from which one call leads back.
    first = 1
    # What `promote` does, one call after the other; the call after them ends the rollout.
    ways_on = ("promote",)

    def place(self, policy, step, end):
        """The plan at a step, from 1, or on the way out of it; no step is at rest."""
        if step is None:
            return Place(policy.size, 0, 0, policy.size)
        counts = [0, *(policy.size * percent // 100 for percent in policy.steps)]
        limit = [0, *policy.steps][step]
        if end is not None:
            return Place(policy.size, counts[step], 100 if end == "promote" else limit, policy.size)
        return Place(max(1, policy.size - counts[step - 1]), counts[step], limit, policy.size)

    def share(self, place, stable):
        """The share that is planned at a place where stable has this many pods."""
        return Fraction(place.canary, stable + place.canary)

    def sight(self, app, objects, tracks):
        """What callers of the service have: `objects` by kind and name, `tracks` by the uid of a pod."""
        ready = ready_behind(objects, app, tracks)
        everybody = sum(len(one) for one in ready.values())
        share = Fraction(len(ready[CANARY]), everybody or 1)
        return Sight(ready, everybody, share, (share, share), *nobody(objects, tracks, [app]))


class Gateway(_Engine):
    """The weights of a route over two Services."""

    name = "gateway"
    first = 0
    ways_on = ("promote", "promoted")

    def keys(self, app):
        """The host of the route."""
        return {"expose": f"{app}.example.com"}

    def _paths(self, namespace):
        root = f"/apis/gateway.networking.k8s.io/v1/namespaces/{namespace}"
        return {"HTTPRoute": f"{root}/httproutes", "GRPCRoute": f"{root}/grpcroutes"}

    def controller(self, cluster, record, namespace, walk):
        """The gateway, which takes a route some time after it has changed."""
        return gateway.Controller(cluster, record, self._paths(namespace), walk.lag, walk.others)

    def watched(self, namespace):
        """The route too, of whichever kind it is."""
        return {**self._paths(namespace), **super().watched(namespace)}

    def is_taken(self, objects):
        """Whether the gateway has heard of each route as it is."""
        routes = [one for kind in self._paths("") for one in objects[kind].values()]
        return all(gateway.seen(one) == one["metadata"]["generation"] for one in routes)

    def place(self, policy, step, end):
        """The plan at a step, from 0, which has pods and no weight; stable has all that it is planned for at each."""
        if step is None:
            return Place(policy.size, 0, 0, policy.size)
        percent = policy.steps[min(step, len(policy.steps) - 1)]
        weight = 0 if end in ("promoted", "abort") else [0, *policy.steps][step]
        testers = policy.testers and step > 0 and end in (None, "promote")
        return Place(policy.most, max(1, -(-policy.most * percent // 100)), weight, policy.most, testers)

    def share(self, place, _stable):
        """The weight, however many pods there are."""
        return Fraction(place.limit, 100)

    def sight(self, app, objects, tracks):
        """What callers from outside have: both by the route that is stored, and by that which the gateway still has."""
        behind = [ready_behind(objects, name, tracks) for name in (app, f"{app}-canary")]
        ready = {track: behind[0][track] | behind[1][track] for track in (STABLE, CANARY)}
        routes = [objects[kind][app] for kind in self._paths("") if app in objects.get(kind, {})]
        ways = [way for one in routes for way in (gateway.asked(one["spec"]["rules"]), *gateway.taken(one))]
        ways = ways or [{gateway.EVERYBODY: {app: 1}, gateway.TESTERS: {app: 1}}]
        everybody, testers = (
            [self._part(app, objects, tracks, way[who]) for way in ways]
            for who in (gateway.EVERYBODY, gateway.TESTERS)
        )
        led = {name for way in ways for rule in way.values() for name, weight in rule.items() if weight}
        held = len(behind[0][STABLE])
        empty = nobody(objects, tracks, sorted(led))
        return Sight(ready, held, max(everybody), (min(testers), max(testers)), *empty)

    def _part(self, app, objects, tracks, rule):
        """The part of the requests of a rule that is for the new version, be it behind either Service."""
        part = Fraction(0)
        for name, weight in rule.items():
            ready = ready_behind(objects, name, tracks)
            everybody = sum(len(one) for one in ready.values())
            own = Fraction(len(ready[CANARY]), everybody) if everybody else int(name != app)
            part += own * weight
        return part / (sum(rule.values()) or 1)


def ready_behind(objects, service, tracks, condition="ready"):
    """The ready endpoints of a Service, by track."""
    ready = {STABLE: set(), CANARY: set()}
    for part in objects.get("EndpointSlice", {}).values():
        if part["metadata"]["labels"].get("kubernetes.io/service-name") != service:
            continue
        for one in part.get("endpoints") or []:
            if one["conditions"].get(condition):
                uid = one["targetRef"]["uid"]
                ready[tracks[uid]].add(uid)
    return ready


def nobody(objects, tracks, services):
    """Those of the Services that have no ready pod, and those that have not even one that is ending."""
    return tuple(
        tuple(f"Service {one}" for one in services if not any(ready_behind(objects, one, tracks, condition).values()))
        for condition in ("ready", "serving")
    )


ENGINES = {one.name: one for one in (Replicas(), Gateway())}
