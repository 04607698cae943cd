"""The one kind of error that is the user's to mend: its text says what, where and what to do."""


class BadInput(ValueError):
    """Input that cannot be used: an option, a file, a configuration. Ends with exit code 2."""
