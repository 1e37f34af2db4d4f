"""Ends what the suite has started, also where the suite itself was killed.

A process of its own reads a pipe that only the suite holds. When the pipe closes, for whatever reason, the processes
and folders that it was told of go away.
"""

import subprocess
import sys

_LOOP = """
import os, shutil, signal, sys
pids, folders = set(), []
for line in sys.stdin:
    word, _, rest = line.rstrip("\\n").partition(" ")
    if word == "pid":
        pids.add(int(rest))
    elif word == "ended":
        pids.discard(int(rest))
    elif word == "folder":
        folders.append(rest)
    elif word == "keep":
        pids, folders = set(), [one for one in folders if one != rest]
for pid in pids:
    try:
        os.killpg(pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        pass
for folder in folders:
    shutil.rmtree(folder, ignore_errors=True)
"""


class Reaper:
    """The process that outlives the suite for a moment."""

    def __init__(self):
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-c", _LOOP],
            stdin=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def _tell(self, line):
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()

    def folder(self, path):
        """A folder to remove at the end."""
        self._tell(f"folder {path}")

    def started(self, pid):
        """A process group to end."""
        self._tell(f"pid {pid}")

    def ended(self, pid):
        """A process group that is gone; its number may come to belong to somebody else."""
        self._tell(f"ended {pid}")

    def keep(self, folder):
        """Leaves the processes of the kept cluster, and its folder, alone."""
        self._tell(f"keep {folder}")

    def close(self):
        """Ends everything, and waits until it is gone."""
        self._process.stdin.close()
        self._process.wait()
