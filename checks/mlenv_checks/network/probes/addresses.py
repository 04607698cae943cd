"""Split an address into its parts; its user and password are not among them."""


def split_address(url: str) -> "tuple[str, str, str, int | None]":
    """Scheme, what may be shown, host and port of an address; pip and requests take one without a scheme for http."""
    from urllib.parse import urlsplit

    try:
        parts = urlsplit(url if "://" in url else "http://" + url)
        host, port = parts.hostname or "", parts.port
    except ValueError:  # a port that is none, brackets that do not close
        return "", "", "", None
    if "@" in url and "@" not in parts.netloc:  # a password with a / ? or # in it: part of it would be taken for a host
        return "", "", "", None
    shown = "%s://%s%s%s" % (parts.scheme, "[%s]" % host if ":" in host else host, ":%d" % port if port else "", parts.path)
    return parts.scheme.lower(), shown, host, port
