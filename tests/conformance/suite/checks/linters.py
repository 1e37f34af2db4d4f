"""Linters: what the field's own tools say about a tree. No finding, but for the exceptions."""

import json
import re
from dataclasses import dataclass

from suite.tools import HERE, Broken, call

EXCEPTIONS = HERE / "exceptions.yaml"
README = HERE / "README.md"
PROJECT_README = README.parents[2] / "README.md"
# The first three judge by the version of Kubernetes; what the others say is the same for all.
VERSIONED = ("kubeconform", "kubernetes-validate", "kube-score")
TOOLS = (*VERSIONED, "checkov", "yamllint")


@dataclass(frozen=True)
class Finding:
    """What one tool says about one file or object."""

    tool: str
    rule: str
    place: str
    message: str


class Exceptions:
    """The rules that are wrong for production use. An entry that excuses nothing is a finding itself."""

    def __init__(self, tools):
        self._entries = tools.read([EXCEPTIONS])[0][0]
        for entry in self._entries:
            if set(entry) != {"tool", "rule", "why", "decision"} or entry["tool"] not in TOOLS:
                raise Broken(f"an entry of {EXCEPTIONS.name} needs tool, rule, why and decision: {entry}")
        self._used = set()

    def excuse(self, finding):
        """Whether the finding is excused."""
        for index, entry in enumerate(self._entries):
            if (entry["tool"], entry["rule"]) == (finding.tool, finding.rule):
                self._used.add(index)
                return True
        return False

    def __len__(self):
        return len(self._entries)

    def unshown(self):
        """The entries that the suite's README does not show in full, or the project's not at all."""
        full = README.read_text()
        short = PROJECT_README.read_text()

        def is_shown(one):
            return f"| {one['tool']} | `{one['rule']}` |" in full and f"`{one['rule']}`" in short

        return [one for one in self._entries if not is_shown(one)]

    def unused(self):
        """The entries that nothing needs."""
        return [one for index, one in enumerate(self._entries) if index not in self._used]


def check(line, tools, tree, exceptions, names=TOOLS):
    """Runs linters over a tree."""
    for name in names:
        looked, findings = _RUN[name](tools, tree)
        if not looked:
            line.find(tree.name, f"{name} has looked at nothing")
        line.count(f"looks of {name}", looked)
        for finding in findings:
            if exceptions.excuse(finding):
                line.count("excused")
            else:
                line.find(
                    f"{tree.name} for {tree.version}",
                    f"{finding.tool} {finding.rule}: {finding.place}: {finding.message}",
                )


def _paths(tree):
    return [str(path) for path in tree.files]


def _kubeconform(tools, tree):
    command = [tools.program("kubeconform"), "-strict", "-verbose", "-output", "json"]
    for folder in (f"{tools.schemas}/{tree.version}", tools.crds / "schemas"):
        command += ["-schema-location", f"{folder}/{{{{ .ResourceKind }}}}{{{{ .KindSuffix }}}}.json"]
    done = call([*command, *_paths(tree)])
    try:
        resources = json.loads(done.stdout)["resources"]
    except (ValueError, KeyError) as wrong:
        raise Broken(f"kubeconform: {done.stderr}{done.stdout}") from wrong
    found = [
        Finding("kubeconform", one["status"], one["filename"].rpartition("/")[2], one.get("msg", ""))
        for one in resources
        if one["status"] != "statusValid"
    ]
    return len(resources), found


def _kubernetes_validate(tools, tree):
    command = [tools.python, HERE / "crds/validate.py", tools.crds / "schemas"]
    command += ["--strict", "--kubernetes-version", tree.version]
    done = call([*command, *_paths(tree)])
    said = (done.stdout + done.stderr).splitlines()
    passed = [text for text in said if text.startswith("INFO") and "passed" in text]
    wrong = [text for text in said if text.startswith(("ERROR", "WARN"))]
    if done.returncode != 0 and not wrong:
        raise Broken(f"kubernetes-validate: {done.stdout}{done.stderr}")
    return len(passed) + len(wrong), [Finding("kubernetes-validate", "schema", "", text) for text in wrong]


def _kube_score(tools, tree):
    command = [tools.program("kube-score"), "score", "--output-format", "json", "--color", "never"]
    done = call([*command, "--kubernetes-version", f"v{tree.version}", *_paths(tree)])
    try:
        objects = json.loads(done.stdout)
    except ValueError as wrong:
        raise Broken(f"kube-score: {done.stderr}{done.stdout[:500]}") from wrong
    found = []
    for one in objects or []:
        for check_ in one["checks"] or []:
            # 10 is well; 7 is advice, 5 a warning, 1 critical.
            if check_["skipped"] or check_["grade"] >= 10:
                continue
            comments = "; ".join(
                f"{said['summary']} {said['description']}".strip() for said in check_["comments"] or []
            )
            found.append(Finding("kube-score", check_["check"]["id"], one["object_name"], comments))
    return len(objects or []), found


def _checkov(tools, tree):
    command = [tools.script("checkov"), "--framework", "kubernetes", "--output", "json", "--compact", "--quiet"]
    done = call([*command, "--skip-download", "--directory", str(tree.folder)])
    try:
        report = json.loads(done.stdout)
    except ValueError as wrong:
        raise Broken(f"checkov: {done.stderr[-500:]}{done.stdout[:500]}") from wrong
    if "results" not in report or report["summary"].get("parsing_errors"):
        raise Broken(f"checkov: {done.stdout[:500]}")
    found = [
        Finding("checkov", one["check_id"], one["resource"], one["check_name"])
        for one in report["results"]["failed_checks"]
    ]
    return report["summary"]["passed"] + report["summary"]["failed"], found


def _yamllint(tools, tree):
    done = call([tools.script("yamllint"), "--format", "parsable", "--config-data", "extends: default", *_paths(tree)])
    found = []
    for text in done.stdout.splitlines():
        match = re.fullmatch(r"(.*?):(\d+):\d+: \[\w+\] (.*) \(([\w-]+)\)", text)
        if not match:
            match = re.fullmatch(r"(.*?):(\d+):\d+: \[\w+\] (.*)()", text)
        if not match:
            raise Broken(f"yamllint: {text}")
        place = f"{match[1].rpartition('/')[2]}:{match[2]}"
        found.append(Finding("yamllint", match[4] or "syntax", place, match[3]))
    if done.returncode != 0 and not found:
        raise Broken(f"yamllint: {done.stderr}")
    return len(tree.files), found


_RUN = {
    "kubeconform": _kubeconform,
    "kubernetes-validate": _kubernetes_validate,
    "kube-score": _kube_score,
    "checkov": _checkov,
    "yamllint": _yamllint,
}
