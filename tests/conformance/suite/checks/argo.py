"""Argo: a live Deployment is taken over by a Rollout and comes back, and between the real controller takes new versions out.

And a service that is measured: what a Prometheus of the suite's own says takes a version on, back, or to a stop.

Every commit is applied as a pipeline would. At every instant, from the first apply to the last, the Service has as many
ready pods as at the start, and no pod of stable is of a version that is not promoted.
"""

import http.server
import json
import re
import threading
import time
import urllib.parse
from dataclasses import dataclass

from suite.checks.alive import Look, Stop, Waiting, administer, apply, deploy, plugin
from suite.cluster import NEVER_READY, SLOW
from suite.line import Line
from suite.tools import Broken, call
from suite.trees import Tree
from suite.walk.record import Mark, Record, fold
from suite.walk.verdict import image_of

NAME = "argo"
_PATIENCE = 300
_IMAGE = "registry.example.com/conformance/walk"
_OLD, _NEW, _BAD, _THIRD = (f"{_IMAGE}:{tag}" for tag in ("1.0.0", "2.0.0", f"2.1.0{NEVER_READY}", "3.0.0"))
_SIZE, _STEPS = 10, (10, 50)
# The label that tells the versions of a Rollout apart; a Deployment's pods have none.
_ROLE = "prodgen.dev/rollout"
# What a Rollout writes on its pods, where a Deployment writes `pod-template-hash`.
_HASH = "rollouts-pod-template-hash"
_REPLICAS = {"scaled": {"min": 3, "max": 20}, "fixed": _SIZE, "measured": _SIZE}
# Nobody waits here for minutes: what the person's hand makes of the times, file by file.
_TIMES = {
    "rollout": (("duration: 5m", "duration: 6s"),),
    "analysistemplate": (("initialDelay: 2m", "initialDelay: 1s"), ("interval: 1m", "interval: 2s")),
}


class _Rule:
    """From here on: how many ready pods at least, and what pods of stable may run."""

    def __init__(self, title, images):
        self.title, self.images = title, set(images)


@dataclass(frozen=True)
class Spoiled:
    """What becomes of a file between a command and its apply, and what must be said about it."""

    name: str
    # The commit that is spoiled, and the one after which nothing more is looked at.
    at: str
    last: str
    kind: str
    change: tuple
    said: str


