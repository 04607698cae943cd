"""The built-in checks. This is their table of contents, and the order of the report."""

from . import (
    agreement,
    conda,
    declared,
    folders,
    gpu,
    imports,
    installing,
    integrity,
    interpreter,
    jupyter,
    libraries,
    limits,
    llm,
    mlflow,
    models,
    names,
    network,
    pairs,
    python,
    rocm,
    session,
    shell,
    sources,
    startup,
    system,
    torch,
    usersite,
    venv,
)
from .catalogue import known_libraries, stages
from .contents import causes, cheatsheet

FAMILIES = (
    python,
    startup,
    interpreter,
    venv,
    shell,
    conda,
    usersite,
    libraries,
    declared,
    agreement,
    integrity,
    names,
    sources,
    pairs,
    models,
    imports,
    jupyter,
    network,
    installing,
    gpu,
    torch,
    rocm,
    mlflow,
    llm,
    system,
    limits,
    folders,
    session,
)
STAGES = stages()
LIBRARIES = known_libraries()
CHEATSHEET = cheatsheet()
CAUSES = causes()
