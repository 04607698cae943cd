"""Error messages that the user gives or pastes: which fault of the environment they report."""

MODULES = ("checks", "pasted")
