"""Repairs of kernels and plots: broken, repaired by the printed commands, whole. The slow ones run real notebooks in real kernels."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from families.jupyter.patients import JUPYTER, gone, healthy, kernelspec, notebook, prefer_user, user_kernels
from families.jupyter.patients_plots import LEAK, RC, files
from lab.repairing import repair
from lab.visit import Visit
from lab.ward import Ward


@pytest.fixture
def ward(tmp_path: Path) -> Ward:
    return Ward(tmp_path / "with a blank")


def test_a_dead_python3_makes_room(ward: Ward) -> None:
    prefer_user(JUPYTER_PREFER_ENV_PATH="0")(ward)
    repair(ward, "kernel-wrong-interpreter", *JUPYTER)
    assert not (user_kernels(ward) / "python3").exists() and user_kernels(ward).exists()


@pytest.mark.parametrize("value", [LEAK, "inline"])
def test_the_backend_of_a_notebook_leaves_the_shell(ward: Ward, value: str) -> None:
    healthy(ward)
    ward.environ["MPLBACKEND"] = value
    repair(ward, "mplbackend-leak")
    assert "MPLBACKEND" not in ward.environ


def test_plots_go_into_files(ward: Ward) -> None:
    healthy(ward)
    files(**RC)(ward)
    repair(ward, "no-display", *JUPYTER)
    assert ward.environ["MPLBACKEND"] == "agg"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with two real environments: one that has Jupyter, a library and matplotlib, and one that has only a kernel."""
    root = tmp_path_factory.mktemp("real environments")
    for name, libraries in (
        ("full", ("ipykernel", "nbclient", "matplotlib", "tqdm")),
        ("kernel", ("ipykernel",)),
        ("bare", ("six",)),
    ):
        subprocess.run([sys.executable, "-m", "venv", root / name], check=True)
        subprocess.run([root / name / "bin/python", "-m", "pip", "install", "--quiet", *libraries], check=True)
    return root


def working(ward: Ward, prefix: Path) -> Path:
    """Work in a real environment."""
    ward.environ |= {"VIRTUAL_ENV": str(prefix), "PATH": f"{prefix}/bin:{ward.bin}"}
    return prefix / "bin/python"


def runs(ward: Ward, name: str = "plot.ipynb") -> Visit:
    """Run a notebook from beginning to end, as `jupyter execute` does."""
    return ward.run(ward.prefix / "bin/jupyter", "execute", name)


def choose(ward: Ward, kernel: str, name: str = "plot.ipynb") -> None:
    """What Jupyter saves when another kernel was chosen in its menu."""
    path = ward.project / name
    document = json.loads(path.read_text())
    document["metadata"]["kernelspec"]["name"] = kernel
    path.write_text(json.dumps(document))


@pytest.mark.slow
def test_a_real_kernel_of_another_environment(ward: Ward, made: Path) -> None:
    working(ward, made / "full")
    kernelspec(user_kernels(ward) / "theirs", made / "kernel/bin/python")
    notebook(ward, kernel="theirs", code="import matplotlib\nprint(matplotlib.__version__)\n")
    assert "No module named 'matplotlib'" in runs(ward).stderr
    (found,) = ward.check(*JUPYTER).findings("fail")
    assert found["cause"] == "kernel-wrong-interpreter" and "lacks matplotlib" in found["message"]
    for command in found["fix"]["commands"]:
        assert ward.run(*command["argv"]).code == 0
    choose(ward, "project")
    assert runs(ward).code == 0
    assert not ward.check(*JUPYTER).findings("fail", "warn")


@pytest.mark.slow
@pytest.mark.parametrize("kernel", [None, "gone"])
def test_a_real_kernel_that_is_gone_or_unknown(ward: Ward, made: Path, kernel: str | None) -> None:
    working(ward, made / "full")
    if kernel:
        kernelspec(user_kernels(ward) / "mine", gone(ward))
    notebook(ward, kernel="mine", code="import matplotlib\n")
    said = runs(ward).stderr
    assert ("No such file or directory" if kernel else "No such kernel named mine") in said, said
    repair(ward, "kernel-wrong-interpreter" if kernel else "kernel-not-registered", *JUPYTER)
    assert runs(ward).code == 0


