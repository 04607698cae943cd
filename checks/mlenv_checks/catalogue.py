"""To be filled in."""


def known_libraries():
    return ()


def stages():
    return ()
