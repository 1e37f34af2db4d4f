"""Walk: each commit of a rollout is applied as a pipeline would, and at every instant the plan holds.

The program moves, and says how to wait. What must be so is worked out from the policy alone, in `suite/walk`, and what
was so is what the server told of the Services' endpoints, and of the route where one leads to them, from the first
apply to the last.
"""

import json
import time
from dataclasses import dataclass, field
from fractions import Fraction

from suite.checks.alive import Look, Stop, Waiting, administer, apply, deploy
from suite.checks.meant import path_of
from suite.cluster import NEVER_READY, SLOW
from suite.tools import call
from suite.trees import Tree
from suite.walk import gateway
from suite.walk.engines import CANARY, ENGINES, STABLE, Policy
from suite.walk.record import Record
from suite.walk.verdict import FILE, Rule, judge, maps_of, reading, texts_of, tracks_of, version_of

_PATIENCE = 240
# How long it takes to what is planned where no command waits for it, and to hear of what is so already.
_SOON, _LAG = 60, 10
_IMAGE = "registry.example.com/conformance/walk"
_OLD, _NEW, _BAD = "1.0.0", "2.0.0", f"2.0.0{NEVER_READY}"
# The folders of the configuration, where there is one, and what they say.
_CONFIG = {"conf": "mode = old\n", "conf-2": "mode = new\n"}


@dataclass(frozen=True)
class Move:
    """A command that is a commit, and what ends the wait after it."""

    words: str
    # `wait`: the command that it names. `planned`: what is planned, without that command. `rolling`: the first pod of
    # stable with the new version. `unready`: pods of the canary that do not get ready.
    until: str = "wait"


@dataclass(frozen=True)
class Load:
    """What an autoscaler does with stable when the load changes."""

    pods: int


@dataclass(frozen=True)
class Walk:
    """A rollout from its first commit to its last."""

    name: str
    replicas: object
    steps: tuple
    way: tuple
    tag: str = _NEW
    engine: str = "replicas"
    # How many seconds, about, whoever else acts in the cluster takes for it.
    lag: tuple = (0.5, 2.5)
    # Who else says something of the route.
    others: tuple = ()
    # For how many pods it begins, where that is not what the engine takes.
    size: int | None = None
    # Whether testers have a header, and what the service starts from.
    testers: bool = False
    preset: str = ""
    # Whether it has a configuration, which is another one of the new version.
    config: bool = False

    @property
    def policy(self):
        """What is planned, without the program."""
        size, most = (self.replicas[key] if self.scales else self.replicas for key in ("min", "max"))
        return Policy(size, self.size or most, self.steps, self.testers)

    @property
    def scales(self):
        """Whether it has an autoscaler."""
        return isinstance(self.replicas, dict)


_START, _STEP, _PROMOTE, _ABORT = (Move(f"canary {one}") for one in ("start", "step", "promote", "abort"))
_NOW, _ADD = Move("canary abort --now"), Move("add canary")

