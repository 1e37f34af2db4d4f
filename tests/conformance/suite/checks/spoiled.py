"""It can fail: trees with one thing wrong, each caught by the check that should catch it."""

import re
from dataclasses import dataclass

from suite.checks import accepted, alive, linters, meant, privilege, reach
from suite.line import Line
from suite.tools import Broken


@dataclass(frozen=True)
class Spoiled:
    """One thing wrong: in which file, what becomes what, and what must be said about it."""

    name: str
    check: str
    file: str
    # A regular expression and what takes the place of its first match; None removes the file.
    change: tuple | None
    # Regular expressions, for each of which there must be a finding.
    said: tuple


ALL = (
    Spoiled(
        "misspelt-field",
        "accepted",
        "deployment-",
        (r"terminationGracePeriodSeconds:", "terminationGracePeriodSecond:"),
        (r"terminationGracePeriodSecond: field not declared",),
    ),
    Spoiled(
        "field-of-another-version",
        "meant",
        "deployment-",
        # Published in the schema, and dropped without a word by a server that has the feature off.
        (r"(\n +)lifecycle:", r"\1lifecycle:\1  stopSignal: SIGUSR1"),
        (r"stopSignal is gone",),
    ),
    Spoiled(
        "privileged-pod",
        "alive",
        "deployment-",
        # Both fields, for the server refuses a pod that contradicts itself before it asks Pod Security.
        (
            r"allowPrivilegeEscalation: false(\n +)privileged: false",
            r"allowPrivilegeEscalation: true\1privileged: true",
        ),
        (r"FailedCreate at ReplicaSet.*violates PodSecurity",),
    ),
    Spoiled(
        "root-user",
        "accepted",
        "deployment-",
        (r"runAsUser: \d+", "runAsUser: 0"),
        (r"would violate PodSecurity.*runAsUser=0",),
    ),
    # It has room for full scale and surge, and none for pods that are still ending.
    Spoiled("small-quota", "alive", "resourcequota-", (r'pods: "\d+"', 'pods: "16"'), (r"exceeded quota",)),
    Spoiled(
        "selector-of-nothing",
        "alive",
        "service-",
        (r'(selector:\n(?:.*\n)*? +app.kubernetes.io/name): "[^"]+"', r'\1: "nobody"'),
        (r"leads to 0 addresses",),
    ),
    Spoiled(
        "token-for-all",
        "alive",
        "deployment-",
        (r"automountServiceAccountToken: false", "automountServiceAccountToken: true"),
        (r"has 1 tokens, and asks for 0",),
    ),
    Spoiled("missing-policy", "reach", "default-deny", None, (r"is open, and nobody declared it",)),
    Spoiled("missing-dns", "reach", "allow-dns", None, (r"to DNS .* 53, is declared, and shut",)),
    Spoiled(
        "policy-on-the-port-of-the-service",
        "reach",
        "allow-callers",
        (r"port: 8080", "port: 80"),
        (r"to ours .*TCP 8080, is declared, and shut",),
    ),
    Spoiled(
        "gateway-of-another-name",
        "reach",
        "allow-gateway",
        (r"gateway-name: public", "gateway-name: private"),
        (r"declared \(gateway-system\) to ours .*TCP 8080, is declared, and shut",),
    ),
    Spoiled(
        "everybody-beside-the-gateway",
        "reach",
        "allow-gateway",
        (r" +podSelector:\n +matchLabels:\n +gateway\S+: public\n", ""),
        (r"declared namespace, other labels \(gateway-system\) to ours .*TCP 8080, is open, and nobody declared",),
    ),
    Spoiled(
        "field-of-the-experimental-channel",
        "accepted",
        "httproute-",
        (r"(\n +)backendRefs:", r"\1retry: {attempts: 3}\1backendRefs:"),
        (r"unknown field .*retry|retry: field not declared",),
    ),
    Spoiled(
        "path-with-a-detour",
        "accepted",
        "httproute-",
        # A rule of the CRD that no schema has.
        (r"value: /\n", "value: /a//b\n"),
        (r"must not contain '//'",),
    ),
    Spoiled(
        "misspelt-for-linters-of-a-route",
        "linters",
        "httproute-",
        (r"hostnames:", "hostname:"),
        (r"kubeconform .*hostname\b", r"kubernetes-validate .*hostname\b"),
    ),
    Spoiled(
        "wildcard-role",
        "privilege",
        "-deployer",
        (r"verbs: \[get, list, watch, create, update, patch\]", 'verbs: ["*"]'),
        (r"CI may delete deployments",),
    ),
    Spoiled(
        "latest-image",
        "linters",
        "deployment-",
        (r"image: (\S+):[\w.]+", r"image: \1:latest"),
        (r"kube-score container-image-tag", r"checkov CKV_K8S_14"),
    ),
    Spoiled(
        "misspelt-for-linters",
        "linters",
        "deployment-",
        (r"terminationGracePeriodSeconds:", "terminationGracePeriodSecond:"),
        (r"kubeconform .*terminationGracePeriodSecond\b", r"kubernetes-validate .*terminationGracePeriodSecond\b"),
    ),
    Spoiled("trailing-space", "linters", "networkpolicy-.*dns", (r"\nspec:", r"\nspec: "), (r"yamllint trailing-spaces",)),
    Spoiled(
        "budget-of-none",
        "alive",
        "poddisruptionbudget-",
        (r"maxUnavailable: .*", "maxUnavailable: 0"),
        (r"a disruption that the budget allows",),
    ),
)


def spoil(kitchen, tree, one):
    """A copy of `tree` with one thing wrong."""
    copy = kitchen.copy(tree, one.name)
    paths = [path for path in copy.files if re.search(one.file, path.name)]
    if len(paths) != 1:
        raise Broken(f"{one.name}: {len(paths)} files are called {one.file}")
    if one.change is None:
        paths[0].unlink()
    else:
        text = paths[0].read_text()
        pattern, instead = one.change
        changed, count = re.subn(pattern, instead, text, count=1)
        if count != 1:
            raise Broken(f"{one.name}: there is nothing to spoil")
        paths[0].write_text(changed)
    return kitchen.load(copy)


def _accepted(line, kitchen, alone, living, tree):
    accepted.check(line, alone, tree, "alphabet")


def _meant(line, kitchen, alone, living, tree):
    accepted.check(Line(""), alone, tree, "alphabet")
    meant.check(line, alone, tree)


def _alive(line, kitchen, alone, living, tree):
    alive.check(line, living, tree)


def _privilege(line, kitchen, alone, living, tree):
    accepted.check(Line(""), living, tree, "alphabet")
    privilege.check(line, living, tree)


def _reach(line, kitchen, alone, living, tree):
    reach.check(line, kitchen.tools, tree, kitchen.folder / "reach" / tree.name)


def _linters(line, kitchen, alone, living, tree):
    linters.check(line, kitchen.tools, tree, linters.Exceptions(kitchen.tools))


_CHECKS = {
    "accepted": _accepted,
    "meant": _meant,
    "alive": _alive,
    "privilege": _privilege,
    "reach": _reach,
    "linters": _linters,
}


def check(line, kitchen, clusters, tree, one):
    """Spoils a sound tree and lets the check look at it."""
    alone, living = clusters
    mine = Line(one.check)
    _CHECKS[one.check](mine, kitchen, alone, living, spoil(kitchen, tree, one))
    missed = [said for said in one.said if not any(re.search(said, text, re.S) for text in mine.findings)]
    line.expect(
        not missed,
        one.name,
        "spoiled trees caught",
        f"the check `{one.check}` does not catch it; it says {mine.findings[:3] or 'nothing'}",
    )
