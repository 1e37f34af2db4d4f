"""A Kubernetes control plane on this machine: all of it real but the nodes."""

import http.client
import json
import os
import secrets
import shutil
import socket
import ssl
import subprocess
import tempfile
import threading
import time
from pathlib import Path

from suite import crds
from suite.tools import Broken, call, environment

_KUBECONFIG = """apiVersion: v1
kind: Config
current-context: conformance
contexts:
- name: conformance
  context: {{cluster: conformance, user: admin}}
clusters:
- name: conformance
  cluster: {{server: "{server}", certificate-authority: "{authority}"}}
users:
- name: admin
  user: {{token: "{token}"}}
"""
_NODES = 6
# The server closes a connection that is not used for a while, and may be about to.
_IDLE = 30
# In namespaces that begin so, each pod takes its own time to be ready: nothing there may hold by luck.
SLOW = "walk-"
# No pod with an image of a tag that ends so is ever ready.
NEVER_READY = "-never-ready"


def _ports(count):
    """Ports that nobody has. They are held open together, so that no two are the same."""
    held = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [one.getsockname()[1] for one in held]
    for one in held:
        one.close()
    return ports


class Cluster:
    """One API server that emulates `version`; with `nodes`, controllers, scheduler and simulated nodes too."""

    def __init__(self, tools, reaper, version, nodes=False):
        self.tools = tools
        self.version = version
        self.nodes = nodes
        self._reaper = reaper
        self._processes = {}
        self._local = threading.local()
        self.folder = Path(tempfile.mkdtemp(prefix="prodgen-conformance-"))
        reaper.folder(self.folder)
        self.kubeconfig = self.folder / "kubeconfig"
        self._token = secrets.token_hex(16)

    def __enter__(self):
        try:
            self.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_):
        self.stop()

    # -- processes

    def _spawn(self, name, *arguments):
        path = name if isinstance(name, Path) else self.tools.program(name)
        name = Path(path).name
        log = open(self.folder / f"{name}.log", "wb")
        process = subprocess.Popen(
            [path, *[str(one) for one in arguments]],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd=self.folder,
            env=environment(HOME=str(self.folder)),
            start_new_session=True,
        )
        log.close()
        self._reaper.started(process.pid)
        self._processes[name] = process

    def add_argo_rollouts(self):
        """Starts the controller of Argo Rollouts, with its kinds."""
        home = self.tools.argo_rollouts()
        done = self.kubectl("apply", "--server-side", "-f", home / "crds")
        if done.returncode != 0:
            raise Broken(f"the CRDs of Argo Rollouts are refused: {done.stderr.strip()}")
        self._wait(lambda: self.request("GET", "/apis/argoproj.io/v1alpha1/rollouts")[0] == 200, "the kind Rollout")
        metrics, health = _ports(2)
        self._spawn(
            home / "rollouts-controller",
            *("--kubeconfig", self.kubeconfig, "--leader-elect=false", "--loglevel", "warn"),
            *("--metricsPort", metrics, "--healthzPort", health, "--qps", 200, "--burst", 400),
        )

    def _check(self):
        for name, process in self._processes.items():
            if process.poll() is not None:
                tail = (self.folder / f"{name}.log").read_text(errors="replace")[-2000:]
                raise Broken(f"{name} has ended with {process.returncode}:\n{tail}")

    def start(self):
        """Starts everything, and waits until it is ready."""
        for attempt in range(3):
            try:
                self._start()
                return
            except Broken:
                # Somebody else may have taken a port between our look and the start.
                if attempt == 2:
                    raise
                self._kill()
                shutil.rmtree(self.folder / "etcd", ignore_errors=True)

    def _start(self):
        client, peer, port = _ports(3)
        self.port = port
        self._spawn(
            *("etcd", "--unsafe-no-fsync", "--data-dir", self.folder / "etcd", "--log-level", "error"),
            *("--listen-client-urls", f"http://127.0.0.1:{client}"),
            *("--advertise-client-urls", f"http://127.0.0.1:{client}"),
            *("--listen-peer-urls", f"http://127.0.0.1:{peer}"),
            *("--initial-advertise-peer-urls", f"http://127.0.0.1:{peer}"),
            *("--initial-cluster", f"default=http://127.0.0.1:{peer}"),
        )
        key = self.folder / "service-account.key"
        if call(["openssl", "genrsa", "-out", key, "2048"]).returncode != 0:
            raise Broken("openssl cannot make a key")
        tokens = self.folder / "tokens.csv"
        tokens.write_text(f'{self._token},admin,admin,"system:masters"\n')
        emulated = ("--emulated-version", self.version)
        self._spawn(
            *("kube-apiserver", "--etcd-servers", f"http://127.0.0.1:{client}", *emulated),
            *("--bind-address", "127.0.0.1", "--secure-port", port),
            *("--cert-dir", self.folder / "certs", "--token-auth-file", tokens),
            *("--authorization-mode", "RBAC", "--endpoint-reconciler-type", "none"),
            *("--service-account-issuer", "https://conformance.invalid"),
            *("--service-account-key-file", key, "--service-account-signing-key-file", key),
            *("--service-cluster-ip-range", "10.96.0.0/16", "--profiling=false"),
            # As in every cluster: it is for Pod Security to refuse a privileged pod.
            "--allow-privileged",
        )
        authority = self.folder / "certs/apiserver.crt"
        server = f"https://127.0.0.1:{port}"
        self.kubeconfig.write_text(
            _KUBECONFIG.format(server=server, authority=authority, token=self._token)
        )
        # The file is there a moment before what is in it.
        self._wait(lambda: b"END CERTIFICATE" in authority.read_bytes(), "the server's certificate")
        self._context = ssl.create_default_context(cafile=str(authority))
        self._wait(lambda: self.request("GET", "/readyz")[0] == 200, "the API server")
        # Before the controllers, which learn of the kinds that can be scaled when they start, and then only now and then.
        crds.make(self)
        self._wait(lambda: crds.are_served(self), "the kinds of the CRDs")
        if self.nodes:
            self._start_nodes(key, emulated)
        # RBAC's own roles are written after the server calls itself ready.
        roles = "/apis/rbac.authorization.k8s.io/v1/clusterroles/view"
        self._wait(lambda: self.request("GET", roles)[0] == 200, "the built-in roles")

    def _start_nodes(self, key, emulated):
        access = ("--kubeconfig", self.kubeconfig)
        alone = ("--leader-elect=false", "--secure-port", "0")
        self._spawn(
            *("kube-controller-manager", *access, *alone, *emulated),
            *("--use-service-account-credentials", "--service-account-private-key-file", key),
            *("--root-ca-file", self.folder / "certs/apiserver.crt"),
            # Without a metrics server an autoscaler only keeps to its minimum; so it may do that soon.
            *("--horizontal-pod-autoscaler-sync-period", "3s", "--concurrent-deployment-syncs", "10"),
            *("--kube-api-qps", "200", "--kube-api-burst", "400", "--concurrent-replicaset-syncs", "10"),
        )
        self._spawn("kube-scheduler", *access, *alone, *emulated)
        stages = [("--config", self._stage(path)) for path in sorted(self.tools.stages.glob("*.yaml"))]
        self._spawn(
            *("kwok", *access, "--manage-nodes-with-annotation-selector", "kwok.x-k8s.io/node=fake"),
            *[part for stage in stages for part in stage],
        )
        for number in range(_NODES):
            self.post("/api/v1/nodes", _node(number))
        self._wait(self._nodes_ready, "the simulated nodes")

    def _stage(self, path):
        """A stage of kwok; a pod that ends takes all of its grace, as a slow one does in production."""
        text = path.read_text()
        if path.name == "pod-delete.yaml":
            random = "    durationMilliseconds: 1000\n"
            if random not in text or "jitterDurationFrom:\n      expressionFrom: '.metadata.deletionT" not in text:
                raise Broken("kwok's stage pod-delete is not what the suite knows")
            # Its own stage ends a pod at a random moment of its grace. The worst case is the last one.
            before, _, _ = text.partition("  delay:\n")
            text = (
                before + "  delay:\n    durationMilliseconds: 1000\n    durationFrom:\n"
                "      expressionFrom: '.metadata.deletionTimestamp'\n  next:\n    delete: true\n"
            )
        # Nobody waits for a simulated image to be pulled.
        text = text.replace("jitterDurationMilliseconds: 5000", "jitterDurationMilliseconds: 1500")
        if path.name == "pod-ready.yaml":
            text = _slow_and_never(text)
        copy = self.folder / path.name
        copy.write_text(text)
        return copy

    def _nodes_ready(self):
        nodes = self.get("/api/v1/nodes")["items"]
        ready = [
            one
            for one in nodes
            for condition in one.get("status", {}).get("conditions", [])
            if condition["type"] == "Ready" and condition["status"] == "True"
            # A controller takes the taint of a new node away a moment later; until then no pod fits.
            and not one["spec"].get("taints")
        ]
        return len(ready) == _NODES

    def _wait(self, is_there, what, seconds=90):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self._check()
            try:
                if is_there():
                    return
            except (OSError, http.client.HTTPException, Refused):
                pass
            time.sleep(0.1)
        raise Broken(f"{what} of {self.version} is not there after {seconds} s")

    def _kill(self):
        # Nothing here is worth a clean end, and a clean end holds the ports for ten seconds.
        for process in reversed(self._processes.values()):
            try:
                os.killpg(process.pid, 9)
            except ProcessLookupError:
                pass
        for process in self._processes.values():
            process.wait()
            self._reaper.ended(process.pid)
        self._processes = {}

    def stop(self):
        """Ends everything and removes its folder."""
        self._kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    def let_go(self):
        """Leaves everything up. The processes that whoever wants that has to end."""
        pids = [one.pid for one in self._processes.values()]
        self._processes = {}
        self._reaper.keep(self.folder)
        self.stop = lambda: None
        return pids

    # -- requests

    def request(self, verb, path, body=None, kind="application/json", headers=None):
        """Asks the server. Answers with the status, and with what it says."""
        connection, used = getattr(self._local, "connection", None), getattr(self._local, "used", 0)
        if connection and time.monotonic() - used > _IDLE:
            connection.close()
            connection = None
        if connection is None:
            connection = http.client.HTTPSConnection(
                "127.0.0.1", self.port, context=self._context, timeout=60
            )
            self._local.connection = connection
        sent = {"Authorization": f"Bearer {self._token}", "Accept": "application/json"}
        if body is not None:
            sent["Content-Type"] = kind
        try:
            text = None if body is None else json.dumps(body)
            connection.request(verb, path, text, {**sent, **(headers or {})})
            answer = connection.getresponse()
            said = answer.read()
            self._local.used = time.monotonic()
        except (OSError, http.client.HTTPException):
            connection.close()
            self._local.connection = None
            raise
        try:
            return answer.status, json.loads(said)
        except ValueError:
            return answer.status, {"message": said.decode(errors="replace")}

    def _must(self, verb, path, body=None, kind="application/json"):
        status, said = self.request(verb, path, body, kind)
        if status >= 300:
            raise Refused(f"{verb} {path}: {status} {said.get('message', '')}")
        return said

    def get(self, path):
        """What is at `path`."""
        return self._must("GET", path)

    def post(self, path, body):
        """Makes something."""
        return self._must("POST", path, body)

    def merge(self, path, body):
        """Changes something."""
        return self._must("PATCH", path, body, "application/merge-patch+json")

    def watch(self, path, version):
        """Every change of the list at `path` after `version`."""
        connection = http.client.HTTPSConnection("127.0.0.1", self.port, context=self._context)
        sent = {"Authorization": f"Bearer {self._token}", "Accept": "application/json"}
        hour = "watch=1&timeoutSeconds=3600"
        connection.request("GET", f"{path}?{hour}&resourceVersion={version}", headers=sent)
        # An answer without an end takes the socket of the connection with it.
        held = connection.sock
        answer = connection.getresponse()
        if answer.status != 200:
            raise Refused(f"watch {path}: {answer.status}")
        return Watch(connection, held, answer)

    def kubectl(self, *arguments, stdin=None):
        """Runs kubectl as the administrator."""
        command = [self.tools.program("kubectl"), "--kubeconfig", self.kubeconfig, *arguments]
        return call(command, stdin, environment(HOME=str(self.folder)), self.folder)


