"""The releases of pystorm and streamparse that the fast runner is tested with."""

PYSTORM = ((3, 1),)
STREAMPARSE = (3, 4, 5)


def unknown(pystorm_version, streamparse_version):
    """Why these releases are not known to work, or None."""
    if pystorm_version[:2] not in PYSTORM:
        return "pystorm {} is not a tested release".format(dotted(pystorm_version))
    if streamparse_version[0] not in STREAMPARSE:
        return "streamparse {} is not a tested release".format(dotted(streamparse_version))
    return None


def dotted(version):
    """A version with dots."""
    return ".".join(map(str, version))
