"""What runs when, and what is printed."""

import argparse
import os
import signal
import sys
import tempfile
import time
import traceback
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from suite import crds
from suite.checks import accepted, alive, argo, counts, linters, meant, privilege, reach, spoiled, walk
from suite.cluster import Cluster
from suite.line import Line
from suite.reaper import Reaper
from suite.tools import Broken, Tools, end_all, prodgen
from suite.trees import DEFAULT, VERSIONS, Kitchen
from suite.walk import spoiled as spoiled_walks

_SPOILED_EXAMPLE = "web"
# Trees side by side: most of the time they wait for a pod.
_SIDE_BY_SIDE = 12
# All of them: they wait for pods, one after the other.
_WALKS = len(walk.ALL) + len(spoiled_walks.ALL)


def _arguments():
    parser = argparse.ArgumentParser(prog="run", description=__doc__)
    parser.add_argument("--only", action="append", metavar="NAME", help="one example, preset or walk; may be repeated")
    parser.add_argument("--keep", action="store_true", help="leave the cluster with the trees up")
    parser.add_argument("--versions", default=",".join(VERSIONS), help="versions of Kubernetes (%(default)s)")
    return parser.parse_args()


class _Suite:
    def __init__(self, options, reaper, folder):
        self.options = options
        self.reaper = reaper
        self.versions = [one for one in VERSIONS if one in options.versions.split(",")]
        if set(self.versions) != set(options.versions.split(",")):
            raise Broken(f"--versions takes some of {','.join(VERSIONS)}")
        self.main_version = DEFAULT if DEFAULT in self.versions else self.versions[0]
        self.began = time.monotonic()
        self.tools = Tools.install()
        self.say("the tools are there")
        self.kitchen = Kitchen(self.tools, prodgen(), folder)
        self.lines = {
            name: Line(title)
            for name, title in (
                ("accepted", "Accepted"),
                ("meant", "Meant"),
                ("alive", "Alive"),
                ("privilege", "Least privilege"),
                ("linters", "Linters"),
                ("reach", "Reachability"),
                ("walk", "Walk"),
                ("argo", "Argo"),
                ("spoiled", "It can fail"),
            )
        }
        self.exceptions = linters.Exceptions(self.tools)
        self.trees = self._render()

    def say(self, text):
        print(f"[{time.monotonic() - self.began:5.0f} s] {text}", file=sys.stderr, flush=True)

    def _render(self):
        cases = self.kitchen.cases()
        known = [*cases, *self.walks_by_name(), "walk", argo.NAME]
        only = self.options.only or list(cases)
        if strange := set(only) - set(known):
            raise Broken(f"there is no {', '.join(sorted(strange))}; there are {', '.join(known)}")
        jobs = [(name, version) for version in self.versions for name in cases if name in only]
        with ThreadPoolExecutor(4) as pool:
            trees = list(pool.map(lambda job: self.kitchen.render(job[0], cases[job[0]], job[1]), jobs))
        self.say(f"{len(trees)} trees are rendered for {len(self.versions)} versions")
        return trees

    def walks_by_name(self):
        """The walks, as `--only` calls them."""
        return {f"walk-{one.name}": one for one in walk.ALL}

    def skips(self, name):
        """Whether `--only` leaves a line out."""
        only = set(self.options.only or ())
        if name == "walk":
            return bool(only) and not only & {"walk", *self.walks_by_name()}
        if name == argo.NAME:
            return bool(only) and argo.NAME not in only
        if name == "spoiled":
            return bool(only) and "walk" not in only
        return not self.trees

    def main_trees(self):
        return [one for one in self.trees if one.version == self.main_version]

    def servers(self):
        """Accepted and meant: every version, each order on a server that has nothing yet."""
        if not self.trees:
            return
        for version in self.versions:
            trees = [one for one in self.trees if one.version == version]
            for order in ("stream", "alphabet", "backwards"):
                with Cluster(self.tools, self.reaper, version) as cluster, ThreadPoolExecutor(3) as pool:

                    def look(tree):
                        accepted.check(self.lines["accepted"], cluster, tree, order)
                        if order == "alphabet":
                            meant.check(self.lines["meant"], cluster, tree)

                    list(pool.map(look, trees))
            self.say(f"{version}: accepted and meant")

    def desk(self):
        """Linters and reachability: no server needed."""
        crds.check(self.lines["linters"], self.tools)
        for tree in self.main_trees():
            reach.check(self.lines["reach"], self.tools, tree, self.kitchen.folder / "reach" / tree.name)
        self.say("reachability")

        def lint(tree):
            names = linters.TOOLS if tree.version == self.main_version else linters.VERSIONED
            linters.check(self.lines["linters"], self.tools, tree, self.exceptions, names)

        with ThreadPoolExecutor(2) as pool:
            list(pool.map(lint, self.trees))
        self.say("linters")

    def live(self, cluster):
        """Alive and least privilege, on the main version."""

        def look(tree):
            alive.check(self.lines["alive"], cluster, tree)
            privilege.check(self.lines["privilege"], cluster, tree)

        with ThreadPoolExecutor(_SIDE_BY_SIDE) as pool:
            list(pool.map(look, self.main_trees()))
        self.say("alive and least privilege")

    def walks(self, living):
        """Rollouts in steps, and spoiled ones, each in a namespace of its own."""
        only = self.options.only
        chosen = [one for name, one in self.walks_by_name().items() if not only or {name, "walk"} & set(only)]
        spoiled = spoiled_walks.ALL if not self.skips("spoiled") else ()
        with ThreadPoolExecutor(_WALKS) as pool:
            jobs = [pool.submit(walk.check, self.lines["walk"], living, self.kitchen, one) for one in chosen]
            line = self.lines["spoiled"]
            jobs += [pool.submit(spoiled_walks.check, line, living, self.kitchen, one) for one in spoiled]
            for job in jobs:
                job.result()
        if jobs:
            self.say("walks")

    def argo(self):
        """Takeovers by a Rollout, on a cluster that has its controller."""
        if self.skips(argo.NAME):
            return
        with Cluster(self.tools, self.reaper, self.main_version, nodes=True) as cluster:
            cluster.add_argo_rollouts()
            with ThreadPoolExecutor(len(argo.FORMS) + len(argo.SPOILED) + 2 * len(counts.ENGINES)) as pool:
                jobs = [
                    pool.submit(argo.check, self.lines["argo"], cluster, self.kitchen, form) for form in argo.FORMS
                ]
                # It is that line that they are about, also where `--only` leaves the others out.
                jobs += [
                    pool.submit(argo.check_spoiled, self.lines["argo"], cluster, self.kitchen, one)
                    for one in argo.SPOILED
                ]
                for engine in counts.ENGINES:
                    jobs.append(pool.submit(counts.check, self.lines["argo"], cluster, self.kitchen, engine))
                    jobs.append(pool.submit(counts.check_spoiled, self.lines["argo"], cluster, self.kitchen, engine))
                for job in jobs:
                    job.result()
        self.say("takeovers")

    def spoiled(self, living):
        """Spoiled trees, each in a namespace of its own."""
        if self.options.only:
            return
        cases = self.kitchen.cases()

        def look(one, alone):
            more = (f"name=spoiled-{one.name}", "expose=shop.example.com")
            arguments = [*cases[_SPOILED_EXAMPLE], *(part for key in more for part in ("--set", key))]
            tree = self.kitchen.render(f"spoiled-{one.name}", arguments, self.main_version)
            spoiled.check(self.lines["spoiled"], self.kitchen, (alone, living), tree, one)

        with Cluster(self.tools, self.reaper, self.main_version) as alone:
            with ThreadPoolExecutor(_SIDE_BY_SIDE) as pool:
                list(pool.map(lambda one: look(one, alone), spoiled.ALL))
        self.say("spoiled trees")

    def run(self):
        """Everything. True if nothing was found."""
        with Cluster(self.tools, self.reaper, self.main_version, nodes=True) as living:
            self.say(f"a cluster {self.main_version} is up")
            if any(tree.objects("Rollout") for tree in self.main_trees()):
                living.add_argo_rollouts()
            # One after the other what takes a server's time, beside it what takes none: a server that does not
            # get to answer has nothing to do with the trees.
            self._together((self.walks, living), (self.live, living), (self.desk,))
            self._together((self.argo,), (self.spoiled, living), (self.servers,))
            sound = self.report()
            if self.options.keep:
                self._keep(living)
        return sound

    def _together(self, *parts):
        with ThreadPoolExecutor(len(parts)) as pool:
            for job in [pool.submit(*part) for part in parts]:
                job.result()

    def report(self):
        """Prints the numbers, and what was found."""
        line = self.lines["linters"]
        line.count("exceptions", len(self.exceptions))
        for entry in self.exceptions.unshown():
            line.find("README.md", f"it does not show the exception {entry['tool']} {entry['rule']}")
        if not self.options.only and self.versions == list(VERSIONS):
            for entry in self.exceptions.unused():
                line.find("exceptions.yaml", f"nothing needs the entry {entry['tool']} {entry['rule']}")
        found = 0
        for name, one in self.lines.items():
            if self.skips(name):
                print(f"{one.title}: not run with --only")
                continue
            if not one.counts and not one.findings:
                one.find("the suite", "nothing was looked at")
            print(one)
            for text in sorted(set(one.findings)):
                print(f"  {text}")
            found += len(one.findings)
        checked = sum(sum(one.counts.values()) for one in self.lines.values())
        spent = time.monotonic() - self.began
        print(
            f"conformance: {len(self.main_trees())} services on {', '.join(self.versions)}:"
            f" {checked} things checked, {found} findings, {spent:.0f} s",
            flush=True,
        )
        return found == 0

    def _keep(self, cluster):
        pids = cluster.let_go()
        print(
            f"The cluster stays up: export KUBECONFIG={cluster.kubeconfig}\n"
            f"kubectl is {self.tools.program('kubectl')}\n"
            f"To end it: kill -9 {' '.join(str(one) for one in pids)}; rm -r {cluster.folder}"
        )


def main():
    """Runs the suite: 0 if nothing was found, 1 if something was, 2 if the suite itself is broken."""
    options = _arguments()
    reaper = Reaper()

    def interrupted(number, _frame):
        # Threads wait for servers in many places; ending the servers ends them all.
        end_all()
        reaper.close()
        os._exit(128 + number)

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, interrupted)
    code = 2
    try:
        with tempfile.TemporaryDirectory(prefix="prodgen-trees-") as folder:
            reaper.folder(folder)
            code = 0 if _Suite(options, reaper, Path(folder)).run() else 1
    except Broken as wrong:
        print(f"conformance: {wrong}", file=sys.stderr)
    except Exception:
        traceback.print_exc()
    end_all()
    reaper.close()
    return code
