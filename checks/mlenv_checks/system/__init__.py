"""The machine: disk, memory, limits, folders for temporary files, the user account and the text encoding."""

MODULES = ("checks", "limits", "folders", "user")
