"""Which kernels run on which card, and which build of torch suits which machine."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest

import mlenv_checks
from mlenv_checks.gpu.cards import numbers
from mlenv_checks.gpu.torch_wheels import Wheel, choose, covers, cpu_on_purpose, install
from mlenv_doctor.patient import Declared, Distribution, Libraries, Project, Python, Wanted, WantedLibrary
from mlenv_doctor.patient.target import Target
from mlenv_doctor.repair import CheatSheet, describe
from support.builtin import CHEATSHEET

DATA = Path(mlenv_checks.__file__).parent / "gpu/data"
SHEET = CheatSheet([CHEATSHEET])
PATIENT = dict(describe({}, Target("/p/.venv/bin/python", "/p/.venv", "project"), "/p"))
LINUX = Python(version="3.12.4", platform="linux", machine="x86_64")
ARM = Python(version="3.12.4", platform="linux", machine="aarch64")
OLD, NEW, NEWER = (Python(version=f"3.{minor}.1", machine="x86_64") for minor in (10, 14, 19))
WINDOWS = Python(version="3.12.4", platform="win32", machine="AMD64")
CU = "https://download.pytorch.org/whl/cu"


@pytest.mark.parametrize(
    ("archs", "card", "runs"),
    [
        ("sm_86", "8.6", True),
        ("sm_80 sm_86 sm_90", "8.9", True),
        ("sm_80", "8.6", True),
        ("sm_86", "8.0", False),
        ("sm_90", "12.0", False),
        ("sm_90 compute_90", "12.0", True),
        ("compute_90a", "12.0", False),
        ("compute_120", "9.0", False),
        ("sm_120", "12.1", True),
        ("sm_100", "10.3", True),
        ("sm_100f", "10.3", True),
        ("compute_100f", "12.0", False),
        ("sm_90a", "9.0", True),
        ("sm_120a", "12.1", False),
        ("sm_75", "6.1", False),
        ("sm_80 sm_86", "8.7", False),
        ("sm_87", "8.9", False),
        ("sm_87", "8.7", True),
        ("sm_50 sm_60", "6.1", True),
        ("sm_60", "6.2", False),
        ("nonsense", "8.6", False),
        ("", "8.6", False),
    ],
)
def test_covers(archs: str, card: str, runs: bool) -> None:
    assert covers(archs.split(), card) is runs


@pytest.mark.parametrize(
    ("cuda", "cards", "python", "specifier", "wheel"),
    [
        pytest.param("13.0", ["8.6"], LINUX, "", Wheel("2.15.0", "13.2"), id="a new driver and a common card: the plain install"),
        pytest.param("14.1", ["12.0"], LINUX, "", Wheel("2.15.0", "13.2"), id="a driver newer than the tables"),
        pytest.param("12.2", ["8.9"], LINUX, "", Wheel("2.14.1", "12.6", CU + "126"), id="a driver of CUDA 12"),
        pytest.param("12.8", ["12.0"], LINUX, "", Wheel("2.11.0", "12.8", CU + "128"), id="Blackwell on a driver of CUDA 12"),
        pytest.param("13.0", ["6.1"], LINUX, "", Wheel("2.14.1", "12.6", CU + "126"), id="Pascal on a new driver"),
        pytest.param("13.0", ["6.1", "8.9"], LINUX, "", Wheel("2.14.1", "12.6", CU + "126"), id="Pascal and Ada together"),
        pytest.param("13.0", ["7.0", "12.0"], LINUX, "", Wheel("2.10.0", "12.8", pinned=True), id="Volta and Blackwell together"),
        pytest.param("13.0", ["6.1", "12.0"], LINUX, "", None, id="Pascal and Blackwell: no build has both"),
        pytest.param("13.0", ["13.0"], LINUX, "", None, id="a card newer than the tables"),
        pytest.param("13.0", ["3.5"], LINUX, "", None, id="a card older than all builds"),
        pytest.param("11.4", ["8.6"], NEW, "", None, id="an old driver and a new Python"),
        pytest.param("11.4", ["8.6"], OLD, "", Wheel("2.7.1", "11.8", CU + "118"), id="a driver of CUDA 11"),
        pytest.param("13.0", [], LINUX, "", Wheel("2.15.0", "13.2"), id="a card that does not tell"),
        pytest.param("13.0", ["8.6"], OLD, "", Wheel("2.14.1", "13.0"), id="Python 3.10"),
        pytest.param("13.0", ["8.6"], NEWER, "", Wheel("2.15.0", "13.2"), id="a Python newer than the tables"),
        pytest.param(
            "13.0", ["8.6"], LINUX, ">=2.6,<2.10", Wheel("2.9.1", "12.8", "", True), id="the project wants an older one"
        ),
        pytest.param(
            "12.2", ["8.6"], LINUX, "==2.13.0+cpu", Wheel("2.13.0", "12.6", CU + "126", True), id="the project pins the CPU build"
        ),
        pytest.param("13.0", ["8.6"], LINUX, "==1.0", None, id="no build satisfies the project"),
        pytest.param(
            "13.0", ["8.6"], WINDOWS, "", Wheel("2.14.1", "13.0", CU + "130"), id="Windows: PyPI has the CPU build only"
        ),
        pytest.param("12.6", ["6.1"], WINDOWS, "", Wheel("2.14.1", "12.6", CU + "126"), id="Windows with an old card"),
        pytest.param("13.0", ["9.0"], ARM, "", Wheel("2.15.0", "13.2"), id="aarch64"),
        pytest.param("12.4", ["9.0"], ARM, "", Wheel("2.14.1", "12.6", CU + "126"), id="aarch64 on a driver of CUDA 12"),
        pytest.param("13.0", ["8.6"], Python(version="3.12.0", machine="riscv64"), "", None, id="a machine without builds"),
    ],
)
def test_choose(cuda: str, cards: list[str], python: Python, specifier: str, wheel: Wheel | None) -> None:
    assert choose(cuda, cards, python, specifier) == wheel


def wanted(specifier: str) -> Wanted:
    return Wanted((WantedLibrary("torch", specifier),))


FAMILY = Libraries((Distribution("torchvision", "0.24.1", ""), Distribution("torchaudio", "2.9.1", "")))


@pytest.mark.parametrize(
    ("cuda", "libraries", "wish", "packages", "options"),
    [
        ("13.0", Libraries(), Wanted(), ("torch",), ()),
        ("12.2", FAMILY, Wanted(), ("torch", "torchvision", "torchaudio"), ("--index-url", CU + "126")),
        ("12.2", FAMILY, wanted("<2.10"), ("torch==2.9.1", "torchvision==0.24.1", "torchaudio==2.9.1"), ()),
        ("12.2", FAMILY, wanted("==2.14.*"), ("torch==2.14.1", "torchvision", "torchaudio"), ("--index-url", CU + "126")),
        ("13.0", Libraries(), wanted("==99"), ("torch",), ()),
    ],
    ids=["plain", "the whole family from one index", "pinned together", "a range in the family", "a wish that nothing can meet"],
)
def test_install(cuda: str, libraries: Libraries, wish: Wanted, packages: tuple[str, ...], options: tuple[str, ...]) -> None:
    fix = install(cuda, ["8.6", "8.6", ""], LINUX, libraries, wish)
    assert (fix.id, fix.values["packages"], fix.values["options"]) == ("torch.install-gpu", packages, options)
    assert fix.values["cards"] == "8.6"


def test_install_says_when_no_build_serves() -> None:
    fix = install("13.0", ["6.1", "12.0"], LINUX, Libraries(), Wanted())
    assert (fix.id, dict(fix.values)) == ("torch.no-build", {"cuda": "13.0", "cards": "6.1, 12.0"})


@pytest.mark.parametrize(
    ("text", "on_purpose"),
    [
        ("torch==2.9.1+cpu", True),
        ("torch @ https://download.pytorch.org/whl/cpu/torch-2.9.1%2Bcpu-cp312-cp312-linux_x86_64.whl", True),
        ("torch==2.9.1", False),
        ("torch-something==1+cpu", False),
        ("numpy==1+cpu", False),
        ("torchvision==0.20+cpu", False),
    ],
)
def test_cpu_on_purpose(text: str, on_purpose: bool) -> None:
    project = Project(requirements=(Declared("numpy", "pyproject.toml"), Declared(text, "requirements.txt", 3)))
    assert cpu_on_purpose(project) == ("requirements.txt" if on_purpose else "")


TABLE = [line.split(",") for line in (DATA / "torch_builds.csv").read_text("utf-8").splitlines() if line[:1].isdigit()]
CARDS = ("5.2", "6.1", "7.0", "7.5", "8.0", "8.6", "8.9", "9.0", "10.0", "10.3", "12.0", "12.1")
PLATFORMS = {
    "linux-x86_64": Python("3.12.4", machine="x86_64"),
    "linux-aarch64": Python("3.12.4", machine="aarch64"),
    "windows": Python("3.12.4", platform="win32", machine="AMD64"),
}


def serves(row: list[str], driver: str, cards: tuple[str, ...]) -> bool:
    """Written anew from NVIDIA's two rules: a driver runs its own and earlier major versions of CUDA; machine code runs on the same
    generation from its number up. https://docs.nvidia.com/deploy/cuda-compatibility/
    """
    have = [tuple(map(int, capability.split("."))) for capability in row[6].split()]
    fits = all(any(h[0] == c[0] and h[1] <= c[1] for h in have) for c in (tuple(map(int, card.split("."))) for card in cards))
    return fits and int(row[1].split(".")[0]) <= int(driver.split(".")[0])


@pytest.mark.parametrize("platform", PLATFORMS)
@pytest.mark.parametrize("driver", ["11.4", "12.2", "12.8", "13.0", "14.0"])
def test_the_wheel_is_the_newest_that_serves_driver_and_cards(platform: str, driver: str) -> None:
    """Every pair of cards, compared with a search through the whole table."""
    for cards in [(card,) for card in CARDS] + [(one, two) for one in CARDS for two in CARDS if one < two]:
        possible = [row for row in TABLE if row[2] == platform and serves(row, driver, cards)]
        possible = [row for row in possible if numbers(row[4]) <= (3, 12) <= numbers(row[5])]
        found = choose(driver, cards, PLATFORMS[platform])
        if not possible:
            assert found is None, cards
            continue
        newest = max(tuple(map(int, row[0].split("."))) for row in possible)
        assert found and tuple(map(int, found.torch.split("."))) == newest, (cards, found)
        assert any(row[0] == found.torch and row[1] == found.cuda for row in possible), (cards, found)
        assert bool(found.index) != any(row[0] == found.torch and row[1] == found.cuda and row[3] == "yes" for row in possible)


def test_the_command_always_changes_something() -> None:
    """pip calls a torch that is there satisfied, whatever it was built for: so it is told to install it all the same."""
    for driver, card in itertools.product(("12.2", "13.0"), CARDS):
        way = install(driver, (card,), PLATFORMS["linux-x86_64"], Libraries(), Wanted())
        if way.id == "torch.install-gpu":
            made = SHEET.prescribe(way, {**PATIENT, "manager": "pip"}, "v")
            assert "--force-reinstall" in made.commands[0].argv
            assert "--reinstall" in SHEET.prescribe(way, {**PATIENT, "manager": "uv"}, "v").commands[0].argv


def test_what_was_built_for_one_torch_keeps_it() -> None:
    """vLLM names exactly one torch: of that, another build is chosen for a card that the first does not serve."""
    vllm = Distribution("vllm", "0.9.0", "/e", requires=("torch==2.7.0", "torchvision==0.22.0", "rubbish ==", "numpy"))
    way = install("12.8", ("12.0",), LINUX, Libraries((Distribution("torch", "2.7.0", "/e"), vllm)), Wanted())
    assert way.values["packages"] == ("torch==2.7.0",) and way.values["options"] == ("--index-url", CU + "128")
    never = Distribution("vllm", "0.1", "/e", requires=("torch==1.4.0",))
    assert install("12.8", ("12.0",), LINUX, Libraries((never,)), Wanted()).values["packages"] == ("torch",)
