"""Counts: a number of pods goes out of a manifest, an autoscaler comes, and no pod goes.

The program refuses, and names a command; with that command run by the pipeline, the apply leaves the count alone. Without
it, the count is one: so the refusal is right, and the check can fail.
"""

import json
import re
import time

from suite.checks.alive import Look, Stop, apply, as_pipeline, deploy
from suite.checks.meant import path_of
from suite.line import Line
from suite.tools import Broken, call
from suite.trees import Tree

ENGINES = ("none", "argo")
_SIZE, _LEAST = 5, 2
# Longer than the autoscaler needs to look.
_WATCHED = 20


class _Service:
    def __init__(self, line, cluster, kitchen, engine, name):
        self.cluster, self.kitchen = cluster, kitchen
        self.app = f"counts-{name}"
        self.folder = kitchen.folder / "walks" / self.app
        keys = {"apiVersion": "prodgen.dev/v1alpha1", "kind": "App", "name": self.app, "team": "conformance"}
        keys |= {"image": "registry.example.com/conformance/counts:1.0.0", "kubernetes": f'"{cluster.version}"'}
        keys["replicas"] = _SIZE
        if engine != "none":
            keys["canary"] = json.dumps({"engine": engine})
        self.folder.mkdir(parents=True)
        (self.folder / "prodgen.yaml").write_text("".join(f"{key}: {value}\n" for key, value in keys.items()))
        tree = Tree(self.app, cluster.version, self.folder / "deploy/production", {"name": self.app})
        self.look = Look(line, cluster, tree)

    def prodgen(self, *words, code=0):
        done = call([self.kitchen.binary, "-C", self.folder, *words, "-o", "json"])
        if done.returncode != code:
            self.look.find(f"`prodgen {' '.join(words)}` ends with {done.returncode}: {done.stdout[:600]}")
            raise Stop
        self.look.tree = self.kitchen.load(self.look.tree)
        return json.loads(done.stdout)

    def owner(self):
        return self.cluster.get(path_of(self.look.tree.owner()))

    def way(self, hands_over):
        """To the end: the counts that there were."""
        self.prodgen("render", "-w")
        deploy(self.look)
        self.look.wait(lambda: self.owner().get("status", {}).get("availableReplicas") == _SIZE, f"{_SIZE} pods")
        change = ("set", f"replicas={{min: {_LEAST}, max: 9}}")
        said = self.prodgen(*change, code=1)["problems"]
        command = re.search(r"`(echo .* -f -)`", said[0]["help"])
        if not command:
            self.look.find(f"no command is named: {said}")
            raise Stop
        if hands_over:
            done = as_pipeline(self.look, self.kitchen, command[1])
            if done.returncode != 0:
                self.look.find(f"`{command[1]}`: {done.stderr.strip()[:400]}")
                raise Stop
        self.prodgen(*change, "--handed-over")
        self.look.line.count("numbers out of manifests")
        # The quota is the administrator's; the rest decides about the count.
        apply(self.look)
        seen, end = set(), time.monotonic() + _WATCHED
        while time.monotonic() < end:
            seen.add(self.owner()["spec"].get("replicas"))
            time.sleep(0.2)
        path = path_of(self.look.tree.objects("HorizontalPodAutoscaler")[0])
        self.look.wait(
            lambda: self.cluster.get(path).get("status", {}).get("currentReplicas") in seen, "an autoscaler that has looked"
        )
        return seen


def check(line, cluster, kitchen, engine):
    """A number that is handed over."""
    service = _Service(line, cluster, kitchen, engine, engine)
    try:
        seen = service.way(hands_over=True)
    except Stop:
        return
    line.expect(seen == {_SIZE}, service.app, "counts that an autoscaler takes over", f"there were {sorted(seen, key=str)} pods")


def check_spoiled(line, cluster, kitchen, engine):
    """A number that nobody has: the count that the program warns of."""
    service = _Service(Line(""), cluster, kitchen, engine, f"{engine}-lost")
    try:
        seen = service.way(hands_over=False)
    except Stop as stop:
        raise Broken(f"{service.app}: {service.look.line.findings}") from stop
    is_lost = any(count is not None and count < _SIZE for count in seen)
    line.expect(is_lost, service.app, "counts that are lost", f"there were {sorted(seen, key=str)} pods all the time")
