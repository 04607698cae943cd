"""What installers say: no matching distribution, conflicts, and builds that fail."""

from __future__ import annotations

import re

from packaging.utils import canonicalize_name

from ..reading import Cure, Kind, Reading
from .common import Case, candidate

NO_MATCH = re.compile(
    r"(?:Could not find a version that satisfies the requirement"
    r"|No matching distribution found for)"
    r" (?P<name>[A-Za-z0-9][\w.-]*)(?P<extras>\[[^\]\n]*\])?(?P<spec>\s?(?:[=<>!~]=?=?"
    r"|@)[^\s(;]*(?:,\s?[=<>!~]=?[^\s(;]*)*)?(?:[^(\n]*\(from versions: (?P<versions>[^)\n]{0,6000}))?"
)
BUILD = re.compile(
    r"Failed building wheel for (?P<name>[\w.-]+)|Could not build wheels for (?P<name2>[\w.-]+)"
    r"|Failed to build (?:installable wheels for some pyproject\.toml based projects \()?(?P<name3>[\w.-]+)"
    r"|metadata-generation-failed|subprocess-exited-with-error|Failed to build `(?P<name4>[\w.-]+)"
)
SDIST = re.compile(
    r"(?:Downloading|Using cached) (?:\S*/)?(?P<name>[A-Za-z][\w.]*?(?:-[A-Za-z]\w*)*)-(?P<version>\d[\w.]*)\.(?:tar\.gz|zip)"
)
NUMPY_NEW = {"3.12": "1.26", "3.13": "2.1", "3.14": "2.3.2"}


def no_distribution(case: Case) -> Reading | None:
    """pip finds nothing that fits: Python too new or old, a platform without wheels, another index, or a wrong name."""
    found = list(NO_MATCH.finditer(case.trace.text))
    if not found:
        return None
    best = next((m for m in found if m["versions"] is not None), found[-1])
    name, spec = best["name"].lower(), (best["spec"] or "").strip()
    versions = (best["versions"] or "").strip()
    local = re.search(r"==\s?([\w.]+)\+(\w+)", spec)
    if local:
        return _local_version(case, name, local[1], local[2], versions)
    if versions and versions != "none":
        newest = versions.rsplit(",", 1)[-1].strip()
        return _no_such(case, name, spec, newest)
    return _nothing(case, name, spec)


def _if_known(case: Case, name: str, asked: str) -> tuple[str, ...]:
    """A requirement, where its name is certainly that of a distribution."""
    return (asked,) if case.is_known(canonicalize_name(name)) else ()


def _local_version(case: Case, name: str, version: str, build: str, versions: str) -> Reading:
    """A version such as 2.1.0+cu118: of JAX there is none any more, of others on another index, or for older Pythons."""
    if name.startswith("jax"):
        return Reading(
            Kind.ENVIRONMENT,
            f"There is no {name} {version}+{build}: JAX delivers CUDA as plugins since 0.4.26",
            "no-such-version",
            name,
            Cure("Install jax with its CUDA extra: the +cuda builds are no longer made", install=("jax[cuda12]",), upgrade=True),
        )
    index = f"https://download.pytorch.org/whl/{build}" if name.startswith("torch") else ""
    listed = [text.strip() for text in versions.split(",")]
    if versions == "none" or (version not in listed and len(versions) > 6 and version < listed[0]):
        return _for_older_pythons(name, version, build, index)
    return Reading(
        Kind.ENVIRONMENT,
        f"{name} {version}+{build} is not on PyPI: builds with a +{build} are only on the project's own index",
        "local-version-needs-extra-index",
        name,
        Cure(
            f"Add the index that has the +{build} builds",
            install=_if_known(case, name, f"{name}=={version}+{build}"),
            options=("--extra-index-url", index) if index else (),
            notes=(f"Or leave out +{build}: {name}=={version}",),
        ),
        (
            candidate(
                "python-too-new",
                f"{name} {version} has no wheel for this Python, which is newer",
                "`python --version`",
                Cure("Use an older Python (3.9 to 3.11 for old pins), or a newer torch"),
            ),
            candidate("no-wheel-for-platform", f"{name} has no +{build} build for this system (macOS and ARM have none)"),
        ),
    )


