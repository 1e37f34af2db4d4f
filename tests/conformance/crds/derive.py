"""Takes CRDs apart: `derive.py GATEWAY_API ARGO_ROLLOUTS FOLDER`, with a Python that has PyYAML.

The first two are the folders of the modules' sources. `FOLDER/crds` has the CRDs as JSON, `FOLDER/schemas` a strict
JSON schema for each kind, named as kubeconform and kubernetes-validate look for it, and `FOLDER/short/PROJECT.json`
what the schemas say without texts, defaults, rules, and the pods in them.
"""

import json
import sys
from dataclasses import dataclass
from pathlib import Path

import yaml


@dataclass(frozen=True)
class Project:
    """Whose CRDs they are, where they lie in its module, and what of their schemas the short form leaves out."""

    name: str
    files: str
    # What makes a file's name; in the order of the short form.
    kinds: tuple
    # An annotation that each of them has.
    annotation: tuple | None = None
    # Fields with a pod template, by kind: it is Kubernetes' own, and fills most of a schema.
    pods: tuple = ()


PROJECTS = (
    Project(
        "gateway-api",
        "config/crd/standard/gateway.networking.k8s.io_{}.yaml",
        ("grpcroutes", "httproutes", "listenersets"),
        annotation=("gateway.networking.k8s.io/channel", "standard"),
    ),
    Project(
        "argo-rollouts",
        "manifests/crds/{}-crd.yaml",
        ("analysis-template", "rollout"),
        pods=(("AnalysisTemplate", "spec.metrics.provider.job"), ("Rollout", "spec.template")),
    ),
)
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


def _cut(schema, path):
    """Takes a field out of a schema; a list is stepped into."""
    *ways, last = path.split(".")
    for name in ways:
        schema = schema["properties"][name]
        schema = schema.get("items", schema)
    del schema["properties"][last]


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


def _derive(project, source, target):
    """Writes everything of a project, of the version that is stored."""
    short = {}
    for one in project.kinds:
        crd = yaml.load((source / project.files.format(one)).read_text(), Loader=yaml.CSafeLoader)
        if project.annotation:
            key, value = project.annotation
            if crd["metadata"]["annotations"][key] != value:
                raise SystemExit(f"{one}: {key} is not {value}")
        names, group = crd["spec"]["names"], crd["spec"]["group"].partition(".")[0]
        (target / "crds" / f"{names['plural']}.json").write_text(json.dumps(crd))
        (version,) = (one for one in crd["spec"]["versions"] if one["storage"])
        schema = version["schema"]["openAPIV3Schema"]
        file = f"{names['singular']}-{group}-{version['name']}.json"
        strict = {"$schema": "https://json-schema.org/draft/2020-12/schema", **_strict(schema)}
        (target / "schemas" / file).write_text(json.dumps(strict))
        schema["properties"].pop("status", None)
        for kind, path in project.pods:
            if kind == names["kind"]:
                _cut(schema, path)
        short[names["kind"]] = _without(schema)
    lines = (f"{json.dumps(kind)}: {json.dumps(one, separators=(',', ':'))}" for kind, one in short.items())
    (target / "short" / f"{project.name}.json").write_text("{\n" + ",\n".join(lines) + "\n}\n")


def main(*folders):
    """Writes everything."""
    *sources, target = folders
    for name in ("crds", "schemas", "short"):
        (target / name).mkdir(parents=True)
    for project, source in zip(PROJECTS, sources, strict=True):
        _derive(project, source, target)


if __name__ == "__main__":
    main(*(Path(one) for one in sys.argv[1:]))