class _Walker:
    def __init__(self, line, cluster, kitchen, form, spoil=None):
        self.line, self.cluster, self.kitchen, self.form, self.spoil = line, cluster, kitchen, form, spoil
        self.app = f"{SLOW}{NAME}-{spoil.name if spoil else form}"
        self.scales = form == "scaled"
        self.prometheus = _Prometheus() if form == "measured" else None
        self.folder = kitchen.folder / "walks" / self.app
        self.api = f"/apis/argoproj.io/v1alpha1/namespaces/{self.app}/rollouts/{self.app}"
        self.deployment = f"/apis/apps/v1/namespaces/{self.app}/deployments/{self.app}"

    # -- commits

    def prodgen(self, *words):
        done = call([self.kitchen.binary, "-C", self.folder, *words, "-o", "json"])
        if done.returncode != 0:
            self.look.find(f"`prodgen {' '.join(words)}` ends with {done.returncode}: {done.stdout[:600]}")
            raise Stop
        self.look.tree = self.kitchen.load(self.look.tree)
        return json.loads(done.stdout).get("canary") or {}

    def begin(self):
        keys = {"apiVersion": "prodgen.dev/v1alpha1", "kind": "App", "name": self.app, "team": "conformance"}
        keys |= {"image": _OLD, "kubernetes": f'"{self.cluster.version}"'}
        keys["replicas"] = json.dumps(_REPLICAS[self.form])
        if self.prometheus:
            objective = {"prometheus": self.prometheus.url, "successRate": 99.5, "latency": "300ms", "pause": "5m"}
            keys["canary"] = json.dumps({"engine": "argo", "steps": list(_STEPS), "objective": objective})
        self.folder.mkdir(parents=True)
        (self.folder / "prodgen.yaml").write_text("".join(f"{key}: {value}\n" for key, value in keys.items()))
        tree = Tree(self.app, self.cluster.version, self.folder / "deploy/production", {"name": self.app})
        self.look = Look(self.line, self.cluster, tree)
        self.prodgen("render", "-w")
        if self.prometheus:
            self.quicken()

    def quicken(self):
        """Shorter times in the files, which stay there as any edit does."""
        for kind, changes in _TIMES.items():
            path = self.look.tree.folder / f"{kind}-{self.app}.yaml"
            text = path.read_text()
            for old, new in changes:
                if old not in text:
                    raise Broken(f"{path.name} has no `{old}`")
                text = text.replace(old, new)
            path.write_text(text)
        self.look.tree = self.kitchen.load(self.look.tree)

    def committed(self):
        local = {line.strip("/") for line in (self.folder / ".prodgen/.gitignore").read_text().splitlines()}
        paths = [path for path in self.folder.rglob("*") if path.is_file()]
        kept = [path for path in paths if not (path.parent.name == ".prodgen" and path.name in local)]
        return {str(path.relative_to(self.folder)): path.read_bytes() for path in kept}

    def again(self, title, before):
        """The committed bytes are those from before."""
        after = self.committed()
        other = sorted(path for path in {**before, **after} if before.get(path) != after.get(path))
        self.look.expect(not other, "ways back to the same bytes", f"{title}: other bytes in {', '.join(other)}")

    def commit(self, title, *words, images, admin=False, waits=True):
        """A command, its apply, and the wait that it names, which is older than the apply."""
        said = self.prodgen(*words)
        if self.spoil and self.spoil.at == title:
            path = self.look.tree.folder / f"{self.spoil.kind}-{self.app}.yaml"
            old, new = self.spoil.change
            if old not in path.read_text():
                raise Broken(f"{self.spoil.name}: there is nothing to spoil")
            path.write_text(path.read_text().replace(old, new))
        self.record.mark(_Rule(title, images))
        waiting = None
        if waits and "wait" in said and not (self.spoil and self.spoil.last == title):
            waiting = Waiting(self.look, self.kitchen, title, said["wait"], _PATIENCE)
            # Where a version is promoted the cluster has it by then.
            if words[:2] != ("canary", "promote"):
                waiting.is_not_early()
        if admin:
            administer(self.look)
        apply(self.look)
        if self.spoil and self.spoil.last == title:
            # As long as it takes to show.
            time.sleep(30)
            raise Stop
        return waiting

    # -- what is so

    def pods(self):
        """The pods that are not leaving."""
        return [one for one in self.record.now()["Pod"].values() if "deletionTimestamp" not in one["metadata"]]

    def count(self, owner, image=None):
        """How many ready pods the Deployment or the Rollout has."""
        def mine(pod):
            is_rollout = _HASH in pod["metadata"]["labels"]
            return is_rollout == (owner == "Rollout") and image in (None, image_of(pod))

        return sum(mine(one) and _is_ready(one) for one in self.pods())

    def rollout(self):
        return self.cluster.get(self.api)

    def until(self, holds, what, seconds=_PATIENCE):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if holds():
                self.line.count("places reached as planned")
                return
            time.sleep(0.5)
        status = self.rollout_status()
        counts = {(owner, image): self.count(owner, image) for owner in ("Deployment", "Rollout") for image in (_OLD, _NEW, _BAD, _THIRD)}
        self.look.find(f"{what}: not after {seconds} s; there are {counts}, and {status}")
        raise Stop

    def rollout_status(self):
        status, said = self.cluster.request("GET", self.api)
        keys = ("phase", "message", "replicas", "availableReplicas", "currentStepIndex", "abort")
        return {key: said.get("status", {}).get(key) for key in keys} if status == 200 else status

    def phase(self):
        return self.rollout().get("status", {}).get("phase")

    def at_step(self, index):
        """Whether the Rollout stands at a step, and waits there."""
        status = self.rollout().get("status", {})
        return status.get("currentStepIndex") == index and bool(status.get("pauseConditions"))

    def on_from(self, index, status=None):
        """Says that the controller may leave a step, or all of them, as a person would, until it does.

        For a moment it may look at the Rollout as that was before it began to wait, and then it begins once more.
        """
        end = time.monotonic() + _PATIENCE
        while self.at_step(index) and time.monotonic() < end:
            plugin(self.look, status or {"pauseConditions": None})
            time.sleep(5)

    # -- the way

    def walk_all(self):
        self.begin()
        slices = f"/apis/discovery.k8s.io/v1/namespaces/{self.app}/endpointslices"
        with Record(self.cluster, {"Pod": f"{self.look.root}/pods", "EndpointSlice": slices}) as self.record:
            try:
                self.measured() if self.prometheus else self.way()
                self.line.count("walks to the end")
            except Stop:
                pass
            self.record.catch_up()
        self.judge()
        if self.prometheus:
            self.prometheus.close()

    def way(self):
        self.record.mark(_Rule("up", {_OLD}))
        deploy(self.look)
        if self.scales:
            self.until(lambda: self.count("Deployment") == 3, "up")
            # What load makes of it.
            self.scale(_SIZE)
        self.until(lambda: self.count("Deployment") == _SIZE, "ten pods")
        first = self.committed()
        self.take_over()
        self.new_version()
        self.bad_version()
        self.third_version()
        self.hand_back(first)

    def scale(self, count):
        """Writes a count as the autoscaler does, under its name."""
        path, body = f"{self.deployment}/scale", {"spec": {"replicas": count}}
        name = {"User-Agent": "kube-controller-manager/conformance"}
        status, said = self.cluster.request("PATCH", path, body, "application/merge-patch+json", name)
        if status != 200:
            raise Broken(f"the Deployment is not scaled: {said}")

    def start(self, title, image, images, waits=True):
        """Begins with a version, out of the pods that there are."""
        words = ["canary", "start", image] + (["--size", str(_SIZE)] if self.scales else [])
        return self.commit(title, *words, images=images, waits=waits)

    def take_over(self):
        words = ["add", "canary", "--set", f"canary={{engine: argo, steps: {list(_STEPS)}}}"]
        words += ["--size", str(_SIZE)] if self.scales else []
        waiting = self.commit("add", *words, images={_OLD}, admin=True)
        waiting.ends()
        self.until(lambda: self.count("Deployment") == _SIZE and self.count("Rollout") == _SIZE, "both have ten pods")
        waiting = self.commit("takeover ends", "canary", "step", images={_OLD})
        waiting.ends()
        self.until(lambda: self.count("Deployment") == 0 and self.count("Rollout") == _SIZE, "the Rollout has the pods")
        self.until(self.drains, "the budget lets one of ten pods go")
        self.spreads()
        # The same files again change no count.
        apply(self.look)
        time.sleep(5)
        self.look.expect(self.count("Rollout") == _SIZE, "applies that change nothing", "a second apply changes the count")

    def spreads(self):
        """Whether the server spreads each revision of the Rollout on its own: it says so in the selector of each pod."""
        for pod in self.pods():
            labels, told = pod["metadata"]["labels"], pod["spec"]["topologySpreadConstraints"]
            wanted = {"key": _HASH, "operator": "In", "values": [labels.get(_HASH)]}
            mine = [wanted in one["labelSelector"].get("matchExpressions", []) for one in told]
            self.look.expect(mine and all(mine), "pods spread by revision", f"a pod is spread by {told}")

    def drains(self):
        """Whether the one budget knows the pods of the Rollout."""
        budgets = self.cluster.get(f"/apis/policy/v1/namespaces/{self.app}/poddisruptionbudgets")["items"]
        said = [(one["status"]["expectedPods"], one["status"]["disruptionsAllowed"]) for one in budgets]
        return said == [(_SIZE, 1)]

    def new_version(self):
        waiting = self.start("start", _NEW, {_OLD})
        self.until(lambda: self.at_step(1) and self.count("Rollout", _NEW) == 1, "the first step")
        self.on_from(1)
        self.until(lambda: self.at_step(3) and self.count("Rollout", _NEW) == 5, "the second step")
        # From here on the controller may promote.
        self.record.mark(_Rule("promoted", {_OLD, _NEW}))
        self.on_from(3)
        waiting.ends()
        self.until(lambda: self.count("Rollout", _NEW) == _SIZE and self.count("Rollout", _OLD) == 0, "everybody has it")
        self.commit("promote", "canary", "promote", images={_NEW}).ends()
        self.until(lambda: self.phase() == "Healthy", "promoted")

    def bad_version(self):
        before = self.committed()
        waiting = self.start("start a bad one", _BAD, {_NEW})
        self.until(lambda: any(image_of(one) == _BAD for one in self.pods()), "a pod that is never ready")
        # Nobody waits ten minutes here. The controller goes back by itself.
        self.cluster.merge(self.api, {"spec": {"progressDeadlineSeconds": 20}})
        self.until(lambda: self.rollout()["status"].get("abort") and self.phase() == "Degraded", "the controller goes back")
        # What the wait has been told to wait for never comes.
        waiting.ends(1)
        self.until(lambda: self.count("Rollout", _NEW) == _SIZE and not any(image_of(one) == _BAD for one in self.pods()), "the bad one is gone")
        self.cluster.merge(self.api, {"spec": {"progressDeadlineSeconds": 600}})
        waiting = self.commit("abort", "canary", "abort", images={_NEW})
        self.again("abort", before)
        waiting.ends()
        self.until(lambda: self.phase() == "Healthy" and self.count("Rollout", _NEW) == _SIZE, "back")

    def third_version(self):
        waiting = self.start("start the third", _THIRD, {_NEW})
        self.until(lambda: self.at_step(1) and self.count("Rollout", _THIRD) == 1, "the first step of the third")
        self.record.mark(_Rule("promoted in full", {_NEW, _THIRD}))
        self.on_from(1, {"promoteFull": True})
        waiting.ends()
        self.until(lambda: self.count("Rollout", _THIRD) == _SIZE, "everybody has the third")
        self.commit("promote the third", "canary", "promote", images={_THIRD}).ends()
        self.until(lambda: self.phase() == "Healthy", "the third is promoted")

    def hand_back(self, first):
        words = ["remove", "canary"] + (["--size", str(_SIZE)] if self.scales else [])
        self.commit("handback", *words, images={_THIRD}).ends()
        self.until(lambda: self.count("Deployment") == _SIZE and self.count("Rollout") == _SIZE, "both have ten pods again")
        self.commit("gone", "remove", "canary", images={_THIRD}, admin=True)
        done = self.cluster.kubectl("delete", f"rollout/{self.app}", "-n", self.app)
        self.look.expect(done.returncode == 0, "leftovers that go", done.stderr.strip())
        self.until(lambda: self.count("Rollout") == 0 and self.count("Deployment") == _SIZE, "the Deployment has the pods")
        # The records of the last render hold its hashes.
        wanted = {path: data for path, data in first.items() if not path.startswith(".prodgen/")}
        for old, new in ((_OLD, _THIRD), ('"1.0.0"', '"3.0.0"')):
            wanted = {path: data.replace(old.encode(), new.encode()) for path, data in wanted.items()}
        now = {path: data for path, data in self.committed().items() if not path.startswith(".prodgen/")}
        other = sorted(path for path in {**wanted, **now} if wanted.get(path) != now.get(path))
        self.look.expect(not other, "ways on that leave the version alone", f"other bytes in {', '.join(other)}")

    def measured(self):
        """A good version goes on by itself, a bad one back, and one that nobody calls waits."""
        self.record.mark(_Rule("up", {_OLD}))
        deploy(self.look)
        self.until(lambda: self.count("Rollout") == _SIZE and self.phase() == "Healthy", "ten pods of the Rollout")
        self.look.expect(self.count("Deployment") == 0, "Deployments without pods", "the Deployment has pods")
        self.prometheus.says(0.999, 0.1)
        waiting = self.start("start", _NEW, {_OLD})
        self.until(lambda: self.count("Rollout", _NEW) == 5, "the second step, by itself")
        self.record.mark(_Rule("measured well", {_OLD, _NEW}))
        waiting.ends()
        self.until(lambda: self.count("Rollout", _NEW) == _SIZE, "everybody has it")
        self.commit("promote", "canary", "promote", images={_NEW}).ends()
        for bad in ((0.9, 0.1), (0.999, 0.4)):
            before = self.committed()
            self.prometheus.says(*bad)
            waiting = self.start(f"start, measured as {bad}", _THIRD, {_NEW})
            self.until(lambda: self.rollout()["status"].get("abort") and self.phase() == "Degraded", f"back at {bad}")
            waiting.ends(1)
            self.until(lambda: self.count("Rollout", _NEW) == _SIZE, f"all pods of before at {bad}")
            waiting = self.commit("abort", "canary", "abort", images={_NEW})
            self.again("abort", before)
            waiting.ends()
        self.prometheus.says(None, None)
        # Nothing comes that would end it.
        self.start("start without calls", _THIRD, {_NEW}, waits=False)

        def stopped():
            reasons = [one["reason"] for one in self.rollout()["status"].get("pauseConditions") or []]
            return "InconclusiveAnalysisRun" in reasons and not self.rollout()["status"].get("abort")

        self.until(stopped, "a stop without calls")
        # As above: what comes at once may meet a controller that looks at a moment ago.
        time.sleep(5)
        self.commit("abort", "canary", "abort", images={_NEW}).ends()
        queries = self.prometheus.queries
        wanted = [f'namespace="{self.app}"', 'rollouts_pod_template_hash="']
        is_whole = bool(queries) and all("{{" not in one and all(part in one for part in wanted) for one in queries)
        self.look.expect(is_whole, "queries of the canary alone", f"it asks {sorted(queries)[:2]}")

    # -- the verdict

    def judge(self):
        """Holds every instant against the rule of then."""
        objects, rule, highest, said = {"Pod": {}, "EndpointSlice": {}}, None, 0, set()
        for entry in self.record.entries:
            if isinstance(entry, Mark):
                rule = entry.rule
                continue
            fold(objects, entry)
            if rule is None:
                continue
            if entry.kind == "Pod":
                pod = entry.item
                is_stable = _is_stable(pod)
                if entry.verb == "DELETED" or "deletionTimestamp" in pod["metadata"] or not is_stable:
                    continue
                if image_of(pod) in rule.images:
                    self.line.count("pods of stable of the right version")
                else:
                    said.add(f"{rule.title}: a pod of stable runs {image_of(pod)}")
                continue
            ready = _ready(objects, self.app)
            highest = max(highest, ready)
            if ready < min(highest, _SIZE):
                said.add(f"{rule.title}: {ready} ready pods, and there must be {min(highest, _SIZE)}")
            else:
                self.line.count("instants with all pods")
        for text in sorted(said):
            self.look.find(text)


