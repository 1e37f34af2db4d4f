"""Alive: on simulated nodes the service runs, is found, can be drained, rolled and started by hand."""

import json
import math
import time
from concurrent.futures import ThreadPoolExecutor

from suite.checks import accepted
from suite.checks.meant import path_of
from suite.tools import Broken, Late, call, environment
from suite.trees import ADMINISTRATOR

# What a cluster warns of that is not our doing. There is no metrics server here, and an autoscaler says so; and a
# CronJob's controller is surprised by every run that a person starts.
_NOT_OURS = ("FailedGetContainerResourceMetric", "FailedComputeMetricsReplicas", "UnexpectedJob")
_PATIENCE = 240
# How often a server is asked that has no time to answer: half a minute each, on a machine that does much else.
_BUSY = 4

# A controller that has met another writer of the object, and looks at it again.
_MET = "the object has been modified; please apply your changes to the latest version"


class Stop(Exception):
    """What follows makes no sense any more; the finding is written."""


class Look:
    """One tree on one cluster."""

    def __init__(self, line, cluster, tree):
        self.line = line
        self.cluster = cluster
        self.tree = tree
        self.root = f"/api/v1/namespaces/{tree.namespace}"
        self.seen = set()
        self.not_ours = _NOT_OURS
        if tree.objects("Rollout"):
            # By the alphabet it comes after its autoscaler, which looks again. One that never finds it leaves one pod.
            self.not_ours = (*_NOT_OURS, "FailedGetScale")

    def find(self, message):
        self.line.find(self.tree.name, message)

    def expect(self, holds, what, message):
        return self.line.expect(holds, self.tree.name, what, message)

    def events(self):
        """Writes down every warning of the namespace that is new. True if there was one."""
        fresh = False
        for event in self.cluster.get(f"{self.root}/events")["items"]:
            reason = event.get("reason", "")
            if event.get("type") != "Warning" or reason in self.not_ours:
                continue
            if _MET in event.get("message", ""):
                continue
            about = event["involvedObject"]
            text = f"{reason} at {about['kind']}: {event.get('message', '')[:300]}"
            if (reason, about["kind"]) not in self.seen:
                self.seen.add((reason, about["kind"]))
                self.find(text)
                fresh = True
        return fresh

    def wait(self, holds, what, seconds=_PATIENCE):
        """Waits for `holds`; gives up at once when the cluster warns of something."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if self.events():
                raise Stop
            if holds():
                return
            time.sleep(1)
        self.find(f"{what}: not after {seconds} s")
        raise Stop

    def pods(self, selector=None):
        """The pods of the namespace, or those that have all labels of `selector`."""
        wanted = (selector or {}).items()
        pods = self.cluster.get(f"{self.root}/pods")["items"]
        return [one for one in pods if wanted <= one["metadata"].get("labels", {}).items()]


def _ready(pod):
    conditions = pod.get("status", {}).get("conditions", [])
    return any(one["type"] == "Ready" and one["status"] == "True" for one in conditions)


def _leaving(pod):
    return "deletionTimestamp" in pod["metadata"]


def ci(tree):
    """Who the pipeline is, to kubectl."""
    return f"--as=system:serviceaccount:{tree.namespace}:{tree.app}-ci"


def as_pipeline(look, kitchen, command, timeout=60):
    """Runs a command that the program names, as the pipeline."""
    home = kitchen.folder / "pipelines" / look.tree.app
    home.mkdir(parents=True, exist_ok=True)
    program = f"'{look.cluster.tools.program('kubectl')}' --kubeconfig '{look.cluster.kubeconfig}' {ci(look.tree)}"
    # No script in a folder of PATH: while another thread starts a program, a file that was just written is busy,
    # and a shell goes on to the next folder.
    script = f'kubectl() {{ {program} "$@"; }}\n{command}'
    return call(["sh", "-c", script], env=environment(HOME=str(home)), cwd=home, timeout=timeout)


class Waiting:
    """A command that the program names to wait for, begun by the pipeline before its commit is applied."""

    def __init__(self, look, kitchen, title, command, timeout):
        self._look, self._title, self._command, self._timeout = look, title, command, timeout
        home = kitchen.folder / "pipelines" / look.tree.app
        home.mkdir(parents=True, exist_ok=True)
        # Whoever sleeps has looked, and has not seen it.
        self._slept = home / "slept"
        self._slept.unlink(missing_ok=True)
        sleep = f"sleep() {{ : > '{self._slept}'; command sleep \"$@\"; }}"
        pool = ThreadPoolExecutor(1)
        self._ended = pool.submit(as_pipeline, look, kitchen, f"{sleep}\n{command}", timeout)
        pool.shutdown(wait=False)

    def is_not_early(self):
        """It goes on for as long as nothing is applied."""
        while not self._ended.done() and not self._slept.exists():
            time.sleep(0.2)
        early = f"{self._title}: the wait ends before its apply"
        self._look.expect(not self._ended.done(), "waits that are older than their apply", early)

    def ends(self, code=0):
        """It ends, and says what it is to say."""
        try:
            done = self._ended.result()
        except Late:
            self._look.find(f"{self._title}: `{self._command}` does not end within {self._timeout} s")
            raise Stop from None
        said = f"{self._title}: `{self._command}` ends with {done.returncode}: {done.stderr.strip()[:400]}"
        if not self._look.expect(done.returncode == code, "waits that end", said):
            raise Stop


def deploy(look):
    """As in production: the administrator applies what is the administrator's, the pipeline the rest."""
    accepted.make_namespace(look.cluster, look.tree)
    administer(look)
    look.line.count("objects that stand in", _stand_ins(look))
    # The authorizer hears of a new role a moment later.
    apply(look, patience=10)
    look.line.count("trees deployed by their pipeline")


