"""Record the machines of `check --demo` anew, from patients of the lab: src/mlenv_doctor/documents/demo.json.gz.

    .cache/test-venv/bin/python scripts/demo.py

Each is made and looked at as the tests do it: as root, with gcc, with packages from the index. What tells of the machine that
records them (folders, disks, memory, network, limits) is replaced by that of one made-up machine. Equal facts are stored once.
"""

from __future__ import annotations

import gzip
import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
sys.path += [str(ROOT / "tests")]

from families.gpu.patients import no_driver  # noqa: E402
from families.gpu.patients_health import eight, on_a_machine, remembered  # noqa: E402
from families.imports.patients_real import shell  # noqa: E402
from families.torch.patients_accelerators import mac  # noqa: E402
from families.venv.patients_damage import moved  # noqa: E402
from lab.gpu_box import A100, box  # noqa: E402
from lab.real import real  # noqa: E402
from lab.ward import KEY, Ward  # noqa: E402

STORED = ROOT / "src/mlenv_doctor/documents/demo.json.gz"
SAME = ROOT / "tests/report/screens/machines/healthy.json"  # of this made-up machine are the facts about the host
OF_THE_HOST = ("system", "limits", "folders", "network")
PROJECT, HOME = "/home/ada/churn", "/home/ada"
TRAINING = "import pandas\nimport torch\nfrom sklearn import ensemble\n"
AGENT = "import openai\nfrom dotenv import load_dotenv\n\nload_dotenv()\nclient = openai.OpenAI()\n"
TRACKED = "import mlflow\nimport pandas\n\nwith mlflow.start_run():\n    mlflow.log_param('rows', len(pandas.DataFrame()))\n"
LOST = "GPU-0123abcd-0000-1111-2222-333344445555"
NO_EXTENSION = shell("rm numpy/_core/_multiarray_umath.*.so")
VISION = "import cv2\nimport pandas\nimport torch\nimport yaml\nfrom PIL import Image\n"


def project(make: Callable[[Ward], object], code: str = TRAINING, **env: str) -> Callable[[Ward], None]:
    """A patient whose project has this code."""

    def made(ward: Ward) -> None:
        ward.write("train.py", code)
        make(ward)
        ward.environ.pop("OPENAI_API_KEY", None)
        ward.environ |= env

    return made


def placeholder(ward: Ward) -> None:
    """The cheat sheet followed to the letter."""
    ward.venv()
    subprocess.run(["git", "init", "--quiet"], cwd=ward.project, check=True)
    ward.write(".env", "OPENAI_API_KEY=your_key_here\n").chmod(0o600)
    ward.write(".gitignore", ".env\n.venv/\n")


def venv(ward: Ward) -> None:
    ward.venv()


MACHINES: dict[str, tuple[str, Callable[[Ward], object]]] = {
    "cpu-only-torch": ("a CPU-only PyTorch on a GPU machine", project(on_a_machine(box(build="cpu")))),
    "moved-venv": ("a virtual environment that was moved", project(moved(active=True))),
    "lost-gpu": (
        "a server that lost one of eight GPUs",
        project(on_a_machine(remembered(eight(A100, FAKE_NVML_LOST="6"), "0000:07:00.0", LOST))),
    ),
    "mac": ("a Mac whose macOS is too old for PyTorch", project(mac("13.7.4"))),
    "colab": ("Google Colab without a GPU", project(no_driver(COLAB_RELEASE_TAG="release-colab"))),
    "placeholder-key": ("an API key that is still a placeholder", project(placeholder, AGENT)),
    "broken-numpy": (
        "NumPy without its compiled part",
        project(
            real("numpy==2.2.6", "pandas==2.3.3", python="3.13", harm=NO_EXTENSION), "import pandas\n"
        ),
    ),
    "mlflow-down": ("an MLflow server that is not running", project(venv, TRACKED, MLFLOW_TRACKING_URI="http://localhost:5000")),
    "missing-imports": ("imports that are not installed", project(venv, VISION)),
    "healthy": ("a machine where everything works", project(on_a_machine(box()))),
}  # fmt: skip


def recorded(make: Callable[[Ward], object]) -> dict[str, Any]:
    """The snapshot of a patient, with nothing of this machine in it."""
    with tempfile.TemporaryDirectory(prefix="demo-") as folder:
        ward = Ward(Path(folder) / "w")
        make(ward)
        visit = ward.doctor("snapshot")
        elsewhere = ward.project / "elsewhere.json"
        text = elsewhere.read_text("utf-8") if elsewhere.exists() else visit.stdout
    return cleaned(text, ward)


def cleaned(text: str, ward: Ward) -> dict[str, Any]:
    """A snapshot in which this machine's paths, host and keys are those of the made-up machine."""
    for mine, theirs in (
        (str(ward.project), PROJECT), (str(ward.home), HOME), (str(ward.bin), "/usr/bin"), (str(ward.root), HOME),
        (sys.prefix, "/usr"), (sys.base_prefix, "/usr"), (KEY, "key"), (str(ROOT), "/opt/doctor"),
    ):  # fmt: skip
        text = text.replace(mine, theirs)
    home = re.escape(str(Path.home()))
    text = re.sub(rf"{home}/\.pyenv/versions/[^/\"]+|{home}/\.local/share/uv/python/[^/\"]+", "/usr", text)
    text = re.sub(r"/tmp/fake-[^/\"]+", "/usr/lib", text)
    document: dict[str, Any] = json.loads(text)
    same = json.loads(SAME.read_text("utf-8"))["facts"]
    document["facts"] |= {section: same[section] for section in OF_THE_HOST}
    return document


def stored(machines: dict[str, tuple[str, dict[str, Any]]]) -> bytes:
    """All of them in one compressed file, the same bytes for the same machines."""
    facts: list[Any] = []
    rows = {}
    for name, (title, document) in machines.items():
        numbers = {}
        for section, fact in document["facts"].items():
            if fact not in facts:
                facts.append(fact)
            numbers[section] = facts.index(fact)
        rows[name] = {"title": title, "snapshot": {**document, "facts": numbers}}
    return gzip.compress(json.dumps({"machines": rows, "facts": facts}, separators=(",", ":")).encode(), 9, mtime=0)


if __name__ == "__main__":
    wanted = sys.argv[1:] or list(MACHINES)
    made = {name: (MACHINES[name][0], recorded(MACHINES[name][1])) for name in wanted}
    STORED.write_bytes(stored(made))
    print(f"{STORED}: {len(made)} machines, {STORED.stat().st_size} bytes")