class _Prometheus:
    """Answers every query with what it was told."""

    def __init__(self):
        self.queries, self._values = set(), (None, None)
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                length = int(self.headers.get("Content-Length") or 0)
                self.answer(self.rfile.read(length).decode())

            def do_GET(self):
                self.answer(urllib.parse.urlsplit(self.path).query)

            def answer(self, form):
                query = urllib.parse.parse_qs(form).get("query", [""])[0]
                outer.queries.add(query)
                value = outer._values["histogram_quantile" in query]
                result = [] if value is None else [{"metric": {}, "value": [time.time(), str(value)]}]
                said = {"status": "success", "data": {"resultType": "vector", "result": result}}
                body = json.dumps(said).encode()
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                """Says nothing."""

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def says(self, rate, latency):
        """The part of requests that succeed, and their seconds; none where there are no requests."""
        self._values = (rate, latency)

    def close(self):
        self._server.shutdown()
        self._server.server_close()


def _is_stable(pod):
    """Whether a pod is of the version that everybody meets. The controller takes the role from a version that goes."""
    labels = pod["metadata"]["labels"]
    return labels.get(_ROLE) == "stable" or _HASH not in labels


def _is_ready(pod):
    conditions = pod.get("status", {}).get("conditions", [])
    return any(one["type"] == "Ready" and one["status"] == "True" for one in conditions)