@pytest.mark.slow
def test_a_real_kernel_without_ipykernel(ward: Ward, made: Path) -> None:
    working(ward, made / "full")
    kernelspec(user_kernels(ward) / "bare", made / "bare/bin/python")
    notebook(ward, kernel="bare", code="import json\n")
    assert "ipykernel" in runs(ward).stderr
    (found,) = ward.check(*JUPYTER).findings("fail")
    for command in found["fix"]["commands"]:
        assert ward.run(*command["argv"]).code == 0
    choose(ward, "project")
    assert runs(ward).code == 0 and not ward.check(*JUPYTER).findings("fail", "warn")


@pytest.mark.slow
def test_a_real_kernel_by_a_bare_python(ward: Ward, made: Path) -> None:
    """jupyter_client takes its own Python for `python`, whatever stands on PATH."""
    working(ward, made / "full")
    kernelspec(user_kernels(ward) / "mine", "python")
    notebook(ward, kernel="mine", code="import matplotlib\n")
    ward.environ["PATH"] = f"{made}/bare/bin:{ward.bin}"
    assert runs(ward).code == 0 and not ward.check(*JUPYTER).findings("fail", "warn")


@pytest.mark.slow
def test_the_users_own_python3_really_wins_where_it_is_said_to(ward: Ward, made: Path) -> None:
    working(ward, made / "full")
    kernelspec(user_kernels(ward) / "python3", gone(ward))
    notebook(ward, code="import matplotlib\n")
    assert runs(ward).code == 0 and not ward.check(*JUPYTER).findings("fail", "warn")
    ward.environ["JUPYTER_PREFER_ENV_PATH"] = "0"
    assert runs(ward).code != 0
    repair(ward, "kernel-wrong-interpreter", *JUPYTER)
    assert runs(ward).code == 0


@pytest.mark.slow
def test_a_real_matplotlib_and_the_backend_of_a_notebook(ward: Ward) -> None:
    """Since 3.9 matplotlib cannot even be imported; that is told once."""
    python = ward.venv(libraries=(), pip=False)
    subprocess.run([python, "-m", "ensurepip"], check=True)
    subprocess.run([python, "-m", "pip", "install", "--quiet", "matplotlib"], check=True)
    ward.write("requirements.txt", "matplotlib\n")
    ward.environ["MPLBACKEND"] = LEAK
    assert "not a valid value for backend" in ward.run(python, "-c", "import matplotlib").stderr
    assert ward.check().causes("fail") == {"mplbackend-leak"}
    repair(ward, "mplbackend-leak")
    assert ward.run(python, "-c", "import matplotlib.pyplot as p; p.plot([1]); p.savefig('a.png')").code == 0


@pytest.mark.slow
def test_real_progress_bars(ward: Ward, made: Path) -> None:
    python = working(ward, made / "full")
    notebook(ward, code="from tqdm.notebook import tqdm\nfor i in tqdm(range(2)): pass\n")
    assert "ipywidgets" in runs(ward).stderr
    try:
        repair(ward, "ipywidgets-missing", *JUPYTER)
        assert runs(ward).code == 0
    finally:
        subprocess.run([python, "-m", "pip", "uninstall", "--yes", "--quiet", "ipywidgets"], check=True)


KEEPS_RUNNING = """
import sys
from jupyter_client.manager import start_new_kernel
manager, client = start_new_kernel()
client.execute_interactive("import numpy")
print("ready", flush=True)
sys.stdin.readline()
manager.shutdown_kernel(now=True)
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="/proc")
def test_a_real_notebook_whose_library_was_replaced(ward: Ward, made: Path) -> None:
    python = working(ward, made / "full")
    notebook(ward)
    kernel = subprocess.Popen(
        [python, "-c", KEEPS_RUNNING], env=ward.environ, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        assert kernel.stdout and kernel.stdout.readline() == "ready\n"
        assert "notebook-needs-restart" not in ward.check(*JUPYTER).causes()
        again = [python, "-m", "pip", "install", "--quiet", "--force-reinstall", "--no-deps", "numpy"]
        subprocess.run(again, check=True)
        (found,) = ward.check(*JUPYTER).findings("warn")
        assert (found["cause"], "still uses the old numpy" in found["message"]) == ("notebook-needs-restart", True), found
    finally:
        kernel.communicate("\n")
    assert not ward.check(*JUPYTER).findings("fail", "warn")
