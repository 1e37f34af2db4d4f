"""Makes kubeconform's schemas from those of the package kubernetes-validate, for it fetches its own from the web.

Run by `install`, with the Python that has the package: `schemas.py FOLDER`. A file a kind, all that it refers to within.
"""

import json
import sys
from importlib.util import find_spec
from pathlib import Path

VERSIONS = ("1.34", "1.35", "1.36", "1.37")
# A schema refers to the file of all definitions, and a definition to the others of that file.
_PREFIXES = ("/api/_definitions.json#/$defs/", "#/$defs/")


def _refs(node, found):
    """Points every reference into the document itself, and notes what it points to."""
    if isinstance(node, dict):
        ref = node.get("$ref", "")
        if isinstance(ref, str) and ref.startswith(_PREFIXES):
            name = ref.rpartition("/")[2]
            found.add(name)
            node = {**node, "$ref": f"#/$defs/{name}"}
        return {key: _refs(value, found) for key, value in node.items()}
    if isinstance(node, list):
        return [_refs(value, found) for value in node]
    return node


def _closed(schema, definitions):
    """The schema with all definitions that it needs."""
    found = set()
    schema = _refs(schema, found)
    kept = {}
    while missing := found - kept.keys():
        for name in sorted(missing):
            kept[name] = _refs(definitions[name], found)
    # With its own address the schema would be looked for there.
    schema.pop("$id", None)
    return {**schema, "$defs": kept}


def _is_kind(schema):
    return bool(schema.get("properties", {}).get("kind", {}).get("enum"))


def main(target):
    """Writes `target/VERSION/KIND-GROUP-VERSION.json` for every kind."""
    package = Path(find_spec("kubernetes_validate").origin).parent
    source = package / "kubernetes-json-schema"
    for version in VERSIONS:
        folder = source / f"v{version}.0-local-strict"
        out = target / version
        out.mkdir(parents=True)
        definitions = json.loads((folder / "_definitions.json").read_text())["$defs"]
        made = 0
        for path in sorted(folder.glob("*.json")):
            schema = json.loads(path.read_text())
            if _is_kind(schema):
                (out / path.name).write_text(json.dumps(_closed(schema, definitions)))
                made += 1
        if made < 50:
            raise SystemExit(f"only {made} kinds of Kubernetes {version}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