def _for_older_pythons(name: str, version: str, build: str, index: str) -> Reading:
    return Reading(
        Kind.ENVIRONMENT,
        f"{name} {version}+{build} has no wheel for this Python or platform: old releases were built for older Pythons only",
        "python-too-new",
        name,
        Cure(
            f"Use the Python that {name} {version} was built for (3.9 to 3.11 for old pins), or install a newer {name}",
            notes=(f"With that Python: pip install {name}=={version}+{build} --extra-index-url {index}",) if index else (),
        ),
        (
            candidate(
                "local-version-needs-extra-index",
                f"builds with +{build} are only on another index, and --extra-index-url {index} is missing",
            ),
        ),
    )


def _no_such(case: Case, name: str, spec: str, newest: str) -> Reading:
    return Reading(
        Kind.ENVIRONMENT if case.facts.python else Kind.UNKNOWN,
        f"No release of {name} matches {spec or 'the requirement'} for this Python and platform; the newest one that "
        f"does is {newest}",
        "no-such-version",
        name,
        Cure(
            f"Ask for a version that exists for this Python, such as {name}=={newest}, or use the Python that "
            f"{name}{spec} was made for",
            install=_if_known(case, name, f"{name}<={newest}"),
        ),
        (
            candidate(
                "wrong-requirement-in-project",
                "the requested version never existed",
                f"the list of releases of {name}",
                Cure("Correct the requirement"),
            ),
            candidate(
                "python-too-old",
                f"newer releases of {name} need a newer Python",
                "`python --version`",
                Cure("Use a newer Python"),
            ),
            candidate(
                "python-too-new",
                "the old release has no wheel for this Python",
                "`python --version`",
                Cure("Use an older Python, such as 3.11 or 3.10"),
            ),
        ),
    )


def _nothing(case: Case, name: str, spec: str) -> Reading:
    wanted = f"{name}{spec}"
    python = case.facts.python
    here = f" (here: {python})" if python else ""
    old = case.facts.meets("python<3.9") if python else None
    cause = "python-too-old" if old else "python-too-new"
    return Reading(
        Kind.ENVIRONMENT,
        f"pip finds no {wanted} for this Python{here} and platform: most often the Python is too new or too old for it",
        cause,
        name,
        Cure(
            f"Use a Python that {name} has wheels for (3.10 to 3.12 work for most), 64 bit",
            notes=(
                "With uv: uv venv --python 3.11. With conda: conda create -n NAME python=3.11.",
                f"Which Pythons: the list of files of {name} on its index.",
            ),
        ),
        (
            candidate(
                "no-wheel-for-platform",
                f"{name} has no wheels for this system or processor, or this Python is 32-bit",
                '`python -c "import platform; print(platform.machine(), platform.architecture())"`',
            ),
            candidate(
                "no-such-version", f"{name} is not the name of a package on the index, or is misspelled", "its page on the index"
            ),
            candidate("dead-index", "the configured index does not have it or cannot be reached", "`pip config list`"),
        ),
    )


def failed_build(case: Case) -> Reading | None:
    """A package is compiled, and that fails for a reason that no sharper rule knows: there was no wheel for this Python."""
    found = BUILD.search(case.trace.text)
    sdist = SDIST.search(case.trace.text)
    if not found:
        return None
    name = next((text for text in found.groups() if text), "") or (sdist["name"] if sdist else "")
    if not name:
        return None
    version = sdist["version"] if sdist and sdist["name"].lower() == name.lower() else case.facts.version(name)
    python = case.facts.python
    known = f" {version}" if version else ""
    new = name.lower() == "numpy" and NUMPY_NEW.get(".".join(python.split(".")[:2]), "2.1")
    newer = f"{name} {new} or newer" if new else f"a newer {name}"
    return Reading(
        Kind.ENVIRONMENT,
        f"{name}{known} has no wheel for this Python{f' ({python})' if python else ''} and platform, so pip "
        "compiles it, and that fails",
        "python-too-new",
        name,
        Cure(
            f"Use a Python that {name}{known} has wheels for (one or two versions older), or install {newer}",
            install=_if_known(case, name, f"{name}>={new}" if new else name),
            upgrade=True,
            notes=("To see whether a wheel exists: pip install --only-binary :all: " + name,),
        ),
        (
            candidate(
                "pip-too-old",
                "an old pip does not see newer wheels",
                "`pip --version`",
                Cure("Upgrade pip", install=("pip",), upgrade=True),
            ),
            candidate(
                "compiler-missing",
                "a compiler, a header or a tool that the build needs is missing",
                "the first error line of the build's output",
            ),
        ),
    )
