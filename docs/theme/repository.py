"""Brings the pages and sources of the repository that the documentation links to onto the
site, so that a link works in both places. mkdocs calls the functions named on_... (a hook).
"""

import logging
import os
import posixpath
import re

from mkdocs.structure.files import File, InclusionLevel

log = logging.getLogger("mkdocs.hooks.repository")  # with --strict, a warning is an error

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

# Pages outside docs, and their places on the site.
PAGES = {
    "DESIGN.md": "design.md",
    "CHANGELOG.md": "changelog.md",
    "CONTRIBUTING.md": "contributing.md",
    "SECURITY.md": "security.md",
    "test/bench/README.md": "benchmarks.md",
    "python-examples/README.md": "examples/README.md",
}

# The look of the site is that of the web page of a run.
ASSETS = {
    "assets/icon.svg": "ui/page/static/icon.svg",
    "assets/inter.woff2": "ui/page/static/vendor/inter.woff2",
    "assets/jetbrains-mono.woff2": "ui/page/static/vendor/jetbrains-mono.woff2",
}

# Names of highlighting by extension, for sources that are shown as pages.
LANGUAGES = {"py": "python", "js": "javascript", "rb": "ruby", "sh": "sh", "clj": "clojure",
             "toml": "toml", "yaml": "yaml", "json": "json", "go": "go", "service": "ini", "env": "sh"}

# The place on the site of each page and source that is not in docs.
places = {}

LINK = re.compile(r"(\]\()([^)#\s]+)((?:#[^)\s]*)?(?:\s[^)]*)?\))")
CODE = re.compile(r"(?ms)^ *```.*?^ *```|`[^`\n]+`")


def on_config(config):
    config.nav = [listed(entry) for entry in config.nav]
    return config


def listed(entry):
    """A folder in the navigation stands for the pages that its README lists in tables, below its
    headings."""
    if not isinstance(entry, dict):
        return entry
    (title, value), = entry.items()
    if isinstance(value, list):
        return {title: [listed(inner) for inner in value]}
    if not value.endswith("/"):
        return entry
    readme = value + "README.md"
    sources = {place: source for source, place in PAGES.items()}
    pages = sections = [readme]
    for line in text(sources.get(readme, "docs/" + readme)).splitlines():
        if heading := re.match(r"## (.*)", line):
            pages = []
            sections.append({heading[1]: pages})
        for link in re.findall(r"^\| \[[^\]]*\]\(([^)]+)\)", line):
            pages.append(value + link.removesuffix(".md") + ".md")
    return {title: [section for section in sections if isinstance(section, str) or all(section.values())]}


def on_files(files, config):
    places.clear()
    for source, place in PAGES.items():
        add(files, config, source, place, text(source))
    for name in sorted(os.listdir(os.path.join(TOP, "python-examples"))):
        source = f"python-examples/{name}"
        if os.path.exists(os.path.join(TOP, source, "README.md")):
            add(files, config, source, f"examples/{name}.md", folder_page(source))
    for place, source in ASSETS.items():
        files.append(File.generated(config, place, abs_src_path=os.path.join(TOP, source)))
    pages = list(files.documentation_pages())
    while pages:
        file = pages.pop()
        origin = origin_of(file)
        for target in linked(file.content_string, origin):
            if target not in places and not target.startswith("docs/") and has_page(target):
                pages.append(add(files, config, target, f"source/{target}.md", source_page(target), InclusionLevel.NOT_IN_NAV))
    return files


def on_page_markdown(markdown, page, config, files):
    if page.is_homepage:
        page.meta["hide"] = ["navigation", "toc"]
    origin = origin_of(page.file)

    def moved(match):
        target = resolve(match[2], origin)
        if target is None:
            return match[0]
        place = places.get(target) or (target[len("docs/"):] if target.startswith("docs/") else None)
        if place is None:
            log.warning("%s links to %s, which is not on the site", origin, target)
            return match[0]
        return match[1] + posixpath.relpath(place, posixpath.dirname(page.file.src_uri) or ".") + match[3]

    return outside_code(lambda prose: LINK.sub(moved, prose), markdown)


def add(files, config, source, place, content, inclusion=InclusionLevel.INCLUDED):
    """Adds a page to the site. Links to a folder and to its README lead to the same page."""
    if file := files.get_file_from_path(place):
        return file
    file = File.generated(config, place, content=content, inclusion=inclusion)
    files.append(file)
    places[source] = place
    folder, name = posixpath.split(source)
    if name == "README.md":
        places[folder] = place
    elif os.path.isdir(os.path.join(TOP, source)):
        places[source + "/README.md"] = place
    return file


def origin_of(file):
    """The path in the repository of what a page shows."""
    for source, place in places.items():
        if place == file.src_uri:
            if os.path.isdir(os.path.join(TOP, source)):
                return source + "/README.md"
            return source
    return "docs/" + file.src_uri


def resolve(link, origin):
    """The path in the repository to which a link leads, or None for an address elsewhere."""
    if "://" in link or link.startswith("mailto:"):
        return None
    return posixpath.normpath(posixpath.join(posixpath.dirname(origin), link))


def linked(markdown, origin):
    """The paths in the repository to which a page links."""
    links = LINK.finditer(CODE.sub("", markdown))
    return [target for match in links if (target := resolve(match[2], origin))]


def outside_code(change, markdown):
    """Applies change to what is not code."""
    parts, end = [], 0
    for match in CODE.finditer(markdown):
        parts += [change(markdown[end:match.start()]), match[0]]
        end = match.end()
    return "".join(parts + [change(markdown[end:])])


def text(source):
    with open(os.path.join(TOP, source), encoding="utf-8") as file:
        return file.read()


def has_page(path):
    return os.path.isfile(os.path.join(TOP, path)) or os.path.isfile(os.path.join(TOP, path, "README.md"))


def extension(path):
    return path.rpartition(".")[2]


def block(path):
    """The source of a file as a block of code."""
    return f"```{LANGUAGES.get(extension(path), 'text')}\n{text(path).rstrip()}\n```\n"


def source_page(path):
    """A file of the repository, or the README of a folder and all of its files."""
    if os.path.isdir(os.path.join(TOP, path)):
        return folder_page(path)
    return f"# {posixpath.basename(path)}\n\n`{path}`\n\n{block(path)}"


def folder_page(folder):
    """A folder's README and its sources."""
    return text(folder + "/README.md").rstrip() + "\n\n## Files\n" + sources(folder)


def sources(folder):
    """The sources in a folder, each below its path, those of a topology first."""
    paths = []
    for directory, subdirectories, names in os.walk(os.path.join(TOP, folder)):
        subdirectories[:] = [s for s in subdirectories if not s.startswith((".", "__"))]
        paths += [posixpath.join(os.path.relpath(directory, TOP).replace(os.sep, "/"), name) for name in names]
    shown = [path for path in paths
             if extension(path) in LANGUAGES and text(path).strip() and not path.endswith("project.clj")]
    shown.sort(key=lambda path: ("topolog" not in path, path.endswith("config.json"), path))
    return "".join(f"\n### {path[len(folder) + 1:]}\n\n{block(path)}" for path in shown)
