"""What is said about a project's imports, environment and code. Plain calls, facts built by hand."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest

from mlenv_checks.gpu.facts import Card, Gpu
from mlenv_checks.jupyter.facts import Jupyter, Kernel
from mlenv_checks.libraries.facts import Lock, Locked
from mlenv_checks.project.environment import environment_is_for_this_project
from mlenv_checks.project.facts import BadSource, Code, GpuAsked, ImportedModule, NotebookInstall, SubProject
from mlenv_checks.project.folders import project_is_in_this_folder
from mlenv_checks.project.installable import requirements_can_be_installed
from mlenv_checks.project.modules import imports_are_declared, imports_are_installed
from mlenv_checks.project.moved import advice
from mlenv_checks.project.naming import first_ones
from mlenv_checks.project.sources import code_runs_without_a_gpu, files_can_be_read
from mlenv_doctor import Finding, Missing
from mlenv_doctor.patient import Declared, Distribution, Libraries, Module, Project, Python, Wanted, WantedLibrary

PYTHON = Python(version="3.12.1", prefix="/usr", base_prefix="/usr")
BARE, NOTHING = Project(root="/p"), Libraries()
NOT_ASKED = Missing("index_versions", "not-asked", "not checked without --online")
NO_LOCK = Missing("lock", "not-asked", "not checked")
REQUIREMENTS = "/p/requirements.txt"


def use(module: str, state: str = "missing", weight: str = "needed", **more: Any) -> ImportedModule:
    return ImportedModule(module, state, weight, **{"file": "app.py", "line": 3, **more})


def project(*names: str, file: str = REQUIREMENTS, **more: Any) -> Project:
    return Project(root="/p", requirements=tuple(Declared(name, file, line) for line, name in enumerate(names, 1)), **more)


def wanted(*names: str, **more: Any) -> Wanted:
    libraries = tuple(WantedLibrary(name, source=REQUIREMENTS, line=1) for name in names)
    return Wanted(libraries, declared=bool(names), whole=False, **more)


def installed(*names: str) -> Libraries:
    parts = (name.partition(" ") for name in names)
    return Libraries(tuple(Distribution(name, version or "1.0", "/v/lib") for name, _, version in parts))


NO_JUPYTER = Missing("jupyter", "not-asked", "not checked")


def judged(
    *uses: ImportedModule,
    own: Project = BARE,
    libraries: Libraries = NOTHING,
    lock: Lock | Missing = NO_LOCK,
    asked: Iterable[str] = (),
    jupyter: Jupyter | Missing = NO_JUPYTER,
    **more: Any,
) -> list[Finding]:
    code = Code(files=2, uses=uses, **more)
    return list(imports_are_installed(code, own, wanted(*asked), libraries, PYTHON, lock, jupyter))


def said(findings: Iterable[Finding]) -> list[tuple[str, str]]:
    return [(finding.status.value, finding.cause or finding.blocked_by or "") for finding in findings]


def test_a_folder_without_code_has_no_imports() -> None:
    found = imports_are_installed(Code(), Project(), wanted(), Libraries(), PYTHON, NO_LOCK, NO_JUPYTER)
    assert said(found) == [("skip", "")]


def test_all_is_there() -> None:
    assert said(judged(use("numpy", "found"))) == [("pass", "")]
    assert judged(use("numpy", "found"), notebooks=1)[0].message == "every import of 2 files and 1 notebook is installed"
    large = judged(use("numpy", "found"), left_out=7, complete=False)
    assert [finding.status.value for finding in large] == ["skip", "pass"] and "7 more were not read" in large[1].message
    assert "were not" not in judged(complete=False)[0].message


def test_what_is_missing_is_one_red_line_with_its_places() -> None:
    found = judged(
        use("tiktoken"), use("PIL", file="a/b.ipynb", cell=4, line=2), use("cv2", file="x/y/z.py"), use("bs4"), use("yaml")
    )
    assert said(found) == [("fail", "import-not-installed")]
    assert found[0].message.startswith(
        "5 imported modules are not installed: bs4 (app.py:3), tiktoken (app.py:3), yaml (app.py:3)"
    )
    assert found[0].message.endswith("cv2 (x/y/z.py:3) and 1 more")
    assert found[0].fix and found[0].fix.values["packages"] == ("beautifulsoup4", "tiktoken", "pyyaml", "opencv-python", "pillow")
    assert found[0].evidence["PIL"] == "a/b.ipynb cell 4"
    assert found[0].location and (found[0].location.file, found[0].location.line) == ("app.py", 3)


def test_a_long_list_is_a_table_of_ten_rows_and_a_count() -> None:
    names = ["tiktoken", "bs4", "yaml", "cv2", "PIL", "torch", "numpy", "pandas", "scipy", "sklearn", "plotly", "dash"]
    found = judged(*(use(name, files=3) for name in names))
    assert len(found[0].evidence) == 11 and found[0].evidence["more"] == "2 modules" and "and 2 more" in found[0].evidence["bs4"]


def test_a_cell_has_no_line_in_its_file() -> None:
    found = judged(use("tiktoken", file="a.ipynb", cell=2, line=9))
    assert found[0].message == "a.ipynb cell 2 imports tiktoken, which is not installed"
    assert found[0].location and found[0].location.line == 0


@pytest.mark.parametrize("weight", ["inside", "chosen", "guarded", "aside"])
def test_what_is_not_needed_at_once_is_a_remark(weight: str) -> None:
    assert said(judged(use("tiktoken", weight=weight))) == [("skip", ""), ("pass", "")]


@pytest.mark.parametrize("weight", ["typing", "unparsed"])
def test_what_is_only_for_types_is_nothing(weight: str) -> None:
    assert said(judged(use("tiktoken", weight=weight))) == [("pass", "")]


def test_what_a_file_of_the_program_does_without_is_a_remark() -> None:
    assert said(judged(use("tiktoken", optional=True))) == [("skip", ""), ("pass", "")]


def test_a_group_or_an_extra_is_a_remark() -> None:
    own = Project(
        root="/p", grouped=(Declared("gradio", "/p/pyproject.toml", 9, "extra web"), Declared("ruff", "/p/pyproject.toml"))
    )
    assert said(judged(use("gradio"), use("ruff"), own=own)) == [("skip", ""), ("pass", "")]


def test_a_requirement_is_told_where_requirements_are_judged() -> None:
    found = judged(use("cv2"), own=project("opencv-python-headless"), asked=["opencv-python-headless"])
    assert said(found) == [("skip", "libraries.installed:opencv-python-headless")]


def test_what_may_come_with_a_missing_requirement_is_not_a_second_red_line() -> None:
    found = judged(use("cv2"), use("numpy"), own=project("opencv-python"), asked=["opencv-python"])
    assert said(found) == [("skip", "libraries.installed:opencv-python")] * 2


def test_with_everything_missing_the_environment_is_the_root() -> None:
    names = ("aiofiles", "httpx", "rich", "typer")
    assert said(judged(use("rich"), use("torch"), own=project(*names), asked=names)) == [("skip", "project.environment")]


def test_what_the_lock_file_knows_is_installed_as_the_project_says() -> None:
    lock = Lock("/p/uv.lock", "uv", (Locked("torch", "2.9.0"),))
    found = judged(
        use("torch"), own=project("numpy"), libraries=installed("numpy"), lock=lock, asked=["numpy"], locks=("uv.lock",)
    )
    assert found[0].fix and found[0].fix.id == "libs.sync-uv"


def test_what_a_notebook_installs_is_declared_and_still_missing() -> None:
    found = judged(
        use("tiktoken"), installs=(NotebookInstall("tiktoken", "a.ipynb", 1), NotebookInstall("no requirement!", "a.ipynb", 1))
    )
    assert said(found) == [("fail", "import-not-installed")] and found[0].fix and found[0].fix.id == "libs.install"


def test_an_unknown_module_is_named_and_never_installed() -> None:
    found = judged(use("frobnicate_internal"))
    assert said(found) == [("fail", "module-unknown")] and found[0].fix is None


@pytest.mark.parametrize("more", [{"module": "x_pb2"}, {"module": "version"}, {"module": "studio", "unclear": True}])
def test_a_module_that_may_come_from_elsewhere_is_a_remark(more: dict[str, Any]) -> None:
    assert said(judged(use(**more))) == [("skip", "")]


def test_a_module_of_a_special_place_is_a_remark() -> None:
    found = judged(use("google", names=("google.colab", "google.colab.drive")))
    assert found[0].message == "exists only on Google Colab: google (app.py:3)"
    assert said(found) == [("skip", ""), ("pass", "")]


def test_what_a_library_no_longer_has_is_one_line_for_the_library() -> None:
    found = judged(
        use("langchain.chains", "part"),
        use("langchain.memory", "part"),
        use("numpy.nothing", "part"),
        libraries=installed("langchain 1.0", "numpy 2.4"),
    )
    assert said(found) == [("fail", "module-removed")] * 2
    assert found[0].message.startswith(
        "langchain 1.0 does not have langchain.chains (app.py:3), langchain.memory (app.py:3); langchain 1.0 moved"
    )
    assert found[1].message == "numpy 2.4 does not have numpy.nothing (app.py:3)"


def test_what_python_removed_is_told_and_setuptools_brings_distutils_back() -> None:
    found = judged(use("distutils"), use("urllib2"))
    assert found[0].message == "Python 3.12.1 does not have distutils (app.py:3), urllib2 (app.py:3)"
    assert found[0].fix and found[0].fix.values["packages"] == ("setuptools",)


def test_a_library_that_lost_its_own_module_is_half_installed() -> None:
    there = installed("click 8.5.1", "setuptools 82", "pillow 12.0")
    found = judged(use("click"), use("PIL.Image"), use("pkg_resources"), libraries=there)
    assert said(found) == [("fail", "interrupted-install")] * 2 + [("fail", "module-removed")]
    assert found[0].message == "click 8.5.1 is listed as installed, but its module click is missing"
    assert found[0].fix and found[0].fix.values["packages"] == ("click==8.5.1",)
    assert found[0].subject == "click" and found[0].location and found[0].location.file == "app.py"
    assert found[1].message == "pillow 12.0 is listed as installed, but its module PIL is missing"


@pytest.mark.parametrize("how", [{"record": False}, {"editable": "/src"}, {"installer": "conda"}])
def test_without_a_list_of_files_it_is_not_known_to_be(how: dict[str, Any]) -> None:
    there = Libraries((Distribution("click", "8.5.1", "/v/lib", **how),))
    assert said(judged(use("click"), libraries=there)) == [("fail", "module-removed")]


def test_what_the_libraries_own_checks_tell_of_it_is_not_told_twice() -> None:
    asked = (WantedLibrary("xgboost", imports=("xgboost",), source=REQUIREMENTS, line=1),)
    code, there = Code(files=2, uses=(use("xgboost"),)), installed("xgboost 3.2")
    found = imports_are_installed(code, BARE, Wanted(asked, declared=True, whole=False), there, PYTHON, NO_LOCK, NO_JUPYTER)
    assert said(found) == [("skip", "libraries.leftovers:xgboost")]
    gone = Libraries((Distribution("opencv-python", "4.12", "/v/lib", installer="pip"),), modules=(Module("cv2"),))
    assert said(judged(use("cv2"), libraries=gone)) == [("skip", "libraries.opencv")]


def test_advice_is_of_the_longest_beginning() -> None:
    assert advice([use("langchain.text_splitter.x")]) == "import it from langchain_text_splitters"
    assert advice([use("nothing.of.this")]) == ""


def declared(*uses: ImportedModule, own: Project, libraries: Libraries = NOTHING, names: Iterable[str] = ("pandas",)) -> Finding:
    return imports_are_declared(Code(files=1, uses=uses), own, wanted(*names), libraries)  # type: ignore[return-value]


def test_what_is_imported_and_not_declared_is_a_remark_with_the_line_to_add() -> None:
    loose = use("torch", "found", owner="torch")
    found = declared(loose, own=project("pandas"), libraries=installed("pandas", "torch"))
    assert found.cause == "import-not-declared" and found.message.endswith("add torch to requirements.txt")
    brought = Libraries((Distribution("pandas", "2", "/v", requires=("torch",)), Distribution("torch", "2", "/v")))
    assert said([declared(loose, own=project("pandas"), libraries=brought)]) == [("pass", "")]
    assert said([declared(loose, own=project(), names=())]) == [("skip", "")]
    assert said([declared(loose, own=project("pandas"), libraries=installed("torch"))]) == [("skip", "")]


def test_an_environment_for_another_project_is_one_fault() -> None:
    names = ("aiofiles", "httpx", "rich", "typer")
    args = (project(*names), PYTHON, Code())
    good = environment_is_for_this_project(wanted(*names), installed(*names), *args)
    bad = environment_is_for_this_project(wanted(*names), Libraries(), *args)
    none = environment_is_for_this_project(wanted(), Libraries(), *args)
    assert said([good, bad, none]) == [("pass", ""), ("fail", "environment-not-prepared"), ("skip", "")]  # type: ignore[list-item]
    assert bad.fix and bad.fix.values["options"] == ("-r", "requirements.txt")  # type: ignore[union-attr]
    assert "is not a virtual environment" in bad.message  # type: ignore[union-attr]


def test_versions_count_as_well() -> None:
    names = [f"lib{number}" for number in range(8)]
    libraries = tuple(WantedLibrary(name, "==2", source=REQUIREMENTS, line=1) for name in names)
    found = environment_is_for_this_project(
        Wanted(libraries, declared=True),
        installed(*names[4:]),
        project(*names),
        Python(version="3.12.1", prefix="/v", base_prefix="/usr"),
        Code(),
    )
    assert "4 of 8 requirements are missing, and 4 in other versions" in found.message  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("file", "fix"),
    [
        ("/p/requirements.txt", "project.install-lists"), ("/elsewhere/base.txt", "project.install-lists"), ("/p/Pipfile", "project.install-pipfile"),
        ("/p/environment.yml", "project.update-conda"), ("/p/pyproject.toml", "project.install-itself"), ("--require", "libs.install"),
    ],
)  # fmt: skip
def test_the_command_is_what_the_projects_files_say(file: str, fix: str) -> None:
    names = ("aiofiles", "httpx", "rich", "typer")
    found = environment_is_for_this_project(wanted(*names), Libraries(), project(*names, file=file), PYTHON, Code())
    assert found.fix and found.fix.id == fix  # type: ignore[union-attr]


@pytest.mark.parametrize(("locks", "workspace", "fix"), [
    (("uv.lock",), False, "libs.sync-uv"), (("uv.lock",), True, "project.sync-workspace"), (("poetry.lock",), False, "libs.sync-poetry"),
    (("pdm.lock",), True, "libs.sync-pdm"), (("Pipfile.lock",), False, "libs.sync-pipenv"),
])  # fmt: skip
def test_a_lock_file_names_its_tool(locks: tuple[str, ...], workspace: bool, fix: str) -> None:
    names = ("aiofiles", "httpx", "rich", "typer")
    found = environment_is_for_this_project(
        wanted(*names), Libraries(), project(*names), PYTHON, Code(locks=locks, workspace=workspace)
    )
    assert found.fix and found.fix.id == fix  # type: ignore[union-attr]


def test_the_folder_of_the_project() -> None:
    below = tuple(SubProject(f"part{number}", 3, ("pyproject.toml",)) for number in range(12))
    states = [
        project_is_in_this_folder(code, Project(root="/p"), wants)
        for code, wants in (
            (Code(), wanted()), (Code(files=1), wanted()), (Code(projects=below), wanted()), (Code(files=1, projects=below[:2]), wanted()),
            (Code(projects=below[:2]), wanted("numpy")), (Code(projects=below[:1], workspace=True, files=1), wanted()),
            (Code(files=1, projects=below[:1]), wanted()),
        )
    ]  # fmt: skip
    assert [state.status.value for state in states] == ["skip", "pass", "unknown", "warn", "skip", "pass", "skip"]  # type: ignore[union-attr]
    assert states[2].required and "and 2 more" in states[2].message and states[2].evidence["more"] == "2 projects"  # type: ignore[union-attr]


def test_files_that_cannot_be_read_are_named() -> None:
    bad = (
        BadSource("a.py", "invalid syntax", 3),
        BadSource("b.ipynb", "invalid syntax", 2, 4),
        BadSource("c.ipynb", "not a notebook"),
    )
    found = files_can_be_read(Code(files=1, bad=bad), PYTHON)
    assert "a.py:3 (invalid syntax), b.ipynb cell 4 line 2 (invalid syntax), c.ipynb (not a notebook)" in found.message  # type: ignore[union-attr]
    assert "and 3 more" in files_can_be_read(Code(files=1, bad=bad * 2 + bad[:1]), PYTHON).message  # type: ignore[union-attr]
    others = [
        files_can_be_read(code, PYTHON) for code in (Code(files=1), Code(), Missing("code", "timeout", "did not answer"), NO_LOCK)
    ]
    assert [each.status.value for each in others] == ["pass", "skip", "unknown", "skip"]  # type: ignore[union-attr]


def test_code_that_insists_on_a_gpu_matters_without_one() -> None:
    asked = tuple(GpuAsked("a.py", ".cuda()", number) for number in range(1, 7))
    states = [
        code_runs_without_a_gpu(Code(gpu=gpu), Gpu(cards=(Card("RTX"),) * there))
        for gpu, there in (((), False), (asked, True), (asked, False))
    ]
    assert [state.status.value for state in states] == ["skip", "pass", "warn"]  # type: ignore[union-attr]
    assert "a.py:4 (.cuda()) and 2 more" in states[2].message  # type: ignore[union-attr]


def pins(version: str, *specifiers: str, installed: Libraries = NOTHING, **more: Any) -> Finding:
    libraries = tuple(WantedLibrary("numpy", each, source=REQUIREMENTS, line=1) for each in specifiers)
    python = Python(version=version, prefix="/v", base_prefix="/usr", implementation="CPython", **more)
    (found,) = requirements_can_be_installed(Wanted(libraries), installed, python, BARE, NOT_ASKED)
    return found


@pytest.mark.parametrize("specifier", ["==1.24.3", "<1.26", "<=1.25", "~=1.24.0", "==1.24.*", ">=1.20,<1.25", "===1.24.3"])
def test_a_pin_from_before_this_python_cannot_be_installed(specifier: str) -> None:
    found = pins("3.12.1", specifier)
    assert said([found]) == [("fail", "pin-without-wheel")] and "(wheels begin with 1.26.0)" in found.message
    assert (
        found.message.endswith("; Python 3.11 has wheels for all of them") and found.fix and found.fix.values["version"] == "3.11"
    )


@pytest.mark.parametrize("specifier", ["", ">=1.20", "==1.26.0", "==2.4.0", "<2", "!=1.24", "~=1.24", ">1,<3"])
def test_other_versions_can(specifier: str) -> None:
    assert pins("3.12.1", specifier).status.value in ("pass", "skip")


def test_what_is_there_all_the_same_or_comes_from_conda_is_no_fault() -> None:
    there = Libraries((Distribution("numpy", "1.24.3", "/v/lib"),))
    assert pins("3.12.1", "==1.24.3", installed=there).status.value == "pass"
    assert pins("3.12.1", "==1.24.3", conda=True).status.value == "pass"
    assert pins("3.8.1", "==1.24.3").status.value == "pass"
    assert pins("3.12.1", "==1.20.0").message.endswith("Python 3.9 has wheels for all of them")
    assert pins("3.12.1", "==1.0").message.endswith("(wheels begin with 1.26.0)") and pins("3.12.1", "==1.0").fix is None
    assert "and 2 more" in pins("3.12.1", *["==1.24.3"] * 6).message


def test_a_notebook_of_another_environments_kernel_is_not_judged_by_this_one() -> None:
    elsewhere = Kernel("tf", ("b.ipynb",), 1, True, python="/other/bin/python")
    lacking = use("tensorflow", file="b.ipynb", cell=1)
    assert [f.status.value for f in judged(lacking, jupyter=Jupyter(1, (elsewhere,)))] == ["pass"]
    for kernel in (Kernel("tf", ("b.ipynb",), 1, True, python="/p/python", mine=True), Kernel("tf", ("b.ipynb",), 1)):
        assert [f.cause for f in judged(lacking, jupyter=Jupyter(1, (kernel,)))] == ["import-not-installed"]
    also_here = use("tensorflow", file="b.ipynb", cell=1, files=2)
    assert [f.cause for f in judged(also_here, jupyter=Jupyter(1, (elsewhere,)))] == ["import-not-installed"]


def test_long_lists_are_cut_to_ten_and_the_rest_is_counted() -> None:
    names = [f"lib{number}" for number in range(14)]
    assert first_ones(names) == ", ".join(names[:10]) + " and 4 more"
    found = environment_is_for_this_project(wanted(*names), NOTHING, project(*names), PYTHON, Code())
    assert found.evidence["missing"].endswith("lib9 and 4 more") and found.evidence["other versions"] == "none"
    everywhere = tuple(use(name, "found", owner=name) for name in ("declared", *names))
    library = WantedLibrary("declared", source=REQUIREMENTS, line=1)
    loose = imports_are_declared(
        Code(files=1, uses=everywhere),
        project("declared"),
        Wanted((library,), declared=True, whole=False),
        installed("declared", *names),
    )
    assert loose.message.endswith("lib9 and 4 more to requirements.txt")
