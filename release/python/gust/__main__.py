"""`python -m gust` replaces Python with the program gust."""

import os
import sys

from gust import find_gust


def run(name):
    """Become gust, invoked by a name."""
    environ = dict(os.environ)
    if sys.prefix != sys.base_prefix:
        # The components run in this virtual environment, whether it is active or not.
        environ.setdefault("VIRTUAL_ENV", sys.prefix)
    try:
        os.execve(find_gust(), [name, *sys.argv[1:]], environ)
    except OSError as error:
        sys.exit(f"{name}: cannot run gust: {error}")


def sparse():
    """The command sparse of the distribution gust-sparse."""
    run("sparse")


if __name__ == "__main__":
    run("gust")