def _ready(objects, service):
    """How many ready endpoints the Service has."""
    names = set()
    for part in objects["EndpointSlice"].values():
        if part["metadata"]["labels"].get("kubernetes.io/service-name") == service:
            names |= {one["targetRef"]["uid"] for one in part.get("endpoints") or [] if one["conditions"].get("ready")}
    return len(names)


def check(line, cluster, kitchen, form):
    """One takeover and what follows: of a service with an autoscaler, or of a fixed number of pods."""
    _Walker(line, cluster, kitchen, form).walk_all()


FORMS = tuple(_REPLICAS)
SPOILED = (
    # In one step, as no spec of ours says it.
    Spoiled("at-once", "add", "add", "deployment", ("replicas: 10", "replicas: 0"), r"add: \d ready pods, and there must be 10"),
    Spoiled(
        "stable-too",
        "add",
        "start",
        "rollout",
        (f"{_ROLE}: canary", f"{_ROLE}: stable"),
        r"start: a pod of stable runs \S+:2\.0\.0",
    ),
)


def check_spoiled(line, cluster, kitchen, one):
    """Walks with one thing wrong, and looks for what must be said."""
    mine = Line("")
    _Walker(mine, cluster, kitchen, "fixed", one).walk_all()
    is_caught = any(re.search(one.said, text) for text in mine.findings)
    said = mine.findings[:3] or "nothing"
    line.expect(is_caught, one.name, "spoiled takeovers caught", f"the check `argo` does not catch it; it says {said}")
