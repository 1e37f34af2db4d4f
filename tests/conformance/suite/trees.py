"""The trees under test: what prodgen makes of every example and every preset."""

import shutil
from dataclasses import dataclass, field, replace
from pathlib import Path

from suite.tools import ROOT, Broken, call

ADMINISTRATOR = "prodgen.dev/applied-by"
# `prodgen` renders for this version where a spec names none; the whole suite runs on it.
DEFAULT = "1.35"
VERSIONS = ("1.34", "1.35", "1.36", "1.37")


@dataclass
class Tree:
    """A folder of manifests, and the spec that it was rendered from."""

    name: str
    version: str
    folder: Path
    spec: dict
    # The text that `render` prints: the same objects as one stream.
    stream: str = ""
    # What each file holds, in the order of their names.
    files: dict = field(default_factory=dict)

    def objects(self, kind=None):
        """The objects, or those of one kind."""
        return [one for one in self.files.values() if kind in (None, one["kind"])]

    @property
    def app(self):
        """The name of the service."""
        return self.spec["name"]

    @property
    def namespace(self):
        """Where it lives."""
        given = self.spec.get("namespace", self.app)
        return given if isinstance(given, str) else given.get("name", self.app)

    @property
    def makes_namespace(self):
        """Whether the tree has its namespace, or finds it there."""
        return bool(self.objects("Namespace"))

    def workload(self):
        """The Deployment of the version in use, or the CronJob."""
        found = self.objects("Deployment") + self.objects("CronJob")
        found = [one for one in found if one["metadata"]["name"] == self.app]
        if len(found) != 1:
            raise Broken(f"{self.name}: {len(found)} workloads in one tree")
        return found[0]

    def owner(self):
        """Who makes the pods: a Rollout, or the workload itself."""
        for rollout in self.objects("Rollout"):
            return rollout
        return self.workload()

    def pod(self):
        """The pod template: labels and spec."""
        workload = self.workload()
        spec = workload["spec"]
        if workload["kind"] == "CronJob":
            spec = spec["jobTemplate"]["spec"]
        return spec["template"]

    def pods_at_most(self):
        """How many pods there are at full scale."""
        for scaler in self.objects("HorizontalPodAutoscaler"):
            return scaler["spec"]["maxReplicas"]
        return self.owner()["spec"].get("replicas", 1)


class Kitchen:
    """Renders trees into a folder of its own."""

    def __init__(self, tools, binary, folder):
        self.tools = tools
        self.binary = binary
        self.folder = folder

    def cases(self):
        """Every example and every preset: its name, and what makes it."""
        found = {}
        for spec in sorted((ROOT / "examples").glob("*/prodgen.yaml")):
            found[spec.parent.name] = ["-f", str(spec)]
        for preset in sorted((ROOT / "presets").glob("*.yaml")):
            name = f"preset-{preset.stem}"
            found[name] = answers(name, preset=preset.stem)
        return found

    def render(self, name, arguments, version):
        """Renders one case for one version of Kubernetes."""
        folder = self.folder / version / name
        empty = self.folder / "empty"
        empty.mkdir(parents=True, exist_ok=True)
        command = [self.binary, "render", *arguments, "--set", f"kubernetes={version}"]
        into = self._run(name, [*command, "--out", str(folder)], empty)
        stream = self._run(name, command, empty)
        del into
        if "-f" in arguments:
            spec = self.tools.read([arguments[arguments.index("-f") + 1]])[0][0]
        else:
            spec = {}
        for one in arguments[1:]:
            key, equal, value = one.partition("=")
            if equal:
                spec[key] = value
        # What the spec leaves to its preset it says too.
        preset = ROOT / "presets" / f"{spec.get('preset')}.yaml"
        if preset.exists():
            spec = {**self.tools.read([preset])[0][0], **spec}
        return self.load(Tree(name, version, folder, spec, stream))

    def load(self, tree):
        """Reads what is in the folder of a tree."""
        paths = sorted(tree.folder.rglob("*.yaml"))
        if not paths:
            raise Broken(f"{tree.name}: no file was rendered")
        read = self.tools.read(paths)
        for path, documents in zip(paths, read):
            if len(documents) != 1:
                raise Broken(f"{path.name}: {len(documents)} documents in one file")
        return replace(tree, files={path: one[0] for path, one in zip(paths, read)})

    def copy(self, tree, name):
        """A second folder, to be spoiled."""
        folder = self.folder / "spoiled" / name
        shutil.copytree(tree.folder, folder)
        return self.load(replace(tree, name=name, folder=folder))

    def _run(self, name, command, folder):
        done = call(command, cwd=folder)
        if done.returncode != 0:
            raise Broken(f"{name}: prodgen does not render: {done.stderr.strip()}")
        return done.stdout


def answers(name, **more):
    """The three answers that every service needs, and more."""
    given = {
        "name": name,
        "team": "conformance",
        "image": f"registry.example.com/conformance/{name}:1.0.0",
        **more,
    }
    return [part for key, value in given.items() for part in ("--set", f"{key}={value}")]
