"""The built-in checks. This is their table of contents, and the order of the report."""

from . import gpu, imports, integrity, libraries, llm, mlflow, models, names, pairs, python, sources, system, torch, venv
from .catalogue import known_libraries, stages
from .contents import causes, cheatsheet

FAMILIES = (python, venv, libraries, integrity, names, pairs, sources, models, imports, gpu, torch, mlflow, llm, system)
STAGES = stages()
LIBRARIES = known_libraries()
CHEATSHEET = cheatsheet()
CAUSES = causes()
