"""Kinds that are not Kubernetes' own: a server has to be told of them, and copies of their schemas are held against them."""

import json

from suite.tools import ROOT

_COPIES = ROOT / "tests/it/schema"
_MADE = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"


def _all(tools):
    return [json.loads(path.read_text()) for path in sorted((tools.crds / "crds").glob("*.json"))]


def make(cluster):
    """Makes the CRDs on a server."""
    for one in _all(cluster.tools):
        cluster.post(_MADE, one)


def are_served(cluster):
    """Whether the server answers for all their kinds, which is a moment after it names them."""
    for one in _all(cluster.tools):
        plural, (version,) = one["spec"]["names"]["plural"], (v for v in one["spec"]["versions"] if v["storage"])
        if cluster.request("GET", f"/apis/{one['spec']['group']}/{version['name']}/{plural}")[0] != 200:
            return False
    return True


def check(line, tools):
    """The schemas that the program's own tests read are those of the CRDs, all of them and no others."""
    made = {path.name: path for path in (tools.crds / "short").glob("*.json")}
    copies = {path.name: path for path in _COPIES.glob("*.json")}
    for name in sorted(made.keys() | copies.keys()):
        if name not in made:
            line.find(name, "there are no CRDs that it is made from")
            continue
        is_same = name in copies and copies[name].read_text() == made[name].read_text()
        message = f"it is not {made[name]}: {_difference(copies.get(name), made[name])}; copy that"
        line.expect(is_same, name, "copies of schemas", message)


def _difference(copy, made):
    """The first place where two files of schemas differ, in words."""
    if copy is None:
        return "there is no copy"
    try:
        read = json.loads(copy.read_text())
    except ValueError as wrong:
        return f"the copy is no JSON: {wrong}"
    return _differs(read, json.loads(made.read_text()), "") or "the same in other words"


def _differs(copy, made, path):
    if isinstance(copy, dict) and isinstance(made, dict):
        for key in sorted(copy.keys() | made.keys()):
            if key not in copy or key not in made:
                return f"{path}/{key} is only in the {'copy' if key in copy else 'CRD'}"
            if said := _differs(copy[key], made[key], f"{path}/{key}"):
                return said
        return None
    return None if copy == made else f"{path} is {json.dumps(copy)[:80]}, and {json.dumps(made)[:80]} in the CRD"