ALL = (
    Walk("promote", 5, (20, 60, 100), (_START, _STEP, _STEP, _PROMOTE, _PROMOTE)),
    # Live without a canary before.
    Walk("abort", {"min": 3, "max": 6}, (34, 67), (_ADD, _START, _STEP, _ABORT, _ABORT)),
    Walk("now", 3, (34, 67), (_START, _STEP, _NOW)),
    Walk(
        "load",
        {"min": 4, "max": 8},
        (25, 50),
        (_ADD, _START, Load(8), _STEP, Load(3), _PROMOTE, Load(8), _PROMOTE),
    ),
    Walk("never-ready", 3, (34, 67), (Move("canary start", until="unready"), _ABORT), tag=_BAD),
    # The same image with other files, and one with files of its own that is taken back.
    Walk("config", 3, (34, 67), (_ADD, _START, _STEP, _PROMOTE, _PROMOTE), tag=_OLD, config=True),
    Walk("config-back", 3, (34, 67), (_START, _STEP, _ABORT, _ABORT), config=True),
    # Another mind while stable is being rolled.
    Walk("turns-back", 3, (34, 67), (_START, _STEP, Move("canary promote", until="rolling"), _ABORT, _ABORT)),
    # A route shares the requests out.
    Walk(
        "route-promote", 3, (10, 50, 100), (_START, _STEP, _STEP, _STEP, _PROMOTE, _PROMOTE, _PROMOTE), engine="gateway"
    ),
    # Two more controllers have a parent in the route's status.
    Walk(
        "route-abort",
        {"min": 3, "max": 6},
        (5, 67),
        (_ADD, _START, _STEP, _STEP, _ABORT, _ABORT),
        engine="gateway",
        others=(gateway.MESH, gateway.GONE),
    ),
    Walk("route-now", 3, (10, 50), (_START, _STEP, _NOW), engine="gateway"),
    Walk("route-unmet", 2, (1, 50), (_START, _ABORT), engine="gateway"),
    Walk(
        "route-turns-back",
        3,
        (34,),
        (_START, _STEP, Move("canary promote", until="rolling"), _ABORT, _ABORT),
        engine="gateway",
    ),
    # Testers are there before anybody else, and until stable has all of it.
    Walk(
        "route-testers",
        3,
        (0, 50),
        (_START, _STEP, _STEP, _PROMOTE, _PROMOTE, _PROMOTE),
        engine="gateway",
        testers=True,
    ),
    # And a way back, with a route of gRPC.
    Walk(
        "route-grpc",
        3,
        (10, 50),
        (_START, _STEP, _STEP, _ABORT, _ABORT),
        engine="gateway",
        preset="grpc",
        testers=True,
    ),
    # An autoscaler that goes to its maximum and back between steps, and while stable is rolled.
    Walk(
        "route-load",
        {"min": 3, "max": 6},
        (10, 50),
        (_ADD, _START, Load(6), _STEP, Load(4), _STEP, _PROMOTE, Load(6), _PROMOTE, _PROMOTE),
        engine="gateway",
        testers=True,
        size=4,
    ),
    # When stable has all of it.
    Walk("route-regrets", 6, (34,), (_START, _STEP, _PROMOTE, _PROMOTE, _ABORT, _ABORT), engine="gateway"),
)


@dataclass
class _Course:
    """Where a rollout is after the verbs so far."""

    # The step that was taken last; none is at rest.
    step: int | None = None
    end: str | None = None
    is_promoted: bool = False

    def take(self, verb, engine):
        """What follows a verb, when it is its turn."""
        if verb == "start":
            return _Course(engine.first)
        if verb == "step":
            return _Course(self.step + 1)
        if verb == "promote":
            done = engine.ways_on.index(self.end) + 1 if self.end else 0
            is_over = done == len(engine.ways_on)
            return _Course(is_promoted=True) if is_over else _Course(self.step, engine.ways_on[done])
        if verb == "abort" and (self.end == "abort" or not self.end and self.step == engine.first):
            return _Course()
        if verb == "abort":
            return _Course(self.step, "abort")
        return _Course() if verb == "abort --now" else self

    @property
    def has_new(self):
        """Whether stable has the new version, or is taking it."""
        return self.is_promoted or self.end in ("promote", "promoted")

    @property
    def phase(self):
        """As the program calls it."""
        if self.end:
            return "promote" if self.has_new else self.end
        return "rest" if self.step is None else "step"


