"""The programs that the suite runs, and how it runs them."""

import json
import os
import signal
import subprocess
from pathlib import Path

HERE = Path(__file__).resolve().parent.parent
ROOT = HERE.parent.parent

_READ = """
import json, sys, yaml
out = []
for path in json.load(sys.stdin):
    with open(path, encoding="utf-8") as file:
        out.append(list(yaml.load_all(file, Loader=yaml.CSafeLoader)))
json.dump(out, sys.stdout, default=str)
"""


class Broken(Exception):
    """The suite itself cannot go on: a tool is missing, or a server does not come up."""


class Late(Broken):
    """A program that does not end."""


class Tools:
    """The folders that `install` and `crds/install` have made."""

    def __init__(self, home, crds):
        self.home = Path(home)
        self.crds = Path(crds)
        self.python = self.home / "python/bin/python"
        self.schemas = self.home / "schemas"
        self.stages = self.home / "stages"

    @classmethod
    def install(cls):
        """Builds what is missing."""
        home = _installed(HERE / "install")
        return cls(home, _installed(HERE / "crds/install", f"{home}/python/bin/python"))

    @staticmethod
    def argo_rollouts():
        """The folder with the controller of Argo Rollouts and its CRDs; built where it is missing."""
        return Path(_installed(HERE / "argo-rollouts/install"))

    def program(self, name):
        """The path of a program that Go has built."""
        return str(self.home / "bin" / name)

    def script(self, name):
        """The path of a program of the Python environment."""
        return str(self.home / "python/bin" / name)

    def read(self, paths):
        """The documents of YAML files, as plain values: one list a file."""
        paths = [str(path) for path in paths]
        done = call([self.python, "-I", "-c", _READ], stdin=json.dumps(paths))
        if done.returncode != 0:
            raise Broken(f"YAML cannot be read: {done.stderr.strip()}")
        return json.loads(done.stdout)


def _installed(*command):
    """The folder that an installer prints."""
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True)
    if done.returncode != 0:
        raise Broken("the tools cannot be installed; what is missing stands above")
    return done.stdout.strip().splitlines()[-1]


def prodgen():
    """The binary under test: `PRODGEN_BIN`, or a fresh build."""
    given = os.environ.get("PRODGEN_BIN")
    if given:
        if not os.access(given, os.X_OK):
            raise Broken(f"PRODGEN_BIN is no program: {given}")
        return str(Path(given).resolve())
    command = ["cargo", "build", "--quiet", "--bin", "prodgen", "--message-format=json"]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    if done.returncode != 0:
        raise Broken("prodgen cannot be built")
    for text in done.stdout.splitlines():
        if executable := json.loads(text).get("executable"):
            return executable
    raise Broken("cargo names no binary")


def environment(**more):
    """What programs see: no proxy for a server of this machine, no settings of whoever runs the suite."""
    gone = ("KUBECONFIG", "KUBECTL_EXTERNAL_DIFF")
    kept = {
        key: value
        for key, value in os.environ.items()
        if key not in gone and not key.lower().endswith("_proxy")
    }
    return {**kept, "LC_ALL": "C.UTF-8", **more}


_RUNNING = set()


def call(command, stdin=None, env=None, cwd=None, timeout=600):
    """Runs a program to its end. Its text is kept apart from its complaints."""
    process = subprocess.Popen(
        [str(one) for one in command],
        stdin=subprocess.DEVNULL if stdin is None else subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=env or environment(),
        cwd=cwd,
        # With all that it starts, it is ended as one.
        start_new_session=True,
    )
    _RUNNING.add(process)
    try:
        out, wrong = process.communicate(stdin, timeout)
    except subprocess.TimeoutExpired as late:
        _end(process)
        process.communicate()
        raise Late(f"{command[0]} does not end") from late
    finally:
        _RUNNING.discard(process)
    return subprocess.CompletedProcess(command, process.returncode, out, wrong)


def _end(process):
    # Its number is its own until its end has been seen.
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)


def end_all():
    """Ends what `call` is waiting for."""
    for process in list(_RUNNING):
        _end(process)
