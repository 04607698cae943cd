"""What words about environments, keys and addresses mean depends on the machine: functions that answers.py names."""

from __future__ import annotations

import re

from packaging.utils import canonicalize_name

from mlenv_doctor.api import Missing, fix

from ..libraries.catalogue import import_names
from ..python.stdlib import stdlib_names
from ..python.versions import number, python_versions
from ..torch.known_builds import newest_python
from .speaker import Meaning, Patient, Words


def found_another(words: Words, text: str, patient: Patient) -> Meaning | None:
    """A library refuses the version of another; where a list shows a different one, there are two copies."""
    name, found = canonicalize_name(words["name"]), words["version"].rstrip(".")
    listed = patient.version(name)
    if listed and listed != found:
        says = f"{name} is installed twice: {listed} is listed, but the program finds {found}"
        return Meaning("duplicate-dist-info", says, fix("libs.which-copy", name=name, module=name.replace("-", "_")), name)
    wanted = re.sub(r"\s", "", words["wanted"]).rstrip(".,")
    says = f"{wanted} is required, but {name} {found} is installed"
    return Meaning("known-bad-pair", says, fix("libs.satisfy", packages=(wanted,)), name)


def shadow(words: Words, text: str, patient: Patient) -> Meaning | None:
    """A file of the user's is named like a module, and Python imports the file instead."""
    wanted = words["name"].partition(".")[0]
    own = re.findall(r"""([^\s"'()]*[\\/])?\b(\w+)\.py\b""", text)
    for folder, name in own:
        library = re.search(r"-packages[\\/]|[\\/]lib(64)?[\\/]python\d|[\\/]Lib[\\/]|^<", folder)
        if library:
            continue
        if name in stdlib_names():
            says = f"the file {name}.py hides Python's module {name}: libraries import the file instead"
            return Meaning("shadowed-stdlib-module", says, fix("libs.rename-file", file=f"{name}.py"), f"{name}.py")
        if name == wanted:
            says = f"the file {name}.py hides the library {name}: Python imports the file instead"
            return Meaning("shadowed-by-file", says, fix("libs.rename-file", file=f"{name}.py"), f"{name}.py")
    return None


def rosetta(words: Words, text: str, patient: Patient) -> Meaning | None:
    """Something built for Intel met something built for Apple's processor, where Python itself is of the wrong kind."""
    if isinstance(patient.python, Missing) or not (patient.python.apple_silicon and patient.python.machine == "x86_64"):
        return None
    says = "this Python is an Intel build, which this Mac translates (Rosetta); libraries for Apple silicon do not load in it"
    return Meaning("rosetta-x86-python", says, fix("python.arm64"))


def kernel(words: Words, text: str, patient: Patient) -> Meaning | None:
    """The notebook runs in another Python than the one that the library was installed into."""
    pasted = patient.pasted
    if isinstance(pasted, Missing) or not pasted.kernel or pasted.kernel == pasted.shell:
        return None
    base = re.search(r"\b(base|root)\b|conda\d?[\\/](bin[\\/])?python", pasted.kernel)
    if not pasted.shell and not base:
        return None
    says = "the notebook's kernel uses a Python that does not have the library"
    return Meaning("kernel-wrong-interpreter", says, fix("jupyter.own-kernel"))


def absent(words: Words, text: str, patient: Patient) -> Meaning | None:
    """A library that is known here is not installed, or not in the environment that runs the program."""
    known = {module.partition(".")[0]: name for name, module in import_names().items()}
    name = known.get(words["name"])
    if not name or patient.version(name):
        return None
    says = f"{name} is not installed in the environment that runs this program"
    return Meaning("not-installed", says, fix("libs.install", packages=(name,)), name)


def no_distribution(words: Words, text: str, patient: Patient) -> Meaning | None:
    """pip finds nothing: for torch it is known up to which Python there is any. 0.1.2 is a placeholder that nothing can run."""
    named = "torch" if "placeholder" in words else canonicalize_name(words.get("name", ""))
    if named != "torch" or isinstance(patient.python, Missing):
        return None
    version = (words.get("pin", "").removeprefix("==") or patient.torch).partition("+")[0]
    newest = newest_python(version)
    if newest and not version:  # what pip was offered is not known: a mirror, or the index of another day
        newest = min(newest, number(python_versions()["best"]))
    if not newest or patient.python.minor <= newest or patient.python.bits != 64:
        return None
    what = f"torch {version}" if version else "torch"
    says = "pip finds no {} for Python {}.{}; for {}.{} there is one".format(what, *patient.python.minor, *newest)
    return Meaning("python-too-new", says, fix("python.install", version="{}.{}".format(*newest)), "torch")


def shadowed_key(words: Words, text: str, patient: Patient) -> Meaning | None:
    """A key that stands in the shell as well as in `.env`: the shell's wins."""
    told = () if isinstance(patient.pasted, Missing) else patient.pasted.told
    if not told:
        return None
    says = f"{told[0]} is set in the shell and in .env; the shell overrides .env"
    return Meaning("dotenv-shadowed", says, fix("llm.unset", name=told[0]), told[0])


def no_scheme(words: Words, text: str, patient: Patient) -> Meaning | None:
    """MLflow takes an address without http:// for the name of a store that it does not know."""
    address = "" if isinstance(patient.pasted, Missing) else patient.pasted.variables.get("MLFLOW_TRACKING_URI", "")
    if not address or "://" in address or not re.match(r"[\w.-]+:\w+", address):
        return None
    says = "MLFLOW_TRACKING_URI lacks http:// or https://, so MLflow does not use it as a server address"
    return Meaning("mlflow-uri-no-scheme", says, fix("mlflow.set-address", uri=f"http://{address.split()[0]}"))
