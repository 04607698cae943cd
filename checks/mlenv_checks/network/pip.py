"""Would pip install where and what it seems to, and has it what it needs?"""

from __future__ import annotations

from collections.abc import Iterator

from packaging.version import InvalidVersion, Version

from mlenv_doctor.api import Finding, Fix, Missing, check, fix, ok, skip, warn
from mlenv_doctor.patient import Libraries, Python

from ..venv.facts import Prefix
from .facts import Network, PipSetting

ON = ("1", "true", "yes", "on", "t", "y")
MODERN = Version("20.3")  # knows the tags of today's wheels, manylinux_2_28: https://pip.pypa.io/en/stable/news/#v20-3
FIRST_FOR_312 = Version("23.1")  # older ones need distutils or pkgutil.ImpImporter, which 3.12 no longer has
EFFECTS = {
    "target": "installs packages into {value}, which is not on sys.path",
    "prefix": "installs packages under {value}, which is not on sys.path",
    "no-deps": "leaves out dependencies",
    "user": "installs packages into the user folder, not into this environment",
    "no-binary": "refuses wheels, so everything is compiled",
}


@check("network.pip-settings", causes=("pip-redirected",))
def pip_installs_here(network: Network, python: Python, prefix: Prefix | Missing) -> Iterator[Finding]:
    """pip settings.

    A setting forgotten in a file sends packages elsewhere, and pip still says "Successfully installed".
    """
    if not python.pip:
        yield skip("pip is not installed, and uv ignores pip's settings")
        return
    sees_users = isinstance(prefix, Prefix) and prefix.system_site
    bad = [(setting, effect) for setting in network.pip if (effect := _effect(setting, python, sees_users))]
    for setting, effect in bad:
        message = f"pip's setting {setting.key} ({setting.source}) {effect}"
        yield warn("pip-redirected", message, subject=setting.key, fix=_undo(setting))
    if not bad:
        yield ok("nothing redirects pip")


def _undo(setting: PipSetting) -> Fix:
    """Unset a variable; let pip change the file where it can; else say which line of which file."""
    if setting.source.startswith("PIP_"):
        return fix("network.forget", variable=setting.source)
    if setting.level:
        return fix("network.pip-unset", key=f"{setting.section}.{setting.key}", level=setting.level)
    return fix("network.pip-edit", key=setting.key, path=setting.source)


def _effect(setting: PipSetting, python: Python, sees_users: bool) -> str:
    """What a setting does to an installation here; empty where it does no harm."""
    on = setting.value.strip().lower() in ON
    if setting.key in ("target", "prefix") or (setting.key == "no-deps" and on):
        return EFFECTS[setting.key].format(value=setting.value)
    if setting.key == "no-binary" and ":all:" in setting.value:
        return EFFECTS["no-binary"]
    if setting.key == "user" and on and python.in_venv:
        return EFFECTS["user"] if sees_users else "selects the user folder, which pip refuses in a virtual environment"
    if setting.key == "require-virtualenv" and on and python.conda and not python.in_venv:
        return "makes pip refuse this conda environment, which it does not count as a virtual environment"
    return ""


@check("network.pip-version", causes=("pip-too-old",))
def pip_knows_todays_wheels(libraries: Libraries, python: Python) -> Finding:
    """pip version.

    An old one does not see them, and takes a release of years ago or none at all.
    """
    found = libraries.find("pip")
    if found is None or found.version is None:
        return skip("pip is not installed")
    try:
        version = Version(found.version)
    except InvalidVersion:
        return skip(f"the version of pip is {found.version}")
    if python.minor >= (3, 12) and version < FIRST_FOR_312:
        message = f"pip {found.version} does not work on Python {python.version}: modules that it needs were removed"
        return warn("pip-too-old", message, fix=fix("network.pip-again"))
    if version < MODERN:
        message = f"pip {found.version} is too old for current wheels: it finds old releases or none"
        return warn("pip-too-old", message, fix=fix("network.pip-upgrade"))
    return ok(f"pip {found.version}", brief=f"pip {found.version}")


@check("network.compiler")
def a_compiler_is_there(network: Network | Missing) -> Finding:
    """C compiler.

    Seldom needed: where pip begins to compile, mostly a wheel for this Python is missing.
    """
    if isinstance(network, Missing) or not network.compiler:
        return skip("no C compiler is on PATH; wheels need none")
    return ok(f"{network.compiler}")
