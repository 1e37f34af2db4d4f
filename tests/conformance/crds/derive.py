"""Takes CRDs apart: `derive.py SOURCE FOLDER`, with a Python that has PyYAML.

`FOLDER/crds` has the CRDs as JSON, `FOLDER/schemas` a strict JSON schema for each kind, named as kubeconform and
kubernetes-validate look for it, and `FOLDER/short.json` what the schemas say without texts, defaults and rules.
"""

import json
import sys
from pathlib import Path

import yaml

PLURALS = ("grpcroutes", "httproutes", "listenersets")
# Texts, and what only a server can do with a schema.
_NOT_IN_SHORT = ("description", "default", "example", "x-kubernetes-validations")


def _without(node, is_names=False):
    """A schema without what the short form has not; names of properties are no keywords."""
    if isinstance(node, dict):
        return {
            key: _without(value, key == "properties" and not is_names)
            for key, value in sorted(node.items())
            if is_names or key not in _NOT_IN_SHORT
        }
    if isinstance(node, list):
        return [_without(one) for one in node]
    return node


def _strict(node, is_names=False):
    """A schema that refuses what it does not know, in the words of JSON Schema alone."""
    if isinstance(node, list):
        return [_strict(one) for one in node]
    if not isinstance(node, dict):
        return node
    made = {
        key: _strict(value, key == "properties" and not is_names)
        for key, value in node.items()
        if is_names or not (key == "description" or key.startswith("x-kubernetes-"))
    }
    if not is_names and isinstance(made.get("properties"), dict):
        made.setdefault("additionalProperties", False)
    return made


def main(source, target):
    """Writes everything, of the version that is stored."""
    for name in ("crds", "schemas"):
        (target / name).mkdir(parents=True)
    short = {}
    for plural in PLURALS:
        crd = yaml.load((source / f"gateway.networking.k8s.io_{plural}.yaml").read_text(), Loader=yaml.CSafeLoader)
        if crd["metadata"]["annotations"]["gateway.networking.k8s.io/channel"] != "standard":
            raise SystemExit(f"{plural} is not of the standard channel")
        (target / "crds" / f"{plural}.json").write_text(json.dumps(crd))
        names, group = crd["spec"]["names"], crd["spec"]["group"].partition(".")[0]
        (version,) = (one for one in crd["spec"]["versions"] if one["storage"])
        schema = version["schema"]["openAPIV3Schema"]
        file = f"{names['singular']}-{group}-{version['name']}.json"
        strict = {"$schema": "https://json-schema.org/draft/2020-12/schema", **_strict(schema)}
        (target / "schemas" / file).write_text(json.dumps(strict))
        del schema["properties"]["status"]
        short[names["kind"]] = _without(schema)
    lines = (f"{json.dumps(kind)}: {json.dumps(one, separators=(',', ':'))}" for kind, one in short.items())
    (target / "short.json").write_text("{\n" + ",\n".join(lines) + "\n}\n")


if __name__ == "__main__":
    main(*(Path(one) for one in sys.argv[1:]))
