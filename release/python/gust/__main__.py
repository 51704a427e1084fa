"""`python -m gust` replaces Python with the program gust."""

import os
import sys

from gust import find_gust


def become_gust(args, environ):
    """Replace this process with gust. The first argument is the name by which it is invoked."""
    try:
        os.execve(find_gust(), args, environ)
    except OSError as error:
        sys.exit(f"cannot run gust: {error}")


def main():
    """`python -m gust` runs components with this Python's packages, as an active environment's."""
    environ = dict(os.environ)
    if sys.prefix != sys.base_prefix and not environ.get("VIRTUAL_ENV"):
        environ["VIRTUAL_ENV"] = sys.prefix
    become_gust(["gust", *sys.argv[1:]], environ)


def sparse():
    """The command sparse of the distribution gust-sparse is gust, invoked by that name."""
    become_gust(sys.argv, os.environ)


if __name__ == "__main__":
    main()
