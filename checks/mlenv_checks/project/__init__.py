"""The project as the patient: is what its code imports there, and was this environment made for it? Versions: see libraries."""

from .facts import Code as Code  # what is wanted depends on it, whichever families are asked for

MODULES = ("installable", "environment", "modules", "names", "folders", "sources")