@dataclass
class _Walker:
    """A walk under way."""

    line: object
    cluster: object
    kitchen: object
    walk: Walk
    # What becomes of the files between a command and its apply: nothing, but where the suite itself is tried.
    spoil: object = None
    course: _Course = field(default_factory=_Course)

    def __post_init__(self):
        self.app = f"{SLOW}{self.walk.name}"
        self.engine = ENGINES[self.walk.engine]
        self.folder = self.kitchen.folder / "walks" / self.app
        self.image = f"{_IMAGE}:{self.walk.tag}"
        texts = _CONFIG.values() if self.walk.config else (None, None)
        images = (f"{_IMAGE}:{_OLD}", self.image)
        self.old, self.new = (reading(*one) for one in zip(images, texts))
        self.place = self.engine.place(self.walk.policy, None, None)
        self.pods = self.walk.policy.size

    # -- commits

    def prodgen(self, *words):
        """Runs the program; it must do what it is asked."""
        done = call([self.kitchen.binary, "-C", self.folder, *words, "-o", "json"])
        if done.returncode != 0:
            self.look.find(f"`prodgen {' '.join(words)}` ends with {done.returncode}: {done.stdout[:600]}")
            raise Stop
        return json.loads(done.stdout)

    def begin(self):
        """The first commit, and the look at it."""
        walk = self.walk
        replicas = json.dumps(walk.replicas) if walk.scales else walk.replicas
        keys = {"apiVersion": "prodgen.dev/v1alpha1", "kind": "App", "name": self.app, "team": "conformance"}
        keys |= {"image": f"{_IMAGE}:{_OLD}", "kubernetes": f'"{self.cluster.version}"', "replicas": replicas}
        keys |= self.engine.keys(self.app)
        if walk.preset:
            keys["preset"] = walk.preset
        if _ADD not in walk.way:
            keys["canary"] = self.policy_text()
        self.folder.mkdir(parents=True)
        if walk.config:
            keys["config"] = next(iter(_CONFIG))
            for folder, text in _CONFIG.items():
                (self.folder / folder).mkdir()
                (self.folder / folder / FILE).write_text(text)
        (self.folder / "prodgen.yaml").write_text("".join(f"{key}: {value}\n" for key, value in keys.items()))
        tree = Tree(self.app, self.cluster.version, self.folder / "deploy/production", {"name": self.app})
        self.look = Look(self.line, self.cluster, tree)
        self.prodgen("render", "-w")
        self.load()

    def policy_text(self):
        """The value of the key, in one line."""
        testers = ", testers: {header: x-canary}" if self.walk.testers else ""
        return f"{{engine: {self.walk.engine}, steps: {list(self.walk.steps)}{testers}}}"

    def load(self):
        """Reads what a command has rendered."""
        self.look.tree = self.kitchen.load(self.look.tree)

    def committed(self):
        """The bytes of everything that is committed."""
        local = {line.strip("/") for line in (self.folder / ".prodgen/.gitignore").read_text().splitlines()}
        paths = [path for path in self.folder.rglob("*") if path.is_file()]
        kept = [path for path in paths if not (path.parent.name == ".prodgen" and path.name in local)]
        return {str(path.relative_to(self.folder)): path.read_bytes() for path in kept}

    # -- what must be so

    def versions(self):
        """Of which versions pods may be that are made now, by track."""
        stable = {self.new} if self.course.has_new else {self.old}
        if self.course.end == "promote":
            # It grows to its size before it is rolled.
            stable = {self.old, self.new}
        return {STABLE: stable, CANARY: set() if self.course.step is None else {self.new}}

    def rule(self, title, before=None, is_now=False):
        """What must be so at this place, or on the way to it from the one before."""
        floor, limit, versions = self.place.floor, self.place.limit, self.versions()
        testers = self.place.of_testers
        if before:
            testers = min(testers[0], before.place.of_testers[0]), max(testers[1], before.place.of_testers[1])
            floor = min(floor, before.place.floor)
            limit = max(limit, before.place.limit)
            versions = {**versions, STABLE: versions[STABLE] | before.versions[STABLE]}
        if is_now:
            # It waits for nothing: stable has what the canary has left it.
            floor = before.place.stable
        return Rule(title, floor, limit, versions, testers, is_now)

    # -- the way

    def walk_all(self):
        """Every commit."""
        self.begin()
        paths = {"Pod": f"{self.look.root}/pods", **self.engine.watched(self.app)}
        paths["ConfigMap"] = f"{self.look.root}/configmaps"
        with Record(self.cluster, paths) as self.record:
            with self.engine.controller(self.cluster, self.record, self.app, self.walk):
                self.go()
            self.record.catch_up()
        verdict = judge(self.engine, self.app, self.record.entries)
        self.line.count("instants as planned", verdict.instants)
        self.line.count("pods made of the right version", verdict.pods)
        for text in verdict.findings:
            self.look.find(text)

    def go(self):
        """From the first apply to the last."""
        try:
            self.record.mark(self.rule("up"))
            deploy(self.look)
            self.settle("up", _PATIENCE)
            for index, move in enumerate(self.walk.way):
                self.scale(move) if isinstance(move, Load) else self.move(index, move)
            self.back()
            self.line.count("walks to the end")
        except Stop:
            pass

    def scale(self, load):
        """Does by hand what an autoscaler with metrics would do."""
        self.cluster.merge(f"{path_of(self.look.tree.workload())}/scale", {"spec": {"replicas": load.pods}})
        self.pods = load.pods
        self.settle(f"load for {load.pods}")

    def move(self, index, move):
        """A command, its commit, its apply, and the wait."""
        verb = move.words.removeprefix("canary ")
        if verb == "start":
            self.before_start = self.committed()
        before = _Before(self.place, self.versions())
        words = move.words.split()
        if verb == "start":
            words.append(self.image)
            words += ["--config", list(_CONFIG)[-1]] if self.walk.config else []
            words += ["--size", str(self.walk.size)] if self.walk.size else []
        if move == _ADD:
            words += ["--engine", self.engine.name, "--set", f"canary.steps={list(self.walk.steps)}"]
            words += ["--set", "canary.testers={header: x-canary}"] if self.walk.testers else []
        said = self.prodgen(*words)["canary"]
        self.load()
        self.course = self.course.take(verb, self.engine)
        self.place = self.engine.place(self.walk.policy, self.course.step, self.course.end)
        title = f"{index + 1} {verb}"
        self.says(title, said)
        if move != _ADD:
            # The key alone gives the configuration another name.
            kept = f"{title}: pods of stable read files that go with it: {self.strangers()}"
            self.look.expect(not self.strangers(), "commits that leave the files of stable", kept)
        if self.spoil and self.spoil(index, self.look.tree.folder):
            self.load()
        self.record.mark(self.rule(title, before, verb == "abort --now"))
        waiting = self.begins_to_wait(title, said) if move.until == "wait" else None
        if move == _ADD:
            administer(self.look)
        apply(self.look)
        self.pods = max(self.pods, self.place.stable) if self.walk.scales else self.place.stable
        self.until(title, move, waiting)
        is_moved = (before.place.limit, before.place.testers) != (self.place.limit, self.place.testers)
        if move.until == "wait" and is_moved:
            # What moves the traffic is waited for to its end.
            self.record.catch_up()
            early = f"{title}: the wait ends before the gateway leads so"
            self.look.expect(self.engine.is_taken(self.record.now()), "moves that are waited for", early)
        if move.until != "rolling":
            # Where the program says when it is over, it is over then.
            seconds = _LAG if waiting else _SOON
            self.settle(title, seconds, is_ready=move.until != "unready")

    def says(self, title, said):
        """What the program plans is what the policy says."""
        there = (said["phase"], said["stable"]["pods"], (said.get("canary") or {"pods": 0})["pods"])
        planned = (self.course.phase, self.place.stable, self.place.canary)
        self.look.expect(there == planned, "places told as planned", f"{title}: it plans {there}, not {planned}")

    def begins_to_wait(self, title, said):
        """Runs the command that the program names before anything is applied, as a pipeline of GitOps does."""
        command = said["wait"]
        if self.spoil:
            command = self.spoil.command(command)
        waiting = Waiting(self.look, self.kitchen, title, command, _PATIENCE)
        waiting.is_not_early()
        return waiting

    def until(self, title, move, waiting):
        """What comes between an apply and the next commit."""
        if move.until == "rolling":
            self.look.wait(lambda: {self.old, self.new} <= self.running(STABLE), f"{title}: a stable pod of it")
        elif move.until == "unready":
            self.look.wait(self.all_there, f"{title}: pods that are not ready")
            time.sleep(5)
        elif waiting:
            waiting.ends()

    # -- what is so

    def sight(self):
        """What callers have now; none while a pod is not known that an endpoint is of."""
        now = self.record.now()
        try:
            return self.engine.sight(self.app, now, tracks_of(self.engine, now["Pod"].values()))
        except KeyError:
            return None

    def running(self, track):
        """Of which versions the ready pods of a track are."""
        now = self.record.now()
        sight, texts = self.sight(), texts_of(now["ConfigMap"].values())
        pods = now["Pod"].values()
        return {version_of(one, texts) for one in pods if sight and one["metadata"]["uid"] in sight.ready[track]}

    def strangers(self):
        """The ConfigMaps that pods of stable read, and that no file has."""
        there = {one["metadata"]["name"] for one in self.look.tree.objects("ConfigMap")}
        pods = [one for one in self.record.now()["Pod"].values() if "deletionTimestamp" not in one["metadata"]]
        return {name for one in pods if self.engine.track(one) == STABLE for name in maps_of(one)} - there

    def all_there(self):
        """Whether every pod of the canary is known to the Service, ready or not."""
        now = self.record.now()
        tracks = tracks_of(self.engine, now["Pod"].values())
        slices = now["EndpointSlice"].values()
        known = {one["targetRef"]["uid"] for part in slices for one in part.get("endpoints") or []}
        return sum(tracks.get(uid) == CANARY for uid in known) == self.place.canary

    def settle(self, title, seconds=_SOON, is_ready=True):
        """Waits for what is planned here, exactly; it is the rule from then on."""
        canary = self.place.canary if is_ready else 0
        share = self.engine.share(self.place, self.pods) if is_ready else Fraction(0)
        # Where promote ends, stable has what everybody meets.
        stable = {self.new} if self.course.has_new else {self.old}
        testers = Fraction(1) if self.place.testers else share
        wanted = (self.pods, canary, share, (testers, testers), stable, {self.new} if canary else set(), set())

        def there():
            sight = self.sight()
            if sight is None:
                return None
            counts = (sight.count(STABLE), sight.count(CANARY), sight.share, sight.testers)
            return (*counts, self.running(STABLE), self.running(CANARY), self.strangers())

        try:
            self.look.wait(lambda: there() == wanted, f"{title}: what is planned", seconds)
        except Stop:
            self.look.find(f"{title}: there are {_shown(there())}, and planned are {_shown(wanted)}")
            raise
        self.line.count("places reached as planned")
        self.record.mark(self.rule(f"after {title}"))

    def back(self):
        """The end: a way back leads to the bytes from before, and a new version is all that a way on leaves."""
        before, after = self.before_start, self.committed()
        if self.course.is_promoted:
            # The records of the last render hold its hashes.
            before, after = (_outside(one, ".prodgen/") for one in (before, after))
            changes = [(f"{_IMAGE}:{_OLD}", self.image), (f'"{_OLD}"', f'"{self.walk.tag}"')]
            if self.walk.config:
                # The files themselves stay as they are.
                before, after = (_outside(one, "conf") for one in (before, after))
                changes += [("config: conf", "config: conf-2"), ("mode = old", "mode = new")]
                changes.append((_map_in(before), _map_in(after)))
            for old, new in changes:
                before = {path.replace(old, new): data.replace(old.encode(), new.encode()) for path, data in before.items()}
        other = sorted(path for path in {**before, **after} if before.get(path) != after.get(path))
        what = "ways on that leave the version alone" if self.course.is_promoted else "ways back to the same bytes"
        self.look.expect(not other, what, f"other bytes at the end than before: {', '.join(other)}")
        self.look.events()


@dataclass(frozen=True)
class _Before:
    """What was so until a commit."""

    place: object
    versions: dict


def _map_in(files):
    """The name of the one ConfigMap among the files."""
    (path,) = (path for path in files if "/configmap-" in path)
    return path.removesuffix(".yaml").split("/configmap-")[1]


def _outside(files, folder):
    return {path: data for path, data in files.items() if not path.startswith(folder)}


def _shown(there):
    if there is None:
        return "endpoints of unknown pods"
    stable, canary, share, testers, *versions, unknown = there
    parts = f"{float(share):.0%}, of testers {float(min(testers)):.0%}"
    return f"{stable} of stable and {canary} of the canary, {parts}, with {versions}{f', and no file has {unknown}' if unknown else ''}"


def check(line, cluster, kitchen, walk, spoil=None):
    """Walks a walk to its end."""
    _Walker(line, cluster, kitchen, walk, spoil).walk_all()