def _strict(tree):
    return ("apply", "--server-side", "--validate=strict", "-R", "-f", tree.folder)


def administer(look):
    """Applies what is the administrator's."""
    done = _heard(lambda: look.cluster.kubectl(*_strict(look.tree), "-l", f"{ADMINISTRATOR}=administrator"))
    if done.returncode != 0:
        look.find(f"the administrator cannot apply: {done.stderr.strip()}")
        raise Stop


def apply(look, patience=0):
    """Applies what is the pipeline's."""
    end = time.monotonic() + patience
    arguments = (*_strict(look.tree), "-l", f"{ADMINISTRATOR}!=administrator", ci(look.tree))
    while True:
        done = _heard(lambda: look.cluster.kubectl(*arguments))
        if done.returncode == 0:
            return
        if time.monotonic() > end:
            break
        time.sleep(0.5)
    look.find(f"the pipeline cannot apply: {done.stderr.strip()}")
    raise Stop


def _heard(ask):
    """What `ask` is answered with. A server that has been too busy to answer is asked again, as a pipeline would."""
    for _ in range(_BUSY):
        done = ask()
        if done.returncode == 0 or "Error from server (Timeout)" not in done.stderr:
            break
    return done


def _stand_ins(look):
    """Secrets and ConfigMaps that the pods mount and that others make."""
    spec = look.tree.pod()["spec"]
    wanted = {("secrets", one["name"]) for one in spec.get("imagePullSecrets", [])}
    for account in look.tree.objects("ServiceAccount"):
        wanted |= {("secrets", one["name"]) for one in account.get("imagePullSecrets", [])}
    for volume in spec.get("volumes", []):
        if secret := volume.get("secret"):
            wanted.add(("secrets", secret["secretName"]))
        if config := volume.get("configMap"):
            wanted.add(("configmaps", config["name"]))
        for source in volume.get("projected", {}).get("sources", []):
            wanted |= {(f"{kind.lower()}s", source[kind]["name"]) for kind in ("secret",) if kind in source}
    ours = {one["metadata"]["name"] for one in look.tree.objects("ConfigMap")}
    wanted = {(kind, name) for kind, name in wanted if kind == "secrets" or name not in ours}
    for kind, name in sorted(wanted):
        look.cluster.post(f"{look.root}/{kind}", {"metadata": {"name": name}})
    return len(wanted)


def check(line, cluster, tree):
    """Deploys a tree and lives with it."""
    look = Look(line, cluster, tree)
    try:
        deploy(look)
        if tree.workload()["kind"] == "CronJob":
            _by_hand(look)
        else:
            _rolls(look)
        look.events()
    except Stop:
        pass
    if not look.seen:
        line.count("namespaces without a warning")


