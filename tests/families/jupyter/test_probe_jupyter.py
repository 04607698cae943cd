"""The probe of notebooks and their kernels, on real files; what it believes of Jupyter is held against Jupyter itself."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from mlenv_checks.jupyter.facts import Jupyter
from mlenv_checks.jupyter.probes.kernels import kernel_folders, package_folders
from support.notebooks import HOME_VARIABLES, Place, document, environment, kernel_json


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def test_no_notebooks(place: Place) -> None:
    assert place.read() == Jupyter()


def test_the_kernel_that_comes_with_ipykernel(place: Place) -> None:
    place.write("a.ipynb", document())
    found = place.read()
    prefix = str(place.project / ".venv")
    assert (found.notebooks, found.server, found.server_mine, found.finds_conda) == (1, prefix, True, False)
    (kernel,) = found.kernels
    assert kernel.found and kernel.mine and kernel.alive and kernel.ipykernel and kernel.file == "" and kernel.prefix == prefix
    assert (kernel.notebooks, kernel.count, kernel.level, kernel.has_widgets) == (("a.ipynb",), 1, "", False)


def test_another_environment(place: Place) -> None:
    file = kernel_json(place.user / "mine", str(place.other))
    place.write("sub/a.ipynb", document("Mine", "import pandas as pd, os\nfrom json import (\n dumps)\n"))
    found = place.kernel()
    assert (found.file, found.level, found.python) == (str(file), "user", str(place.other))
    assert (found.found, found.mine, found.alive, found.ipykernel) == (True, False, True, True)
    assert (found.prefix, found.lacking) == (str(place.root / "other"), ("pandas",))


@pytest.mark.parametrize(
    ("env", "wins"),
    [
        ({}, "environment"),
        ({"JUPYTER_PREFER_ENV_PATH": "1"}, "environment"),
        ({"JUPYTER_PREFER_ENV_PATH": "0"}, "user"),
        ({"JUPYTER_PREFER_ENV_PATH": "No"}, "user"),
        ({"JUPYTER_PATH": "{root}/hub"}, "elsewhere"),
        ({"JUPYTER_DATA_DIR": "{root}/data", "JUPYTER_PREFER_ENV_PATH": "0"}, "user"),
        ({"XDG_DATA_HOME": "{root}/xdg", "JUPYTER_PREFER_ENV_PATH": "0"}, "environment"),
    ],
)
@pytest.mark.skipif(sys.platform != "linux", reason="the folders of Linux")
def test_precedence(place: Place, env: dict[str, str], wins: str) -> None:
    for folder in (
        place.user,
        place.root / "hub/kernels",
        place.root / "data/kernels",
        place.project / ".venv/share/jupyter/kernels",
    ):
        kernel_json(folder / "python3", "python")
    place.write("a.ipynb", document())
    assert place.kernel(**{name: value.format(root=place.root) for name, value in env.items()}).level == wins


@pytest.mark.skipif(os.name != "posix" or os.geteuid() != 0, reason="needs root, to give a folder away")
def test_an_environment_of_somebody_else_does_not_win(place: Place) -> None:
    for folder in (place.user, place.project / ".venv/share/jupyter/kernels"):
        kernel_json(folder / "python3", "python")
    place.write("a.ipynb", document())
    os.chown(place.project / ".venv", 12345, -1)
    assert place.kernel().level == "user"


def test_an_old_jupyter_prefers_the_user(place: Place) -> None:
    for folder in (place.user, place.project / ".venv/share/jupyter/kernels"):
        kernel_json(folder / "python3", "python")
    (place.project / ".venv/lib/python3.11/site-packages/jupyter_core-4.12.0.dist-info").mkdir()
    place.write("a.ipynb", document())
    assert place.kernel().level == "user"


@pytest.mark.parametrize(
    ("argv", "expected"),
    [
        ("python", {"mine": True, "alive": True, "ipykernel": True}),
        ("python3", {"mine": True, "alive": True, "ipykernel": True}),
        ("{prefix}/bin/python", {"mine": True, "alive": True, "ipykernel": True}),
        ("{root}/gone/bin/python3.11", {"mine": False, "alive": False, "ipykernel": None}),
        ("{root}/gone/Scripts/pythonw.exe", {"alive": False}),
        ("{root}/gone/bin/conda", {"python": "", "alive": True}),
        ("conda", {"python": "", "alive": True}),
        ("python3.8", {"python": "", "alive": True}),
        ("/usr/bin/env", {"python": "", "alive": True}),
        ("{root}/shim/python", {"python": "", "alive": True}),
    ],
)
def test_what_a_kernel_starts(place: Place, argv: str, expected: dict[str, object]) -> None:
    shim = place.root / "shim/python"
    shim.parent.mkdir()
    shim.write_text("#!/bin/sh\n")
    kernel_json(place.user / "mine", argv.replace("{root}", str(place.root)))
    place.write("a.ipynb", document("mine"))
    found = place.kernel()
    assert {name: getattr(found, name) for name in expected} == expected


@pytest.mark.parametrize("text", ["", "{", "[]", '{"argv": "python"}', '{"argv": []}', '{"argv": [3]}', "[" * 100000])
def test_a_kernel_json_that_cannot_be_read_is_not_judged(place: Place, text: str) -> None:
    kernel_json(place.user / "mine", "x").write_text(text)
    place.write("a.ipynb", document("mine"))
    assert (place.kernel().found, place.kernel().python) == (True, "")


def test_python_outside_of_virtual_environments(place: Place) -> None:
    """As in the images of docker-stacks, which have conda's Python, and a kernel.json with its full path."""
    conda = place.root / "conda"
    python = environment(conda, "ipykernel", "jupyterlab")
    (conda / "pyvenv.cfg").unlink()
    python.unlink()
    python.write_bytes(b"\x7fELF")
    kernel_json(conda / "share/jupyter/kernels/python3", str(python))
    place.write("a.ipynb", document())
    (found,) = place.read(python).kernels
    assert (found.mine, found.level, found.ipykernel, found.prefix) == (True, "environment", True, str(conda))
    kernel_json(place.user / "python3", str(place.other))
    assert place.read(python).kernels[0].level == "user"  # outside of environments the user's kernels win
    active = {"CONDA_PREFIX": str(conda), "CONDA_DEFAULT_ENV": "ml"}
    assert place.read(python, **active).kernels[0].level == "environment"
    assert place.read(python, **{**active, "CONDA_DEFAULT_ENV": "base"}).kernels[0].level == "user"


