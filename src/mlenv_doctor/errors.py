"""The errors that say in their own words what is wrong: nobody else has to translate them."""


class Plain(Exception):
    """An error whose text is all that has to be said: IPython shows it without a traceback."""

    def _render_traceback_(self) -> list[str]:
        """What IPython prints instead of a traceback."""
        return [f"{type(self).__name__}: {self}"]


class BadInput(Plain, ValueError):
    """Input that cannot be used: an option, a file, a configuration. Its text says what, where and what to do; exit code 2."""


class Failed(Plain, RuntimeError):
    """The doctor cannot work; the text says why."""


class Broken(Exception):
    """A check or plug-in that cannot be used; its text is for the reader as it stands."""
