"""Files that survive the processes: what was emitted, processed and acked."""
import os


def append(directory, name, line):
    with open(os.path.join(directory, name), "a") as file:
        file.write(line + "\n")


def lines(directory, name):
    try:
        with open(os.path.join(directory, name)) as file:
            return file.read().split()
    except FileNotFoundError:
        return []


def has(directory, name):
    return os.path.exists(os.path.join(directory, name))