def _slow_and_never(text):
    """The stage that makes pods ready, with those that take long and those that never come to it."""
    operator, delay = "  selector:\n    matchExpressions:\n", "    jitterDurationFrom:\n"
    own = "      expressionFrom: '.metadata.annotations[\"pod-ready.stage.kwok.x-k8s.io/jitter-delay\"]'\n"
    if operator not in text or delay + own not in text:
        raise Broken("kwok's stage pod-ready is not what the suite knows")
    never = f"'.spec.containers.[].image | select(endswith(\"{NEVER_READY}\"))'"
    slow = f"'select(.metadata.namespace | startswith(\"{SLOW}\")) | \"7s\"'"
    text = text.replace(operator, f"{operator}    - key: {never}\n      operator: 'DoesNotExist'\n")
    return text.replace(delay + own, f"{delay}      expressionFrom: {slow}\n")


class Watch:
    """A list that the server goes on telling, on a connection of its own."""

    def __init__(self, connection, held, answer):
        self._connection = connection
        self._socket = held
        self._answer = answer

    def lines(self):
        """A change each, until it is closed."""
        try:
            while text := self._answer.readline():
                yield text
        finally:
            self._connection.close()

    def close(self):
        """Ends it, whoever is reading."""
        try:
            self._socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            # The server was faster.
            pass


class Refused(Exception):
    """The server said no."""


def _node(number):
    resources = {"cpu": "200", "memory": "800Gi", "pods": "500", "ephemeral-storage": "2000Gi"}
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {
            "name": f"node-{number}",
            "annotations": {"kwok.x-k8s.io/node": "fake"},
            "labels": {
                "kubernetes.io/hostname": f"node-{number}",
                "kubernetes.io/os": "linux",
                "kubernetes.io/arch": "amd64",
                "topology.kubernetes.io/zone": f"zone-{number % 3}",
                "topology.kubernetes.io/region": "region",
            },
        },
        "status": {"allocatable": resources, "capacity": resources},
    }
