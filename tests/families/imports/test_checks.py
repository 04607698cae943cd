"""What the imports came to, and whose fault it is: plain calls, facts built by hand."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mlenv_checks.imports.checks import libraries_import
from mlenv_checks.libraries.facts import Flaw, Integrity
from mlenv_checks.python.facts import Interpreter, PathEntry
from mlenv_doctor import Finding, Missing
from mlenv_doctor.patient import Distribution, Imported, Imports, Libraries, Module, Python, Wanted, WantedLibrary

PYTHON = Python(version="3.11.7", prefix="/v", base_prefix="/usr", purelib="/v/site-packages")
SITE = "/v/site-packages"
WHOLE = Integrity()
UNREAD = Missing("integrity", "timeout", "did not answer")
ENTIRE = Interpreter()


def dist(name: str, *requires: str) -> Distribution:
    return Distribution(name, "1.0", SITE, requires=requires)


LIBRARIES = Libraries(
    (
        dist("numpy"),
        dist("pandas", "NumPy>=1", "scipy; extra == 'all'"),
        dist("seaborn", "pandas", "not a (requirement"),
        dist("scipy"),
        dist("torch"),
        dist("openai", "pydantic"),
        dist("pydantic", "pydantic_core==9"),
        dist("pydantic-core"),
        dist("left", "right"),
        dist("right", "left"),
    )
)

ABSENT = Missing("torch_build", "absent", "was not needed")


def judge(
    *outcomes: Imported,
    libraries: Libraries = LIBRARIES,
    wanted: Wanted | None = None,
    integrity: Integrity | Missing = WHOLE,
    python: Python = PYTHON,
    interpreter: Interpreter | Missing = ENTIRE,
) -> dict[str, Finding]:
    findings = libraries_import(
        Imports(outcomes), wanted or Wanted(), libraries, integrity, python, interpreter, ABSENT, ABSENT, ABSENT
    )
    return {finding.subject: finding for finding in findings}


def error(name: str, file: str = "") -> Imported:
    return Imported(name, "error", name, reason="ImportError", message="no such symbol", file=file, detail="a\nb")


def lacks(name: str, module: str) -> Imported:
    return Imported(name, "error", name, reason="ModuleNotFoundError", message=f"No module named '{module}'")


def test_what_pythonpath_brings_is_not_blamed_on_the_library() -> None:
    there = Interpreter(python_path=(PathEntry("/x/python3.12/site-packages", "3.12", ("numpy",)),))
    outcome = Imports((error("numpy", "/x/python3.12/site-packages/numpy/core.py"),))
    [finding] = libraries_import(outcome, Wanted(), LIBRARIES, WHOLE, PYTHON, there, ABSENT, ABSENT, ABSENT)
    assert (finding.subject, finding.blocked_by) == ("numpy", "python.path:/x/python3.12/site-packages")


@pytest.mark.parametrize(
    "kind, status", [("not-asked", "skip"), ("error", "unknown"), ("timeout", "unknown")], ids=["quick", "error", "timeout"]
)
def test_without_imports(kind: str, status: str) -> None:
    [finding] = libraries_import(
        Missing("imports", kind, "why"),
        Wanted(),
        LIBRARIES,
        Integrity(),
        PYTHON,
        Missing("interpreter", "error", "why"),
        ABSENT,
        ABSENT,
        ABSENT,
    )
    assert finding.status.value == status
    assert "why" in finding.message


@pytest.mark.parametrize(
    "imported, status, cause, words",
    [
        (Imported("numpy", "ok", version="9"), "pass", "", "numpy 1.0"),
        (Imported("stranger", "ok", version="9"), "pass", "", "stranger 9"),
        (Imported("stranger", "not-run"), "unknown", "", "its import name is unknown"),
        (Imported("stranger", "not-run", reason="no time"), "unknown", "", "no time"),
        (error("scipy"), "fail", "import-error", "scipy cannot be imported: ImportError: no such symbol"),
        (Imported("scipy", "error", reason="SystemExit"), "fail", "import-error", "cannot be imported: SystemExit"),
        (Imported("scipy", "exit", reason="ended with exit code 7"), "fail", "import-error", "exit code 7"),
        (Imported("scipy", "crash", reason="was killed by SIGSEGV"), "fail", "import-crash", "SIGSEGV"),
        (Imported("scipy", "hang", reason="did not answer within 3 s"), "fail", "import-hang", "3 s"),
        (error("numpy"), "fail", "numpy-broken", "numpy cannot"),
        (Imported("numpy", "crash", reason="was killed by SIGILL"), "fail", "cpu-lacks-instructions", "SIGILL"),
        (Imported("numpy", "crash", reason="was killed by SIGSEGV"), "fail", "numpy-broken", "SIGSEGV"),
        (Imported("scipy", "crash", reason="was killed by SIGKILL"), "fail", "import-crash", "out of memory"),
    ],
)
def test_one_outcome(imported: Imported, status: str, cause: str, words: str) -> None:
    [finding] = judge(imported).values()
    assert (finding.status.value, finding.cause or "") == (status, cause)
    assert words in finding.message


@pytest.mark.parametrize(
    "victim, culprit, blocked",
    [
        (error("pandas"), error("numpy"), True),
        (error("seaborn"), error("numpy"), True),
        (error("pandas"), error("scipy"), False),
        (error("numpy"), error("pandas"), False),
        (error("torch", f"{SITE}/numpy/core/__init__.py"), error("numpy"), True),
        (error("torch", f"{SITE}/torch/__init__.py"), error("numpy"), False),
        (error("right"), error("left"), True),
        (error("left"), error("right"), False),
        (error("pandas"), Imported("numpy", "ok"), False),
    ],
    ids=["declared", "deep", "extra", "upwards", "undeclared", "own", "circle-there", "circle-back", "sound"],
)
def test_blame(victim: Imported, culprit: Imported, blocked: bool) -> None:
    finding = judge(victim, culprit)[victim.name]
    assert finding.blocked_by == (f"libraries.import:{culprit.name}" if blocked else None)
    assert finding.status.value == ("skip" if blocked else "fail")


@pytest.mark.parametrize(
    "imported, fix, packages",
    [
        (error("scipy"), "libs.reinstall", ("scipy==1.0",)),
        (error("scipy", "/usr/lib/python3.11/ctypes/__init__.py"), "libs.reinstall", ("scipy==1.0",)),
        (error("scipy", f"{SITE}/unheard/of.py"), "libs.reinstall", ("scipy==1.0",)),
        (lacks("scipy", "pydantic_core"), "libs.reinstall", ("pydantic-core==1.0",)),
        (lacks("scipy", "pydantic_core.part"), "libs.reinstall", ("scipy==1.0",)),
        (lacks("scipy", "unheard"), "libs.reinstall", ("scipy==1.0",)),
        (error("stranger"), "libs.reinstall", ("stranger",)),
        (Imported("scipy", "hang"), "libs.unblock", ("scipy==1.0",)),
        (Imported("scipy", "crash", reason="was killed by SIGSEGV"), "libs.see-crash", ("scipy==1.0",)),
        (error("openai", f"{SITE}/pydantic_core/__init__.py"), "libs.align", ("pydantic",)),
        (error("torch", f"{SITE}/pydantic_core/__init__.py"), "libs.reinstall", ("pydantic-core==1.0",)),
    ],
    ids=["own", "stdlib", "stranger", "promised", "part", "absent", "not-listed", "hangs", "dies", "contradicted", "elsewhere"],
)
def test_the_repair_is_of_what_is_broken(imported: Imported, fix: str, packages: tuple[str, ...]) -> None:
    found = judge(imported, integrity=UNREAD)[imported.name].fix
    assert found is not None
    assert (found.id, found.values["packages"]) == (fix, packages)


def test_what_is_intact_is_not_installed_again() -> None:
    finding = judge(error("scipy"))["scipy"]
    assert finding.fix and (finding.fix.id, finding.fix.values["module"]) == ("errors.look-closer", "scipy.stats")
    broken = replace(CHANGED, name="scipy")
    again = judge(error("scipy", f"{SITE}/scipy/b.py"), integrity=Integrity(9, (broken,)))["scipy"].fix
    assert again and again.id == "libs.reinstall"


def test_an_import_is_read_like_any_other_error() -> None:
    """The whole text counts, not its last line: torchcodec ends with a line that says nothing."""
    detail = "RuntimeError: Could not load libtorchcodec. Likely causes:\n FFmpeg is not properly installed\n[end of libtorchcodec loading traceback]."
    codec = Imported(
        "torchcodec", "error", reason="RuntimeError", message="[end of libtorchcodec loading traceback].", detail=detail
    )
    finding = judge(codec)["torchcodec"]
    assert (finding.cause, finding.fix and finding.fix.id) == ("ffmpeg-missing", "errors.advice")
    detail = f'  File "{SITE}/chromadb/__init__.py", line 79, in <module>\nRuntimeError: Your system has an unsupported version of sqlite3.'
    chroma = Imported("chromadb", "error", reason="RuntimeError", message="an unsupported version of sqlite3", detail=detail)
    assert judge(chroma)["chromadb"].cause == "sqlite-too-old"


@pytest.mark.parametrize(
    "name, module",
    [("scikit-learn", "sklearn.ensemble"), ("pydantic", "pydantic"), ("numba", "numba"), ("some-thing", "some_thing")],
)
def test_an_import_that_hangs_is_watched(name: str, module: str) -> None:
    found = judge(Imported(name, "hang"), libraries=Libraries())[name].fix
    assert found and found.values["module"] == module


@pytest.mark.parametrize(
    "version, package, options",
    [
        ("2.13.0+cpu", "torch==2.13.0", ("--index-url", "https://download.pytorch.org/whl/cpu")),
        ("2.13.0+cu126", "torch==2.13.0", ("--index-url", "https://download.pytorch.org/whl/cu126")),
        ("2.13.0", "torch==2.13.0", ()),
        ("2.13.0+gitabc", "torch==2.13.0", ()),
        ("2.14.0rc1", "torch==2.14.0rc1", ()),
        ("2.14.0.dev20261101+cpu", "torch", ()),
        (None, "torch", ()),
    ],
)
def test_the_same_version_of_the_same_build_is_installed_again(
    version: str | None, package: str, options: tuple[str, ...]
) -> None:
    libraries = Libraries((Distribution("torch", version, SITE),))
    found = judge(error("torch"), libraries=libraries, integrity=UNREAD)["torch"].fix
    assert found and found.values == {"packages": (package,), "options": options}


def test_the_project_itself_is_not_run() -> None:
    assert judge(Imported("scipy", "own"))["scipy"].status.value == "skip"


def test_what_is_explained_already_is_not_said_twice() -> None:
    assert judge(error("pydantic"))["pydantic"].blocked_by == "libraries.dependencies:pydantic-core"
    files = Libraries((), modules=(Module("scipy", f"{SITE}/scipy/__init__.py"),))
    wanted = Wanted((WantedLibrary("scipy", imports=("scipy.stats",)),))
    assert judge(error("scipy"), libraries=files, wanted=wanted)["scipy"].blocked_by == "libraries.leftovers:scipy"


DAMAGED = Flaw("scipy", "1.0", files=9, lost=("scipy/a.so",), lost_count=1)
CHANGED = Flaw("scipy", "1.0", files=9, changed=("scipy/a.py",), changed_count=1)


@pytest.mark.parametrize(
    "imported, flaw, cause, words",
    [
        (
            error("scipy"),
            DAMAGED,
            "dist-info-damaged",
            "scipy cannot be imported: 1 of its files is missing or empty, scipy/a.so",
        ),
        (error("numpy"), replace(DAMAGED, name="numpy"), "numpy-broken", "numpy cannot be imported: 1 of its files is missing"),
        (error("scipy", f"{SITE}/scipy/a.py"), CHANGED, "dist-info-damaged", "scipy/a.py was changed after installation"),
        (error("scipy", f"{SITE}/scipy/b.py"), CHANGED, "import-error", "no such symbol"),
        (
            Imported("scipy", "crash", reason="was killed by SIGBUS"),
            CHANGED,
            "dist-info-damaged",
            "import scipy crashes Python (SIGBUS): scipy/a.py was changed",
        ),
        (error("scipy"), replace(DAMAGED, name="stranger"), "import-error", "no such symbol"),
    ],
)
def test_damaged_files_explain_a_failure(imported: Imported, flaw: Flaw, cause: str, words: str) -> None:
    [finding] = judge(imported, integrity=Integrity(9, (flaw,))).values()
    assert finding.cause == cause and words in finding.message


@pytest.mark.parametrize(
    "others, by", [((), "libraries.files:scipy"), ((error("scipy"),), "libraries.import:scipy")], ids=["unseen", "imported too"]
)
def test_what_needs_a_damaged_library_waits_for_it(others: tuple[Imported, ...], by: str) -> None:
    libraries = Libraries((dist("scikit-learn", "scipy"), dist("scipy")))
    found = judge(error("scikit-learn"), *others, libraries=libraries, integrity=Integrity(2, (DAMAGED,)))
    assert found["scikit-learn"].blocked_by == by


def test_one_reason_is_red_once() -> None:
    words = "libgomp.so.1: cannot open shared object file"
    outcomes = [replace(error(name, f"{SITE}/{name}/x.py"), message=words) for name in ("openai", "scipy", "torch")]
    found = judge(*outcomes, python=replace(PYTHON, platform="linux"))
    assert [(f.cause, f.blocked_by) for f in found.values()] == [
        ("libgomp-missing", None),
        ("", "libraries.import:openai"),
        ("", "libraries.import:openai"),
    ]


@pytest.mark.parametrize(
    "module, modules, installed, package",
    [
        ("cv2", (), (), "opencv-python"),
        ("cv2", (Module("cv2", f"{SITE}/cv2/__init__.py"),), (), ""),
        ("unheard", (), (), ""),
        ("joblib", (), (dist("joblib"),), ""),
    ],
    ids=["known", "it is there", "unknown", "installed"],
)
def test_what_nothing_declared(
    module: str, modules: tuple[Module, ...], installed: tuple[Distribution, ...], package: str
) -> None:
    libraries = Libraries((dist("torch"), *installed), modules=modules)
    [finding] = judge(lacks("torch", module), libraries=libraries).values()
    assert finding.cause == ("not-installed" if package else "import-error")
    if package:
        assert finding.fix is not None and finding.fix.values["packages"] == (package,)
        assert finding.message == f"torch cannot be imported: it needs {package}, which is not installed"
