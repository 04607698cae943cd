"""The fixes of the topic gpu, made out for typical machines."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import mlenv_checks
from mlenv_doctor import fix
from mlenv_doctor.repair import CheatSheet
from support.builtin import CHEATSHEET

HERE = Path(mlenv_checks.__file__).parent
SHEET = CheatSheet([CHEATSHEET])
SOURCES = [
    (HERE / f"{name}.py").read_text()
    for name in (
        "gpu/checks",
        "gpu/card_health",
        "gpu/card_use",
        "gpu/driver",
        "gpu/kernel_module",
        "gpu/torch_wheels",
        "torch/checks",
    )
]
TABLES = [(HERE / f"gpu/data/{name}_codes.csv").read_text() for name in ("nvml", "cuda")]
NAMED = {id for source in SOURCES for id in re.findall(r'fix\("([\w.-]+)"', source)}
NAMED |= {line.rpartition(",")[2] for table in TABLES for line in table.splitlines() if ",gpu." in line}
LINUX = {
    "os": "linux",
    "distro": "debian",
    "place": "machine",
    "shell": "sh",
    "manager": "pip",
    "env": "venv",
    "python": "/p/.venv/bin/python",
    "prefix": "/p/.venv",
}
VALUES = {
    "branch": "driver 580 or newer",
    "file": "/usr/lib/libcuda.so.1",
    "cards": "8.6",
    "card": "3",
    "cuda": "12.6",
    "needed": "580",
    "kernel": "6.8.0-60-generic",
    "group": "video",
    "packages": ("torch", "torchvision"),
    "options": ("--index-url", "https://download.pytorch.org/whl/cu126"),
}
PLACES = ("machine", "container", "kubernetes", "wsl", "colab", "kaggle", "lightning", "codespaces", "sagemaker", "slurm", "ci")


def commands(id: str, **circumstances: str) -> list[str]:
    return [command.text for command in SHEET.prescribe(fix(id, **VALUES), LINUX | circumstances, "v").commands]


def notes(id: str, **circumstances: str) -> str:
    return " ".join(SHEET.prescribe(fix(id, **VALUES), LINUX | circumstances, "v").notes)


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("id", sorted(NAMED))
def test_every_fix_says_something_everywhere(id: str, place: str) -> None:
    for circumstances in (
        {},
        {"os": "windows", "shell": "powershell"},
        {"shell": "fish"},
        {"shell": "cmd"},
        {"distro": "alpine"},
    ):
        made = SHEET.prescribe(fix(id, **VALUES), LINUX | circumstances | {"place": place}, "v")
        assert made.commands or made.notes
        assert not any(command.argv[0] in ("pip", "python", "conda") for command in made.commands)


def test_every_fix_that_the_checks_name_is_on_the_sheet() -> None:
    assert SHEET.entries.keys() >= NAMED and len(NAMED) > 30


def test_no_driver_is_ever_installed_where_it_does_not_belong() -> None:
    for place in ("container", "kubernetes", "wsl", "colab", "kaggle", "lightning", "codespaces"):
        assert commands("gpu.install-driver", place=place) == []
    assert commands("gpu.install-driver") == ["sudo ubuntu-drivers install", "sudo reboot"]
    assert "driver 580 or newer" in notes("gpu.install-driver", os="windows", distro="other")


@pytest.mark.parametrize(
    ("circumstances", "command"),
    [
        ({}, "/p/.venv/bin/python -m pip install --force-reinstall"),
        ({"manager": "uv"}, "uv pip install --python /p/.venv/bin/python --reinstall"),
        ({"manager": "conda"}, "/p/.venv/bin/python -m pip install --force-reinstall"),
        ({"place": "colab"}, "/p/.venv/bin/python -m pip install --force-reinstall"),
    ],
)
def test_torch_is_really_replaced(circumstances: dict[str, str], command: str) -> None:
    expected = f"{command} torch torchvision --index-url https://download.pytorch.org/whl/cu126"
    assert commands("torch.install-gpu", **circumstances) == [expected]


def test_a_plain_install_names_no_index() -> None:
    plain = fix("torch.install-gpu", packages=("torch",), options=(), cuda="13.2", cards="8.6")
    assert SHEET.prescribe(plain, LINUX, "v").commands[0].argv[-2:] == ("--force-reinstall", "torch")


@pytest.mark.parametrize(
    ("shell", "command"),
    [
        ("sh", "unset CUDA_VISIBLE_DEVICES"),
        ("fish", "set --erase CUDA_VISIBLE_DEVICES"),
        ("powershell", "Remove-Item Env:CUDA_VISIBLE_DEVICES"),
        ("cmd", "set CUDA_VISIBLE_DEVICES="),
    ],
)
def test_the_variable_goes_in_every_shell(shell: str, command: str) -> None:
    assert commands("gpu.show", shell=shell) == [command]


def test_the_free_clouds_are_those_of_the_cheat_sheet() -> None:
    said = notes("gpu.cloud")
    assert all(words in said for words in ("colab.research.google.com", "30 free GPU hours a week", "lightning.ai"))


@pytest.mark.parametrize(
    ("place", "words"),
    [("colab", "Change runtime type"), ("kaggle", "GPU T4 x2"), ("lightning", "Studio"), ("other", "Request a GPU")],
)
def test_a_click_gives_a_session_its_gpu(place: str, words: str) -> None:
    assert words in notes("gpu.turn-on", place=place)
    assert commands("gpu.turn-on", place="slurm") == ["srun --gres=gpu:1 --pty bash"]


def test_no_fix_ends_a_program_and_one_card_is_reset() -> None:
    everything = [command for id in NAMED for command in commands(id)]
    assert not [command for command in everything if "kill" in command]
    assert commands("gpu.reset")[-1] == "sudo nvidia-smi --gpu-reset -i 3"
    for place in ("container", "kubernetes", "wsl", "colab"):
        assert commands("gpu.reset", place=place) == []