def test_what_cannot_be_told_is_left_open(place: Place) -> None:
    """PYTHONPATH in the kernel's variables, or an environment that sees those of the system."""
    kernel_json(place.user / "a", str(place.other), env={"PYTHONPATH": "/x"})
    kernel_json(place.user / "b", str(environment(place.root / "third")))
    (place.root / "third/pyvenv.cfg").write_text("home = /usr/bin\ninclude-system-site-packages = true\n")
    for name in ("a", "b"):
        place.write(f"{name}.ipynb", document(name, "import pandas"))
    assert [(one.ipykernel, one.lacking, one.has_widgets) for one in place.read().kernels] == [(None, (), None)] * 2


@pytest.mark.parametrize(
    "entry",
    ["pandas.py", "pandas.cpython-311-x86_64-linux-gnu.so", "__editable__.pandas-1.0.pth", "__editable___pandas_1_0_finder.py"],
)
def test_every_way_to_be_installed_counts(place: Place, entry: str) -> None:
    (place.root / "other/lib/python3.11/site-packages" / entry).write_text("")
    kernel_json(place.user / "mine", str(place.other))
    place.write("a.ipynb", document("mine", "import pandas"))
    assert place.kernel().lacking == ()


def test_a_path_file_leads_to_modules(place: Place) -> None:
    (place.root / "source/pandas").mkdir(parents=True)
    (place.root / "other/lib/python3.11/site-packages/mine.pth").write_text(f"import os\n{place.root}/source\n/gone\n")
    kernel_json(place.user / "mine", str(place.other))
    place.write("a.ipynb", document("mine", "import pandas"))
    assert place.kernel().lacking == ()


