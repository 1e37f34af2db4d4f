"""What happens in a namespace, as the server tells it: every change of every object, in its order."""

import http.client
import json
import threading
import time
from dataclasses import dataclass

from suite.tools import Broken


@dataclass(frozen=True)
class Change:
    """An object that is new, other or gone."""

    kind: str
    verb: str
    item: dict


@dataclass(frozen=True)
class Mark:
    """From here on, this rule holds."""

    rule: object


class Record:
    """Lists each path and watches it from there, so that nothing between is missed."""

    def __init__(self, cluster, paths):
        self.cluster = cluster
        self.paths = paths
        # Changes and marks, as they come.
        self.entries = []
        self._objects = {kind: {} for kind in paths}
        self._lock = threading.Lock()
        self._watches = []
        self._threads = []
        self._wrong = None
        self._is_over = False

    def __enter__(self):
        for kind, path in self.paths.items():
            listed = self.cluster.get(path)
            for item in listed["items"]:
                self._note(kind, "ADDED", item)
            watch = self.cluster.watch(path, listed["metadata"]["resourceVersion"])
            self._watches.append(watch)
            thread = threading.Thread(target=self._read, args=(kind, watch), daemon=True)
            thread.start()
            self._threads.append(thread)
        return self

    def __exit__(self, *_):
        self._is_over = True
        for watch in self._watches:
            watch.close()
        for thread in self._threads:
            thread.join()

    def _read(self, kind, watch):
        try:
            for text in watch.lines():
                event = json.loads(text)
                if event["type"] == "ERROR":
                    raise Broken(f"the watch of {kind} says {event['object'].get('message')}")
                self._note(kind, event["type"], event["object"])
            raise Broken(f"the watch of {kind} has ended")
        except (OSError, ValueError, http.client.HTTPException, Broken) as wrong:
            if not self._is_over:
                self._wrong = wrong

    def _note(self, kind, verb, item):
        with self._lock:
            self.entries.append(Change(kind, verb, item))
            fold(self._objects, self.entries[-1])

    def mark(self, rule):
        """Notes that another rule holds from now on."""
        with self._lock:
            self.entries.append(Mark(rule))

    def now(self):
        """The objects as they are, by kind and name."""
        if self._wrong:
            # A gap would be an instant that nobody has looked at.
            raise Broken(f"not everything is recorded: {self._wrong}")
        with self._lock:
            return {kind: dict(items) for kind, items in self._objects.items()}

    def catch_up(self, seconds=20):
        """Waits until everything that the server knows of by now is recorded."""
        end = time.monotonic() + seconds
        for kind, path in self.paths.items():
            wanted = {_version(one) for one in self.cluster.get(path)["items"]}
            while not wanted <= self._recorded(kind):
                if time.monotonic() > end:
                    raise Broken(f"the watch of {kind} lags behind by {seconds} s")
                time.sleep(0.1)
        self.now()

    def _recorded(self, kind):
        with self._lock:
            changes = [one for one in self.entries if isinstance(one, Change) and one.kind == kind]
        return {_version(one.item) for one in changes}


def _version(item):
    return item["metadata"]["name"], item["metadata"]["resourceVersion"]


def fold(objects, change):
    """Brings a change into the objects, by kind and name."""
    items, name = objects[change.kind], change.item["metadata"]["name"]
    if change.verb == "DELETED":
        items.pop(name, None)
    else:
        items[name] = change.item
