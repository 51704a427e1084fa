"""Finds what a component's class has replaced in pystorm's classes."""


class Originals:
    """pystorm's own methods, saved before any other code could replace them."""

    def __init__(self, *classes):
        self._methods = {
            (owner, name): value for owner in classes for name, value in vars(owner).items()
        }

    def keeps(self, component, *names):
        """Whether each of these methods of a component is pystorm's own."""
        return not self.replaced(component, *names)

    def replaced(self, component, *names):
        """Those of the names that are not pystorm's own code."""
        return [
            name
            for name in names
            if name in vars(component) or not self._is_own(type(component).__mro__, name)
        ]

    def keeps_behind(self, component, owner, name):
        """Whether `owner`'s method reaches pystorm's own if it calls super()."""
        mro = type(component).__mro__
        return self._is_own(mro[mro.index(owner) :], name)

    def _is_own(self, mro, name):
        """Whether all of the classes that define a name are pystorm's.

        All, not only the first: a method that calls super() reaches the others, too.
        """
        return all(
            self._methods.get((owner, name)) is vars(owner)[name]
            for owner in mro
            if name in vars(owner) and owner is not object
        )


def needs_stock(cls):
    """Why pystorm must run a component unchanged, or None.

    It must if the class uses the streams itself, or its own serializer: what the fast
    serializer has already read would be lost.
    """
    if not isinstance(cls, type):
        return "{} is not a class".format(getattr(cls, "__qualname__", cls))
    for owner in cls.__mro__:
        if owner is object or owner.__module__.split(".")[0] in ("pystorm", "streamparse"):
            continue
        if "__getattribute__" in vars(owner):
            return "{} has a __getattribute__".format(owner.__qualname__)
        for name, value in vars(owner).items():
            used = set(_names(value))
            streams = used & {"input_stream", "output_stream"}
            if streams:
                return "{}.{} uses {}".format(owner.__qualname__, name, " and ".join(sorted(streams)))
            if "serializer" in used and _sets_serializer(value):
                return "{}.{} sets its own serializer".format(owner.__qualname__, name)
    return None


def _codes(value):
    """The code objects in an attribute of a class: of functions, of properties, and of
    functions within them."""
    functions = [
        value,
        getattr(value, "__func__", None),
        getattr(value, "__wrapped__", None),
        getattr(value, "fget", None),
        getattr(value, "fset", None),
    ]
    codes = [f.__code__ for f in functions if hasattr(f, "__code__")]
    for code in codes:
        codes.extend(c for c in code.co_consts if isinstance(c, type(code)))
    return codes


def _names(value):
    for code in _codes(value):
        yield from code.co_names


def _sets_serializer(value):
    import dis  # slow to import, and rarely needed

    return any(
        step.opname == "STORE_ATTR" and step.argval == "serializer"
        for code in _codes(value)
        for step in dis.get_instructions(code)
    )
