"""What a check counted and what it found."""

import threading
from collections import Counter


class Line:
    """One line of the result. Many trees write on it at once."""

    def __init__(self, title):
        self.title = title
        self.counts = Counter()
        self.findings = []
        self._lock = threading.Lock()

    def count(self, what, number=1):
        """Notes that something was looked at and is as it should be."""
        with self._lock:
            self.counts[what] += number

    def find(self, tree, message):
        """Notes that something is wrong."""
        with self._lock:
            self.findings.append(f"{tree}: {message}")

    def expect(self, holds, tree, what, message):
        """Counts `what`, or finds `message`."""
        if holds:
            self.count(what)
        else:
            self.find(tree, message)
        return holds

    def __str__(self):
        numbers = ", ".join(f"{number} {what}" for what, number in self.counts.items() if number)
        state = f"{len(self.findings)} FOUND" if self.findings else "ok"
        return f"{self.title}: {numbers or 'nothing looked at'}; {state}"
