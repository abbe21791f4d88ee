"""The address of a record, as it may be shown."""

import re

_SCHEME = re.compile(r"[a-z][a-z0-9+]{0,40}", re.ASCII)


def shown_address(url: str) -> str:
    """An address without what is nobody else's business, a password above all.

    Of a file it is the path. Of all else it is the kind alone: where an address is not written as
    it should be, nobody can tell which part of it the password is.
    """
    kind, separator, _ = url.partition("://")
    if not separator or not _SCHEME.fullmatch(kind):
        return "..."
    return url.partition("?")[0] if kind.startswith("sqlite") else f"{kind}://..."
