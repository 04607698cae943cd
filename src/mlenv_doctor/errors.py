"""The errors that say in their own words what is wrong: nobody else has to translate them."""


class BadInput(ValueError):
    """Input that cannot be used: an option, a file, a configuration. Its text says what, where and what to do; exit code 2."""


class Broken(Exception):
    """A check or plug-in that cannot be used; its text is for the reader as it stands."""
