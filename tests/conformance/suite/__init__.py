"""The conformance suite: Python's standard library, and the programs that `install` builds."""
