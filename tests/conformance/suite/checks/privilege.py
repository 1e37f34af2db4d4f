"""Least privilege: who may do what, asked of the server's own authorizer; as many refusals as permissions."""

from suite.checks.meant import path_of
from suite.trees import ADMINISTRATOR

_REVIEW = "/apis/authorization.k8s.io/v1/subjectaccessreviews"
_ELSEWHERE = "elsewhere"
_LOOK = ("get", "list", "watch")
_CHANGE = ("create", "update", "patch")
_RBAC = "rbac.authorization.k8s.io"
# What nobody here may ever do: each would be a way to more.
_NEVER = [
    ("get", "", "secrets"),
    ("list", "", "secrets"),
    ("create", "", "secrets"),
    ("create", "", "serviceaccounts/token"),
    ("impersonate", "", "serviceaccounts"),
    ("create", _RBAC, "roles"),
    ("patch", _RBAC, "roles"),
    ("escalate", _RBAC, "roles"),
    ("bind", _RBAC, "roles"),
    ("create", _RBAC, "rolebindings"),
    ("patch", _RBAC, "rolebindings"),
    ("patch", "", "resourcequotas"),
    ("delete", "", "resourcequotas"),
    ("patch", "", "limitranges"),
    ("patch", "", "namespaces"),
    ("delete", "", "namespaces"),
    ("create", "", "pods"),
    ("create", "", "pods/attach"),
    ("update", "", "pods/proxy"),
    ("delete", "networking.k8s.io", "networkpolicies"),
    ("deletecollection", "apps", "deployments"),
    ("*", "*", "*"),
]
_EXEC = [
    ("create", "", "pods/exec"),
    ("create", "", "pods/portforward"),
    ("patch", "", "pods/ephemeralcontainers"),
    ("update", "", "pods/ephemeralcontainers"),
]
_WATCHED = [("", "pods"), ("", "pods/log"), ("", "events"), ("apps", "replicasets")]


class _Asker:
    def __init__(self, line, cluster, tree):
        self.line = line
        self.cluster = cluster
        self.tree = tree
        self.allowed = 0
        self.refused = 0

    def may(self, who, verb, group, resource, name="", namespace=None):
        """The server's own answer."""
        resource, _, part = resource.partition("/")
        where = self.tree.namespace if namespace is None else namespace
        attributes = {"verb": verb, "group": group, "resource": resource, "subresource": part}
        attributes |= {"name": name, "namespace": where}
        user, groups = who
        spec = {"user": user, "groups": groups, "resourceAttributes": attributes}
        return self.cluster.post(_REVIEW, {"spec": spec})["status"]["allowed"]

    def expect(self, wanted, title, who, verb, group, resource, name="", namespace=None):
        """Asks, and writes down an answer that is not the wanted one."""
        got = self.may(who, verb, group, resource, name, namespace)
        what = f"{verb} {resource}.{group} {name}".strip(" .")
        place = "" if namespace is None else f" in {namespace or 'the whole cluster'}"
        if got == wanted:
            self.line.count("permissions as stated" if wanted else "refusals as stated")
            self.allowed += wanted
            self.refused += not wanted
        else:
            may = "may" if got else "may not"
            self.line.find(self.tree.name, f"{title} {may} {what}{place}")


def _account(namespace, name):
    groups = ["system:serviceaccounts", f"system:serviceaccounts:{namespace}", "system:authenticated"]
    return f"system:serviceaccount:{namespace}:{name}", groups


def _people(group):
    return "somebody@example.com", [group, "system:authenticated"]


def check(line, cluster, tree):
    """Asks about a tree that was applied."""
    ask = _Asker(line, cluster, tree)
    access = tree.spec.get("access", {})
    deploys = _deploys(tree)
    _deployer(ask, "CI", _account(tree.namespace, f"{tree.app}-ci"), deploys)
    for group in access.get("deployers", []):
        _deployer(ask, f"deployer {group}", _people(group), deploys)
    for group in access.get("viewers", []):
        _viewer(ask, f"viewer {group}", _people(group), deploys)
    for group in access.get("debuggers", []):
        _debugger(ask, f"debugger {group}", _people(group))
    _workload(ask)
    strangers = {
        "a stranger": _people("oidc:others"),
        "a neighbour's pod": _account(_ELSEWHERE, tree.app),
        "the default account": _account(tree.namespace, "default"),
        "anonymous": ("system:anonymous", ["system:unauthenticated"]),
    }
    for title, who in strangers.items():
        _nothing(ask, title, who, deploys)
    line.expect(
        ask.refused >= ask.allowed,
        tree.name,
        "tables with as many refusals as permissions",
        f"only {ask.refused} refusals for {ask.allowed} permissions",
    )
    _pipeline(line, cluster, tree)


def _deploys(tree):
    """Group and resource of every kind that is not the administrator's."""
    found = set()
    for item in tree.objects():
        if ADMINISTRATOR not in item["metadata"].get("labels", {}):
            group = item["apiVersion"].rpartition("/")[0]
            found.add((group, path_of(item).split("/")[-2]))
    return sorted(found)


