"""Holds a record against the rules that were in force: at every instant, and for every pod."""

from dataclasses import dataclass, field

from suite.walk.engines import CANARY
from suite.walk.record import Mark, fold


# The file of a service that has a configuration.
FILE = "app.conf"


@dataclass(frozen=True)
class Rule:
    """What must be so until the next rule."""

    title: str
    # Ready pods at least, from the moment there have been as many.
    floor: int
    # Percent of the traffic that the new version has at most.
    limit: int
    # The versions that a pod made now may be of, by track.
    versions: dict
    # The least and the most that testers are given of it, in percent.
    testers: tuple
    # Whether it waits for nothing: then pods that are ending still take what they are sent.
    is_now: bool = False


@dataclass
class Verdict:
    """How much was looked at, and what is wrong with it."""

    instants: int = 0
    pods: int = 0
    findings: list = field(default_factory=list)

    def find(self, rule, text):
        """Notes it once."""
        if (text := f"{rule.title}: {text}") not in self.findings:
            self.findings.append(text)


def image_of(pod):
    """What a pod runs."""
    return pod["spec"]["containers"][0]["image"]


def version_of(pod, texts):
    """What a pod runs, and what it reads where it reads a file: `texts` by the name of a ConfigMap."""
    return reading(image_of(pod), next((texts.get(name) for name in maps_of(pod)), None))


def reading(image, text):
    """A version in words."""
    return f"{image} with {text.strip()}" if text else image


def maps_of(pod):
    """The ConfigMaps that a pod names."""
    return [one["configMap"]["name"] for one in pod["spec"].get("volumes", []) if "configMap" in one]


def texts_of(maps):
    """The file that the ConfigMaps of ours hold, by their names."""
    return {one["metadata"]["name"]: one.get("data", {}).get(FILE) for one in maps}


def tracks_of(engine, pods):
    """Which track each pod is of, by its uid."""
    return {pod["metadata"]["uid"]: engine.track(pod) for pod in pods}


def judge(engine, app, entries):
    """Looks at all that was recorded."""
    changes = [one for one in entries if not isinstance(one, Mark)]
    # An endpoint can be told of before its pod is, for they are two watches.
    tracks = tracks_of(engine, [one.item for one in changes if one.kind == "Pod"])
    # So can a pod be before its ConfigMap. What that holds never changes.
    texts = texts_of([one.item for one in changes if one.kind == "ConfigMap"])
    objects = {one.kind: {} for one in changes}
    verdict, known, rule, highest = Verdict(), set(), None, 0
    for entry in entries:
        if isinstance(entry, Mark):
            rule = entry.rule
        else:
            fold(objects, entry)
            if entry.kind == "Pod":
                if rule and entry.item["metadata"]["uid"] not in known:
                    _made(verdict, rule, version_of(entry.item, texts), engine.track(entry.item))
                known.add(entry.item["metadata"]["uid"])
                continue
        if rule:
            highest = _instant(verdict, rule, engine.sight(app, objects, tracks), highest)
    return verdict


def _made(verdict, rule, version, track):
    if version in rule.versions[track]:
        verdict.pods += 1
    else:
        verdict.find(rule, f"a pod of {track} is made that runs {version}")


def _instant(verdict, rule, sight, highest):
    highest = max(highest, sight.held)
    # A service that has never been up yet falls short of nothing but of what it had.
    floor = min(rule.floor, highest)
    before = len(verdict.findings)
    if sight.held < floor:
        verdict.find(rule, f"{sight.held} ready pods, and there must be {floor}")
    if sight.share * 100 > rule.limit:
        count = f"{sight.count(CANARY)} of {sight.all} ready pods"
        verdict.find(rule, f"the canary has {float(sight.share):.0%}, {count}, and {rule.limit} % is the most")
    least, most = (part * 100 for part in sight.testers)
    if least < rule.testers[0] or most > rule.testers[1]:
        planned = "{} to {} %".format(*rule.testers)
        verdict.find(rule, f"testers meet the canary with {int(least)} to {int(most)} %, and planned is {planned}")
    if highest >= rule.floor:
        for one in sight.silent if rule.is_now else sight.empty:
            verdict.find(rule, f"{one} is sent traffic and has no ready pod")
    verdict.instants += len(verdict.findings) == before
    return highest
