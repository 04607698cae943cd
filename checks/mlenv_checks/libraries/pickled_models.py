"""Do the project's pickled models suit the libraries that would load them?"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import groupby

from mlenv_doctor.api import Finding, Missing, Why, check, fix, ok, skip, unknown, warn
from mlenv_doctor.patient import Libraries

from .dependencies import satisfies
from .facts import ModelFile, Models


@check("libraries.models", causes=("model-version-mismatch",))
def models_suit_the_libraries(models: Models | Missing, libraries: Libraries) -> Iterator[Finding]:
    """Saved models.

    A pickle holds the inner life of its library. Another version may refuse it, or load it and predict something else.
    """
    if isinstance(models, Missing):
        say = skip if models.kind == Why.NOT_ASKED else unknown
        yield say(f"the project's models could not be checked: the probe {models.reason}")
        return
    found = [*_of_scikit_learn(models, libraries), *_of_numpy(models, libraries)]
    yield from found
    if models.files and not found:
        yield ok(f"{len(models.files)} models match the installed versions")


def _of_scikit_learn(models: Models, libraries: Libraries) -> Iterator[Finding]:
    """One warning for each version that is another than the installed one; patches of one minor version understand each other."""
    installed = libraries.find("scikit-learn")
    if not installed or not installed.version:
        return
    other = [file for file in models.files if file.scikit_learn and _minor(file.scikit_learn) != _minor(installed.version)]
    for version, files in groupby(sorted(other, key=lambda file: file.scikit_learn), key=lambda file: file.scikit_learn):
        names = _names(list(files))
        message = f"{names} saved with scikit-learn {version}; scikit-learn {installed.version} is installed"
        yield warn("model-version-mismatch", message, fix=fix("models.same-version", version=version))


def _of_numpy(models: Models, libraries: Libraries) -> Iterator[Finding]:
    """numpy has known the new names of its modules since 1.26; before, it cannot load what numpy 2 saved."""
    installed = libraries.find("numpy")
    files = [file for file in models.files if file.numpy_2]
    if files and installed and installed.version and satisfies(installed.version, "<1.26"):
        message = f"{_names(files)} saved with numpy 2, which numpy {installed.version} cannot load"
        yield warn("model-version-mismatch", message, fix=fix("libs.satisfy", packages=("numpy>=1.26,<2",)))


def _minor(version: str) -> str:
    found = re.match(r"\d+\.\d+", version)
    return found[0] if found else version


def _names(files: list[ModelFile]) -> str:
    """The first of some files, how many more there are, and the verb."""
    more = f" and {len(files) - 1} more were" if len(files) > 1 else " was"
    return files[0].path + more
