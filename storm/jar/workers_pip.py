"""Runs pip for the workers' Python. pip can install for another Python than its
own, but asks its own what a condition such as `; python_version < "3.11"` comes
to, and would leave out what the workers need. The first argument has the answers
of theirs."""
import json
import runpy
import sys

from pip._vendor.packaging import markers

theirs = json.loads(sys.argv.pop(1))
ours = markers.default_environment
markers.default_environment = lambda: dict(ours(), **theirs)
runpy.run_module("pip", run_name="__main__", alter_sys=True)