def test_a_jupyter_on_path(place: Place) -> None:
    """Its own python3 runs the notebooks of a project whose environment has no Jupyter."""
    bare = environment(place.project / "venv", "ipykernel", "pandas")
    outside = environment(place.root / "global dir", "jupyterlab", "ipykernel")
    script = place.root / "path/jupyter-lab"
    script.parent.mkdir()
    script.write_text(f"#!/bin/sh\n'''exec' \"{outside}\" \"$0\" \"$@\"\n' '''\n")
    script.chmod(0o755)
    place.write("a.ipynb", document("python3", "import pandas"))
    found = place.read(bare, PATH=str(script.parent))
    assert (found.server, found.server_mine) == (str(place.root / "global dir"), False)
    assert (found.kernels[0].mine, found.kernels[0].lacking) == (False, ("pandas",))
    alone = place.read(bare)
    assert (alone.server, alone.kernels[0].mine) == ("", True)


def test_the_command_of_ipykernel_is_no_jupyter(place: Place) -> None:
    bare = environment(place.project / "venv", "ipykernel", "jupyter_core")
    (place.project / "venv/bin/jupyter").write_text(f"#!{bare}\n")
    (place.project / "venv/bin/jupyter").chmod(0o755)
    place.write("a.ipynb", document())
    assert place.read(bare, PATH=str(bare.parent)).server == ""


LOAD = "import mmap, sys; f = open(sys.argv[1], 'rb'); m = mmap.mmap(f.fileno(), 0, prot=mmap.PROT_READ); print(); input()"


@pytest.mark.skipif(sys.platform != "linux", reason="/proc")
@pytest.mark.parametrize(
    ("program", "before", "after", "expected"),
    [
        ("ipykernel_launcher", "pandas/a.so", "", ("pandas",)),
        ("colab_kernel_launcher", "pandas/a.so", "~andas/a.so", ("pandas",)),  # pip renames it first
        ("ipykernel_launcher", "pandas.libs/a.so", "", ("pandas",)),
        ("ipykernel_launcher", "pandas/a.so", "pandas/a.so", ()),  # still there
        ("train.py", "pandas/a.so", "", ()),  # no notebook
        ("ipykernel_launcher", "../../../../../x/a.so", "", ()),  # not of this environment
    ],
)
def test_libraries_that_were_replaced(place: Place, program: str, before: str, after: str, expected: tuple[str, ...]) -> None:
    site = place.project / ".venv/lib/python3.11/site-packages"
    file = site / before
    file.resolve().parent.mkdir(exist_ok=True)
    file.write_bytes(b"x" * 5000)
    kernel = subprocess.Popen([sys.executable, "-c", LOAD, file, program], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    try:
        assert kernel.stdout and kernel.stdout.readline()
        if before != after:
            kept = site / (after or before)
            kept.parent.mkdir(exist_ok=True)
            file.rename(kept)
            kept.unlink()
        assert place.read().replaced == expected
    finally:
        kernel.communicate(b"\n")


@pytest.mark.slow
def test_the_order_is_that_of_jupyter_itself(tmp_path: Path) -> None:
    """jupyter_core says where it looks; the probe must say the same."""
    prefix = tmp_path / "v"
    subprocess.run([sys.executable, "-m", "venv", prefix], check=True)
    subprocess.run([prefix / "bin/python", "-m", "pip", "install", "--quiet", "jupyter_client", "ipython"], check=True)
    code = "import jupyter_client.kernelspec as k, json; print(json.dumps(k.KernelSpecManager().kernel_dirs))"
    for more in (
        {},
        {"JUPYTER_PREFER_ENV_PATH": "0"},
        {"JUPYTER_PATH": "/a:/b"},
        {"XDG_DATA_HOME": "/x"},
        {"JUPYTER_DATA_DIR": "/d"},
    ):
        env = {"HOME": str(tmp_path), "PATH": os.defpath, **more}
        said = subprocess.run([prefix / "bin/python", "-c", code], env=env, check=True, capture_output=True, text=True).stdout
        with pytest.MonkeyPatch.context() as patch:
            for name in (*HOME_VARIABLES, "JUPYTER_PREFER_ENV_PATH", "CONDA_PREFIX"):
                patch.delenv(name, raising=False)
            for name, value in env.items():
                patch.setenv(name, value)
            assert kernel_folders(str(prefix), package_folders(str(prefix))) == json.loads(said), more