def _deployer(ask, title, who, deploys):
    for group, resource in deploys:
        for verb in (*_LOOK, *_CHANGE):
            # It changes the account of the pods, and not its own.
            own = resource == "serviceaccounts" and verb in ("update", "patch")
            ask.expect(True, title, who, verb, group, resource, ask.tree.app if own else "")
            if own:
                ask.expect(False, title, who, verb, group, resource, f"{ask.tree.app}-ci")
        ask.expect(False, title, who, "delete", group, resource)
        ask.expect(False, title, who, "deletecollection", group, resource)
        ask.expect(False, title, who, "patch", group, resource, namespace=_ELSEWHERE)
        ask.expect(False, title, who, "list", group, resource, namespace="")
    for group, resource in _WATCHED:
        for verb in _LOOK:
            ask.expect(True, title, who, verb, group, resource)
        ask.expect(False, title, who, "get", group, resource, namespace=_ELSEWHERE)
    # A run by hand, of a CronJob.
    ask.expect(True, title, who, "create", "batch", "jobs")
    for verb, group, resource in [*_NEVER, *_EXEC, ("delete", "", "pods"), ("get", "", "pods/exec")]:
        ask.expect(False, title, who, verb, group, resource)


def _viewer(ask, title, who, deploys):
    for group, resource in [*deploys, *_WATCHED]:
        for verb in _LOOK:
            ask.expect(True, title, who, verb, group, resource)
        ask.expect(False, title, who, "list", group, resource, namespace=_ELSEWHERE)
        for verb in (*_CHANGE, "delete"):
            ask.expect(False, title, who, verb, group, resource)
    for verb, group, resource in [*_NEVER, *_EXEC, ("list", _RBAC, "rolebindings")]:
        ask.expect(False, title, who, verb, group, resource)


def _debugger(ask, title, who):
    for group, resource in _WATCHED[:3]:
        for verb in _LOOK:
            ask.expect(True, title, who, verb, group, resource)
    for verb, group, resource in _EXEC:
        ask.expect(True, title, who, verb, group, resource)
        ask.expect(False, title, who, verb, group, resource, namespace=_ELSEWHERE)
    # Before 1.35 this was a door of its own; and the debugger deploys nothing.
    more = [("get", "", "pods/exec"), ("delete", "", "pods"), ("patch", "apps", "deployments")]
    for verb, group, resource in [*_NEVER, *more, ("create", "batch", "jobs"), ("get", "", "configmaps")]:
        ask.expect(False, title, who, verb, group, resource)


def _workload(ask):
    tree = ask.tree
    who = _account(tree.namespace, tree.app)
    title = "the workload"
    asked = set()
    for one in tree.spec.get("permissions", []):
        for resource in one["resources"]:
            for verb in one["verbs"]:
                for name in one.get("names", [""]):
                    group = one.get("group", "")
                    asked.add((verb, group, resource))
                    ask.expect(True, title, who, verb, group, resource, name)
                    ask.expect(False, title, who, verb, group, resource, name, namespace=_ELSEWHERE)
                if one.get("names"):
                    ask.expect(False, title, who, verb, one.get("group", ""), resource, "another")
    own = [(verb, "", "configmaps") for verb in _LOOK] + [(verb, "", "pods") for verb in _LOOK]
    own += [("patch", "apps", "deployments"), ("delete", "", "pods"), ("list", "coordination.k8s.io", "leases")]
    for verb, group, resource in [*_NEVER, *_EXEC, *own]:
        # A permission for one name was asked for above, and is none for all names.
        if (verb, group, resource) not in asked or any(
            one.get("names") and resource in one["resources"] for one in tree.spec["permissions"]
        ):
            ask.expect(False, title, who, verb, group, resource)


def _nothing(ask, title, who, deploys):
    for group, resource in [*deploys, *_WATCHED]:
        for verb in ("get", "patch"):
            ask.expect(False, title, who, verb, group, resource)
    for verb, group, resource in [*_NEVER, *_EXEC]:
        ask.expect(False, title, who, verb, group, resource)


def _pipeline(line, cluster, tree):
    """CI can apply all that is not the administrator's, and nothing that is."""
    who = f"--as=system:serviceaccount:{tree.namespace}:{tree.app}-ci"
    dry = ("apply", "--server-side", "--dry-run=server", who)
    theirs = ("-R", "-f", tree.folder, "-l", f"{ADMINISTRATOR}!=administrator")
    done = cluster.kubectl(*dry, *theirs)
    count = len(done.stdout.splitlines())
    if line.expect(
        done.returncode == 0 and count, tree.name, "dry runs of the pipeline", f"CI cannot apply: {done.stderr.strip()}"
    ):
        line.count("objects that the pipeline may apply", count)
    diff = cluster.kubectl("diff", "--server-side", who, *theirs)
    line.expect(diff.returncode in (0, 1), tree.name, "diffs of the pipeline", f"CI: {diff.stderr.strip()}")
    for path, item in tree.files.items():
        if ADMINISTRATOR not in item["metadata"].get("labels", {}):
            continue
        done = cluster.kubectl(*dry, "--force-conflicts", "-f", path)
        line.expect(
            done.returncode != 0 and "forbidden" in done.stderr.lower(),
            tree.name,
            "objects that only the administrator may apply",
            f"CI can apply {path.name}",
        )