def _by_hand(look):
    app = look.tree.app
    run = f"{app}-by-hand"
    done = look.cluster.kubectl(
        *("create", "job", run, f"--from=cronjob/{app}", "-n", look.tree.namespace, ci(look.tree))
    )
    if done.returncode != 0:
        look.find(f"the CronJob cannot be started by hand: {done.stderr.strip()}")
        raise Stop
    mine = {"batch.kubernetes.io/job-name": run}
    look.wait(lambda: any("nodeName" in one["spec"] for one in look.pods(mine)), "a pod of the CronJob", 60)
    look.line.count("CronJobs started by hand")
    _token(look, look.pods(mine))
    job = f"/apis/batch/v1/namespaces/{look.tree.namespace}/jobs/{run}"
    look.wait(lambda: look.cluster.get(job)["status"].get("succeeded"), "the end of the CronJob's pod", 60)


def _rolls(look):
    tree, cluster = look.tree, look.cluster
    path = path_of(tree.owner())
    scalers = tree.objects("HorizontalPodAutoscaler")
    least = scalers[0]["spec"]["minReplicas"] if scalers else tree.pods_at_most()

    def available(count):
        found = cluster.get(path)
        spec, status = found["spec"], found.get("status", {})
        return (
            # A Rollout's is text.
            str(status.get("observedGeneration")) == str(found["metadata"]["generation"])
            and spec.get("replicas", 0) >= count
            and status.get("replicas") == status.get("updatedReplicas") == spec["replicas"]
            and status.get("availableReplicas") == spec["replicas"]
        )

    look.wait(lambda: available(least), f"{least} available pods")
    look.line.count("workloads available")
    _token(look, [one for one in look.pods() if not _leaving(one)])
    most = tree.pods_at_most()
    if scalers:
        cluster.merge(f"{path}/scale", {"spec": {"replicas": most}})
        look.wait(lambda: available(most), f"{most} available pods")
        look.line.count("autoscalers at their maximum")
    _found(look)
    rolled = cluster.kubectl("rollout", "restart", f"deployment/{tree.app}", "-n", tree.namespace, ci(tree))
    if rolled.returncode != 0:
        look.find(f"the pipeline cannot restart: {rolled.stderr.strip()}")
        raise Stop
    if tree.objects("Rollout"):
        _promotes(look, path)
    together = 0

    def through():
        nonlocal together
        together = max(together, len(look.pods()))
        return available(most)

    look.wait(through, f"a rolling update of {most} pods")
    followed = cluster.kubectl(
        *("rollout", "status", f"deployment/{tree.app}", "-n", tree.namespace, "--timeout=20s", ci(tree))
    )
    if tree.objects("Rollout"):
        look.wait(lambda: cluster.get(path)["status"].get("phase") == "Healthy", "a Rollout that is through", 30)
    look.expect(followed.returncode == 0, "rolling updates at full scale", f"rollout status: {followed.stderr.strip()}")
    # More than full scale and surge: without old pods that are still ending, the quota was not put to the test.
    share = tree.workload()["spec"]["strategy"]["rollingUpdate"]["maxSurge"]
    surge = math.ceil(most * int(share[:-1]) / 100) if isinstance(share, str) else share
    what = "quotas that hold old pods which are still ending"
    look.expect(together > most + surge, what, f"only {together} pods at once in a rollout of {most} and {surge}")
    _found(look)
    if scalers:
        _applied_again(look, path, most)
    _drains(look)


def plugin(look, status):
    """What a command of the plugin of kubectl sends to a Rollout, as the pipeline."""
    app, namespace = look.tree.app, look.tree.namespace
    patch = ("patch", "rollout", app, "-n", namespace, "--subresource=status", "--type=merge")
    done = look.cluster.kubectl(*patch, "-p", json.dumps({"status": status}), ci(look.tree))
    if done.returncode != 0:
        look.find(f"the pipeline may not move the Rollout: {done.stderr.strip()}")
        raise Stop


