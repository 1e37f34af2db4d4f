"""Kinds that are not Kubernetes' own: a server has to be told of them, and a copy of their schemas is held against them."""

import json

from suite.tools import ROOT

_COPY = ROOT / "tests/it/schema/gateway-api.json"
_MADE = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"


def make(cluster):
    """Makes the CRDs on a server."""
    for path in sorted((cluster.tools.crds / "crds").glob("*.json")):
        cluster.post(_MADE, json.loads(path.read_text()))


def are_served(cluster):
    """Whether the server answers for all their kinds, which is a moment after it names them."""
    plurals = [path.stem for path in (cluster.tools.crds / "crds").glob("*.json")]
    return all(cluster.request("GET", f"/apis/gateway.networking.k8s.io/v1/{one}")[0] == 200 for one in plurals)


def check(line, tools):
    """The schemas that the program's own tests read are those of the CRDs."""
    is_same = _COPY.read_text() == (tools.crds / "short.json").read_text()
    line.expect(is_same, _COPY.name, "copies of schemas", f"it is not {tools.crds / 'short.json'}: copy that")
