"""It can fail: walks with one thing wrong in a commit, each caught by what was recorded."""

import re
from dataclasses import dataclass

from suite.checks import walk
from suite.checks.walk import Move, Walk
from suite.line import Line
from suite.tools import Broken
from suite.walk import gateway

_POLICY = (3, (34, 67))
# Whoever waits for what is not committed, or for pods that stay, waits long.
_START, _ABORT = (Move(f"canary {verb}", until="planned") for verb in ("start", "abort"))
_BACK = (_START, _ABORT)


@dataclass(frozen=True)
class Spoiled:
    """What is wrong with a walk, and what must be said about it."""

    walk: Walk
    # Which of the commits, from 0, has a wrong file; none where something else is wrong.
    at: int | None
    file: str
    # A regular expression, and what takes the place of its first match.
    change: tuple
    # Regular expressions, for each of which there must be a finding.
    said: tuple
    # A regular expression of each wait, and what takes its place.
    wait: tuple = ()

    def command(self, wait):
        """The wait that is run."""
        if not self.wait:
            return wait
        changed, count = re.subn(*self.wait, wait)
        if count != 1:
            raise Broken(f"{self.walk.name}: there is no wait to spoil")
        return changed

    def __call__(self, index, folder):
        """Spoils the commit, where it is the one."""
        if index != self.at:
            return False
        path = folder / self.file.format(app=f"walk-{self.walk.name}")
        changed, count = re.subn(*self.change, path.read_text(), count=1)
        if count != 1:
            raise Broken(f"{self.walk.name}: there is nothing to spoil")
        path.write_text(changed)
        return True


def _one(name, at, file, change, *said, way=_BACK, wait=(), **more):
    return Spoiled(Walk(name, *_POLICY, way, **more), at, file, change, said, wait)


_ROUTE = "httproute-{app}.yaml"
_STABLE, _CANARY = "deployment-{app}.yaml", "deployment-{app}-canary.yaml"
_IMAGE = r"image: \S+"
ALL = (
    _one(
        "shrinks-early",
        0,
        _STABLE,
        (r"replicas: 3", "replicas: 2"),
        r"1 start: 2 ready pods, and there must be 3",
    ),
    _one(
        "stable-too",
        0,
        _STABLE,
        (_IMAGE, "image: registry.example.com/conformance/walk:2.0.0"),
        r"1 start: a pod of stable is made that runs \S+:2\.0\.0",
    ),
    # Files of the new version, which are called by what they hold.
    _one(
        "reads-early",
        0,
        _STABLE,
        (r"name: walk-reads-early-[0-9a-f]{10}", "name: walk-reads-early-cd834d3544"),
        r"1 start: a pod of stable is made that runs \S+:1\.0\.0 with mode = new",
        config=True,
    ),
    _one(
        "too-many",
        0,
        _CANARY,
        (r"replicas: 1", "replicas: 2"),
        r"1 start: the canary has 40%, 2 of 5 ready pods, and 34 % is the most",
        r"there are 3 of stable and 2 of the canary",
        way=(Move("canary start"), _ABORT),
        # All of them are waited for: there is a moment with as many as planned.
        wait=(r'= "3 1 ', '= "3 2 '),
    ),
    _one(
        "stays",
        1,
        _CANARY,
        (r"replicas: 0", "replicas: 1"),
        r"2 abort: there are 3 of stable and 1 of the canary",
    ),
    # Back, and the canary away before stable is there.
    _one(
        "leaves-early",
        2,
        _CANARY,
        (r"replicas: 2", "replicas: 0"),
        r"3 abort: 2 ready pods, and there must be 3",
        way=(Move("canary start"), Move("canary step"), _ABORT),
    ),
    # A comment, which the server never hears of.
    _one("other-bytes", 1, _STABLE, (r"# ", "# - "), r"other bytes at the end than before: \S+/deployment-"),
    # A weight before there are pods to take it.
    _one(
        "weight-early",
        0,
        _ROUTE,
        (r"weight: 0", "weight: 25"),
        r"1 start: Service \S+-canary is sent traffic and has no ready pod",
        r"1 start: the canary has 20%.* and 0 % is the most",
        engine="gateway",
    ),
    # Pods that go with the weight, while the gateway still leads to them.
    _one(
        "pods-early",
        2,
        _CANARY,
        (r"replicas: 3", "replicas: 0"),
        r"3 abort: Service \S+-canary is sent traffic and has no ready pod",
        way=(Move("canary start"), Move("canary step"), _ABORT),
        engine="gateway",
        lag=(20, 20),
    ),
    # Testers who are led to pods that are not there yet.
    _one(
        "testers-early",
        0,
        _ROUTE,
        (
            r"  rules:\n",
            "  rules:\n    - matches: [{headers: [{name: x-canary, value: always}]}]\n"
            "      backendRefs: [{name: walk-testers-early-canary, port: 80}]\n",
        ),
        r"1 start: Service \S+-canary is sent traffic and has no ready pod",
        r"1 start: testers meet the canary with 0 to 100 %, and planned is 0 to 0 %",
        engine="gateway",
        testers=True,
    ),
    # And some who are led past them.
    _one(
        "testers-led-away",
        2,
        _ROUTE,
        (r"- name: (walk-\S+)-canary\n", r"- name: \1\n"),
        r"3 step: testers meet the canary with 0 to 100 %, and planned is 100 to 100 %",
        way=(Move("canary start"), Move("canary step"), Move("canary step", until="planned")),
        engine="gateway",
        testers=True,
    ),
    # A wait that believes another controller. The first step waits for pods too, and they may take as long.
    _one(
        "waits-for-another",
        None,
        "",
        (),
        r"[23] step: the wait ends before the gateway leads so",
        way=(Move("canary start"), Move("canary step"), Move("canary step")),
        engine="gateway",
        lag=(20, 20),
        others=(gateway.LIAR,),
    ),
    # Waits that look at what is ready and not at what it is, so that they end before their apply.
    _one(
        "waits-for-nothing",
        None,
        "",
        (),
        r"1 start: the wait ends before its apply",
        way=(Move("canary start"), Move("canary abort")),
        wait=(r"^until \[ .*? \]; do sleep 5; done && ", ""),
    ),
    _one(
        "waits-for-no-share",
        None,
        "",
        (),
        r"3 step: the wait ends before its apply",
        way=(Move("canary start"), Move("canary step"), Move("canary step")),
        engine="gateway",
        wait=(r"until [^|;]* \| grep -qx \S+; do sleep 5; done && ", ""),
    ),
    # The pods of a canary are no pods of stable.
    _one(
        "stable-shrinks",
        0,
        _STABLE,
        (r"replicas: 3", "replicas: 2"),
        r"1 start: 2 ready pods, and there must be 3",
        engine="gateway",
    ),
)


def check(line, cluster, kitchen, one):
    """Walks a spoiled walk, and looks for what must be said."""
    mine = Line("")
    walk.check(mine, cluster, kitchen, one.walk, one)
    missed = [said for said in one.said if not any(re.search(said, text, re.S) for text in mine.findings)]
    line.expect(
        not missed,
        one.walk.name,
        "spoiled walks caught",
        f"the check `walk` does not catch it; it says {mine.findings[:3] or 'nothing'}",
    )
