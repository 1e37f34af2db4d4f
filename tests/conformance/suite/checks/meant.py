"""Meant: the stored object has every field that we wrote, and to apply it again changes nothing."""

from suite.tools import Broken

_CLUSTER_WIDE = ("Namespace",)


def path_of(item):
    """Where the server has an object."""
    version, kind, meta = item["apiVersion"], item["kind"], item["metadata"]
    root = f"/apis/{version}" if "/" in version else f"/api/{version}"
    plural = kind.lower()
    if plural.endswith("y"):
        plural = plural[:-1] + "ies"
    else:
        plural += "es" if plural.endswith("s") else "s"
    if kind in _CLUSTER_WIDE:
        return f"{root}/{plural}/{meta['name']}"
    return f"{root}/namespaces/{meta['namespace']}/{plural}/{meta['name']}"


class _Comparison:
    def __init__(self):
        self.fields = 0
        self.differences = []

    def walk(self, ours, theirs, path=""):
        if isinstance(ours, dict) and isinstance(theirs, dict):
            # An empty map or list says something too: `podSelector: {}` is every pod.
            self.fields += not ours
            for key, value in ours.items():
                if value is None and theirs.get(key) is None:
                    continue
                if key not in theirs:
                    self.differences.append(f"{path}.{key} is gone")
                else:
                    self.walk(value, theirs[key], f"{path}.{key}")
        elif isinstance(ours, list) and isinstance(theirs, list):
            self.fields += not ours
            if len(ours) != len(theirs):
                self.differences.append(f"{path} has {len(theirs)} items, not {len(ours)}")
            for index, (one, other) in enumerate(zip(ours, theirs)):
                self.walk(one, other, f"{path}[{index}]")
        else:
            self.fields += 1
            # 1 is not True here, and "1" is not 1. Quantities are no exception: ours are written as the server writes.
            if ours == theirs and type(ours) is type(theirs):
                return
            self.differences.append(f"{path} is {theirs!r}, not {ours!r}")


def _stored(cluster, tree):
    found = {}
    for path, item in tree.files.items():
        status, said = cluster.request("GET", path_of(item))
        found[path] = said if status == 200 else None
    return found


def _versions(stored):
    return {path: one["metadata"]["resourceVersion"] for path, one in stored.items() if one}


def _apply_again(line, cluster, tree, where):
    again = cluster.kubectl("apply", "--server-side", "--validate=strict", "-R", "-f", tree.folder)
    if again.returncode != 0:
        line.find(where, f"a second apply fails: {again.stderr.strip()}")
    return _stored(cluster, tree)


def _changed(one, other):
    before, after = _versions(one), _versions(other)
    return [path for path in before if before[path] != after.get(path)]


def _is_default_status(before, after):
    """Whether only the version has changed: a status that a CRD has by default is stored with the first write after
    the creation, and not with that. It happens once, so that whoever says so has to look again."""

    def bare(one):
        meta = {key: value for key, value in one["metadata"].items() if key != "resourceVersion"}
        return {**one, "metadata": meta}

    return bool(after and "status" in after and bare(before) == bare(after))


def check(line, cluster, tree):
    """Looks at a tree that was applied to a cluster in which nobody else writes."""
    if cluster.nodes:
        raise Broken("controllers write to objects: this needs a server alone")
    where = f"{tree.name} on {cluster.version}"
    stored = _stored(cluster, tree)
    for path, item in tree.files.items():
        if stored[path] is None:
            line.find(where, f"{path.name} is not on the server")
            continue
        comparison = _Comparison()
        comparison.walk(item, stored[path])
        line.count("fields as written", comparison.fields - len(comparison.differences))
        for difference in comparison.differences:
            line.find(where, f"{path.name}: {difference}")
    again = _apply_again(line, cluster, tree, where)
    changed = _changed(stored, again)
    if any(_is_default_status(stored[path], again[path]) for path in changed):
        stored, again = again, _apply_again(line, cluster, tree, where)
        changed = _changed(stored, again)
    line.count("objects unchanged by a second apply", len(_versions(stored)) - len(changed))
    for path in changed:
        line.find(where, f"{path.name}: a second apply makes a new resourceVersion")
    for flags in (("--server-side",), ()):
        done = cluster.kubectl("diff", *flags, "-R", "-f", tree.folder)
        what = " ".join(("kubectl diff", *flags))
        said = (done.stdout + done.stderr).strip()
        line.expect(done.returncode == 0 and not said, where, f"empty `{what}`", f"{what}: {said[:600]}")
