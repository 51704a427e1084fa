"""Tells gust which files components are made of, and what is wrong with files.

The question is {"entries": a list of {"name", "dir", "module" or "file"}, "check":
a list of files}, the answer {"files": {name: [file]}, "broken": [{"file", "line",
"text"}]}. Nothing of the project is imported or run. gust runs it with ask.py of
internal/pyrun.
"""

import ast
import os
import tokenize


def parse(path):
    with tokenize.open(path) as file:
        return ast.parse(file.read(), path)


def files_of(roots, name):
    """The files that the import of a dotted name runs: its packages', too."""
    found = []
    parts = name.split(".")
    for root in roots:
        for n in range(1, len(parts) + 1):
            base = os.path.join(root, *parts[:n])
            for path in (os.path.join(base, "__init__.py"), base + ".py"):
                if os.path.isfile(path):
                    found.append(path)
    return found


def imports_of(path, roots):
    """The files that a file imports."""
    try:
        tree = parse(path)
    except (OSError, SyntaxError, ValueError, RecursionError):
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield from files_of(roots, alias.name)
        elif isinstance(node, ast.ImportFrom):
            start = roots
            if node.level:
                package = os.path.dirname(path)
                for _ in range(node.level - 1):
                    package = os.path.dirname(package)
                start = [package]
            module = node.module or ""
            if module:
                yield from files_of(start, module)
            for alias in node.names:
                yield from files_of(start, (module + "." if module else "") + alias.name)


def graph(entry):
    top = os.path.realpath(entry["dir"])
    if entry.get("file"):
        script = os.path.realpath(os.path.join(top, entry["file"]))
        roots, todo = [os.path.dirname(script)], [script]
    else:
        roots = [top]
        todo = files_of(roots, entry["module"])
    seen = set()
    while todo:
        path = os.path.realpath(todo.pop())
        if path in seen:
            continue
        seen.add(path)
        todo.extend(imports_of(path, roots))
    return sorted(seen)


def broken(paths):
    for path in paths:
        try:
            parse(path)
        except SyntaxError as error:
            yield {"file": path, "line": error.lineno or 0, "text": error.msg}
        except (ValueError, RecursionError) as error:
            yield {"file": path, "line": 0, "text": str(error)}
        except OSError:
            pass  # It has been removed: the modules that import it report that.


def answer(question):
    return {
        "files": {e["name"]: graph(e) for e in question["entries"] or []},
        "broken": list(broken(question["check"] or [])),
    }
