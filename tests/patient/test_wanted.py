"""What is asked of a machine: by profiles and requirements, by the project, by the cheat sheet."""

from __future__ import annotations

import pytest

from mlenv_doctor.patient import Declared, Project, Python, Wanted, WantedLibrary
from mlenv_doctor.patient.wanted import Impossible, Wishes, want, wishes
from mlenv_doctor.stage import Stage

STAGES = (Stage("foundations", "1", "F", ()), Stage("llm", "5", "L", ()), Stage("mlops", "6", "M", ()))
KNOWN = (
    WantedLibrary("numpy", imports=("numpy",), stage="foundations"),
    WantedLibrary("mlflow", stage="mlops"),
    WantedLibrary("openai", required=False, stage="llm"),
    WantedLibrary("scipy", imports=("scipy.stats",)),
)
PYTHON = Python(version="3.11.2", platform="linux", machine="x86_64")


def required(wanted: Wanted) -> dict[str, bool]:
    return {library.name: library.required for library in wanted.libraries}


def test_without_wishes_the_cheat_sheet_counts() -> None:
    wanted = want(Wishes(), None, None, KNOWN)
    assert required(wanted) == {"numpy": True, "mlflow": True, "openai": False}
    assert not (wanted.gpu or wanted.mlflow or wanted.llm or wanted.declared)


def test_a_profile_requires_its_own_and_looks_at_the_others() -> None:
    assert required(want(Wishes(("foundations",)), None, None, KNOWN)) == {"numpy": True, "mlflow": False, "openai": False}


def test_some_profiles_want_more_than_libraries() -> None:
    assert want(Wishes(("mlops",)), None, None, KNOWN).mlflow
    assert want(Wishes(("llm",)), None, None, KNOWN).llm
    assert required(want(Wishes(("llm",)), None, None, KNOWN))["openai"] is False  # any one will do: the family llm judges that


def declared(*texts: str) -> Project:
    return Project(requirements=tuple(Declared(text, "/p/requirements.txt", line) for line, text in enumerate(texts, 1)))


def test_a_project_that_declares_is_judged_by_that() -> None:
    project = declared(
        "NumPy>=2", "numpy<3", "Some_Lib[extra]==1.0", "old; python_version < '3.8'", "mac; sys_platform == 'darwin'"
    )
    wanted = want(Wishes(), project, PYTHON, KNOWN)
    assert {lib.name: (lib.specifier, lib.line, lib.imports) for lib in wanted.libraries} == {
        "numpy": (">=2,<3", 2, ("numpy",)), "some-lib": ("==1.0", 3, ()),
    }  # fmt: skip
    assert wanted.declared


def test_of_conda_counts_what_is_known_by_that_name() -> None:
    project = Project(
        conda=(Declared("numpy==2.*", "/p/environment.yml", 3), Declared("cudatoolkit==11.8.*", "/p/environment.yml", 4))
    )
    wanted = want(Wishes(), project, PYTHON, KNOWN)
    assert [(lib.name, lib.specifier, lib.required, lib.line) for lib in wanted.libraries] == [("numpy", "==2.*", True, 3)]
    assert wanted.declared


def test_an_address_stays() -> None:
    wanted = want(Wishes(), declared("own @ https://example.org/own.zip", "own>=1"), PYTHON, KNOWN)
    assert [(lib.specifier, lib.address) for lib in wanted.libraries] == [(">=1", "https://example.org/own.zip")]


def test_extras_are_kept_and_joined() -> None:
    wanted = want(Wishes(libraries=("a[Y]",)), declared("a[x]>=1", "a[z,x]", "b"), PYTHON, KNOWN)
    assert {lib.name: lib.extras for lib in wanted.libraries} == {"a": ("Y", "x", "z"), "b": ()}


def test_markers_are_judged_for_the_target() -> None:
    project = declared("a; python_version < '3.8'")
    assert want(Wishes(), project, Python(version="3.7.9"), KNOWN).library("a")
    assert want(Wishes(), project, None, KNOWN).library("a") is None


def test_wishes_come_on_top() -> None:
    wanted = want(
        Wishes(("mlops",), gpu=True, keys=("A_KEY",), libraries=("numpy>=2", "torch")), declared("numpy<3"), PYTHON, KNOWN
    )
    assert required(wanted) == {"numpy": True, "mlflow": True, "torch": True}
    assert wanted.library("numpy").specifier in ("<3,>=2", ">=2,<3")  # type: ignore[union-attr]
    assert (wanted.gpu, wanted.keys) == (True, ("A_KEY",))


def test_wishes_are_understood() -> None:
    words = ["gpu", "mlflow", "key:MY_KEY", "lib:torch>=2.6"]
    assert wishes(["llm"], words, STAGES) == Wishes(("llm",), True, True, ("MY_KEY",), ("torch>=2.6",))
    assert wishes(["all", "llm"], [], STAGES).profiles == ("foundations", "llm", "mlops")


@pytest.mark.parametrize(
    ("profiles", "require", "says"),
    [
        (["nope"], [], "choose from foundations, llm, mlops, all"),
        ([], ["cpu"], "possible are gpu"),
        ([], ["lib:"], "not a requirement"),
        ([], ["lib:a>>1"], "not a requirement"),
        ([], ["lib:a==1,==2"], "no version can satisfy"),
        ([], ["lib:a>=3,<2"], "no version can satisfy"),
        ([], ["lib:a>3,<2"], "no version can satisfy"),
        ([], ["key:"], "named as its variable"),
        ([], ["key:a b"], "named as its variable"),
    ],
)
def test_impossible_wishes_are_refused(profiles: list[str], require: list[str], says: str) -> None:
    with pytest.raises(Impossible, match=says):
        wishes(profiles, require, STAGES)


@pytest.mark.parametrize(
    "text",
    [
        "a>=1,<2",
        "a>1,<2",
        "a==1.*",
        "a~=1.4",
        "a!=1,>=1",
        "a",
        "a<2",
        "a>=1,<=1",
        "a>1,!=2",
        "a===odd",
        "a>2.5.post1,<2.6",
        "a>=1!2",
        "a>1rc1,<=1",
    ],
)
def test_possible_versions_are_not_refused(text: str) -> None:
    assert wishes([], [f"lib:{text}"], STAGES).libraries == (text,)


@pytest.mark.parametrize("text", ["***", "a; 'x' in extras", "a; python_version < 'x' or colour == 'red'"])
def test_a_declaration_that_makes_no_sense_is_passed_over(text: str) -> None:
    assert want(Wishes(), declared(text, "numpy"), PYTHON, KNOWN).library("numpy")