def _promotes(look, path):
    """Takes what the Deployment says by now to all pods, without the steps: nobody measures it here."""

    def begun():
        status = look.cluster.get(path)["status"]
        return status.get("currentPodHash") not in (None, status.get("stableRS"))

    look.wait(begun, "a version of the Rollout", 30)
    plugin(look, {"promoteFull": True})


def _applied_again(look, path, most):
    tree = look.tree
    done = look.cluster.kubectl(
        *("apply", "--server-side", "-R", "-f", tree.folder, "-l", f"{ADMINISTRATOR}!=administrator", ci(tree))
    )
    count = look.cluster.get(path)["spec"]["replicas"]
    look.expect(
        done.returncode == 0 and count == most,
        "autoscaled counts that an apply leaves alone",
        f"an apply sets {most} replicas to {count}: {done.stderr.strip()}",
    )


def _found(look):
    """The Service leads to the ready pods, by their port, and to nobody else."""
    for service in look.tree.objects("Service"):
        name = service["metadata"]["name"]
        # Not the Service's own selector: who the service is, is what its workload's labels say.
        who = look.tree.workload()["spec"]["selector"]["matchLabels"]
        root = f"/apis/discovery.k8s.io/v1/namespaces/{look.tree.namespace}/endpointslices"
        slices = f"{root}?labelSelector=kubernetes.io/service-name%3D{name}"
        wanted_ports = _ports(look.tree.pod(), service)
        seen = [set(), set(), set()]

        def same():
            wanted = {
                one["status"]["podIP"] for one in look.pods(who) if _ready(one) and not _leaving(one)
            }
            listed, ports = set(), set()
            for part in look.cluster.get(slices)["items"]:
                ready = [one for one in part["endpoints"] or [] if one["conditions"].get("ready")]
                listed |= {address for one in ready for address in one["addresses"]}
                if ready:
                    ports |= {(one["name"], one["port"]) for one in part["ports"]}
            seen[:] = wanted, listed, ports
            return wanted and wanted == listed and ports == wanted_ports

        try:
            look.wait(same, f"the endpoints of {name}", 30)
        except Stop:
            wanted, listed, ports = seen
            if wanted != listed:
                look.find(f"Service {name} leads to {len(listed)} addresses, and {len(wanted)} pods are ready")
            elif ports != wanted_ports:
                look.find(f"Service {name} leads to ports {sorted(ports)}, not {sorted(wanted_ports)}")
            raise
        look.line.count("ready endpoints", len(seen[1]))


def _ports(pod, service):
    named = {one["name"]: one["containerPort"] for one in pod["spec"]["containers"][0].get("ports", [])}
    targets = [(one.get("name", ""), one.get("targetPort", one["port"])) for one in service["spec"]["ports"]]
    return {(name, named.get(target, target)) for name, target in targets}


def _drains(look):
    for budget in look.tree.objects("PodDisruptionBudget"):
        path = path_of(budget)

        def allows():
            status = look.cluster.get(path).get("status", {})
            return status.get("disruptionsAllowed", 0) >= 1 and status["expectedPods"] == look.tree.pods_at_most()

        look.wait(allows, "a disruption that the budget allows", 30)
        who = look.tree.workload()["spec"]["selector"]["matchLabels"]
        pod = next(one["metadata"]["name"] for one in look.pods(who) if _ready(one) and not _leaving(one))
        body = {"apiVersion": "policy/v1", "kind": "Eviction", "metadata": {"name": pod}}
        status, said = look.cluster.request("POST", f"{look.root}/pods/{pod}/eviction", body)
        look.expect(status == 201, "pods evicted", f"the budget refuses an eviction: {said.get('message')}")


def _token(look, pods):
    """A pod has a token for the API only if the spec asks for permissions."""
    if not pods:
        raise Broken(f"{look.tree.name}: no pods to look at")
    wanted = bool(look.tree.spec.get("permissions"))
    for pod in pods:
        mounts = [
            mount["mountPath"]
            for one in pod["spec"]["containers"]
            for mount in one.get("volumeMounts", [])
            if mount["mountPath"].startswith("/var/run/secrets/kubernetes.io/serviceaccount")
        ]
        what = "pods with the token they ask for" if wanted else "pods without a token"
        look.expect(bool(mounts) == wanted, what, f"a pod has {len(mounts)} tokens, and asks for {int(wanted)}")
