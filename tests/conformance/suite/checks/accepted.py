"""Accepted: the server takes every object as it stands, in each order of the files, and warns of nothing."""

from suite.tools import Broken

_APPLY = ("apply", "--server-side", "--validate=strict")
_BARE = {"apiVersion": "v1", "kind": "Namespace"}


def make_namespace(cluster, tree):
    """The namespace of a tree that finds it there, as an administrator makes it."""
    if tree.makes_namespace:
        return
    level = {f"pod-security.kubernetes.io/{one}": "restricted" for one in ("enforce", "warn", "audit")}
    body = {**_BARE, "metadata": {"name": tree.namespace, "labels": level}}
    status, said = cluster.request("POST", "/api/v1/namespaces", body)
    if status not in (201, 409):
        raise Broken(f"the namespace of {tree.name} cannot be made: {said}")


def order_of(tree, order):
    """What kubectl is given: our stream, the folder, which it walks by the alphabet, or the files backwards.

    Our order is that of the alphabet too, so that only the last shows that no object waits for another one.
    """
    if order == "stream":
        return ("-f", "-"), tree.stream
    if order == "backwards":
        # Nothing can be in a namespace that is not there yet.
        paths = sorted(tree.files, key=lambda path: (tree.files[path]["kind"] == "Namespace", path.name), reverse=True)
        return [part for path in paths for part in ("-f", path)], None
    return ("-R", "-f", tree.folder), None


def check(line, cluster, tree, order):
    """Applies `tree` to a cluster that does not have it."""
    make_namespace(cluster, tree)
    files, stdin = order_of(tree, order)
    done = cluster.kubectl(*_APPLY, *files, stdin=stdin)
    applied = [text for text in done.stdout.splitlines() if text.endswith("serverside-applied")]
    where = f"{tree.name} on {cluster.version}, {order}"
    for complaint in done.stderr.strip().splitlines():
        line.find(where, complaint)
    if done.returncode != 0 and not done.stderr.strip():
        line.find(where, f"kubectl ended with {done.returncode}")
    if line.expect(
        len(applied) == len(tree.files), where, "trees applied", f"{len(applied)} of {len(tree.files)} objects"
    ):
        line.count("objects", len(applied))
