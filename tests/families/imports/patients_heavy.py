"""The real libraries, each broken in a throw-away copy of a complete environment."""

from __future__ import annotations

from collections.abc import Callable

from families.libraries.patients import red_are, says
from lab.patient import Patient
from lab.visit import Visit
from lab.ward import Ward

SLOW_IMPORTS = ("--timeout", "90")


def broken(
    id: str, *breaking: str, red: tuple[str, ...], also: Callable[[Visit], object] | None = None, **more: object
) -> Patient:
    def make(ward: Ward) -> None:
        ward.heavy(*breaking)

    return Patient(id, make, red, also=also, args=SLOW_IMPORTS, needs=("heavy",), slow=True, **more)  # type: ignore[arg-type]


def everything_imported(visit: Visit) -> None:
    imported = [f for f in visit.findings("pass") if f["id"] == "libraries.import"]
    assert len(imported) == 16, visit


def one_red(subject: str, *blocked: str) -> Callable[[Visit], None]:
    """Only this library is red, and these others are said to wait for it."""

    def look(visit: Visit) -> None:
        red_are(subject)(visit)
        waiting = {f["subject"]: f["blocked_by"] for f in visit.findings("skip") if f["id"] == "libraries.import"}
        assert set(blocked) <= set(waiting), waiting
        assert all(by == f"libraries.import:{subject}" for by in waiting.values()), waiting

    return look


PATIENTS = [
    broken("all is well", red=(), also=everything_imported),
    broken(
        "numpy lacks its core",
        "rm numpy/_core/_multiarray_umath*.so",
        red=("numpy-broken",),
        also=one_red("numpy", "torch", "pandas", "scikit-learn", "matplotlib", "seaborn", "xgboost", "lightgbm", "mlflow"),
    ),
    broken(
        "pandas lacks its extension", "rm pandas/_libs/lib*.so", red=("dist-info-damaged",), also=one_red("pandas", "seaborn")
    ),
    broken("scikit-learn is metadata only", "rm -r sklearn", red=("interrupted-install",), also=red_are("scikit-learn")),
    broken("matplotlib is metadata only", "rm -r matplotlib", red=("interrupted-install",), also=red_are("matplotlib")),
    broken("xgboost is files only", "rm -r xgboost-*.dist-info", red=("interrupted-install",), also=red_are("xgboost")),
    broken(
        "torch is cut off",
        "truncate -s 100M torch/lib/libtorch_cpu.so",
        red=("dist-info-damaged",),
        also=says("SIGBUS", "libtorch_cpu.so was changed after installation"),
    ),
    broken(
        "scipy is half removed",
        "mv scipy/stats ./~cipy",
        "mv scipy-*.dist-info ./~cipy-1.0.dist-info",
        red=("interrupted-install",),
        yellow=("interrupted-install",),
        also=red_are("scipy"),
    ),
    broken(
        "pandas contradicts its numpy",
        "sed -i 's/^Requires-Dist: numpy.*/Requires-Dist: numpy<2/' pandas-*.dist-info/METADATA",
        red=("dependency-conflict",),
        also=red_are("numpy"),
    ),
    broken(
        "the core of pydantic is another one",
        "sed -i 's/^Version: .*/Version: 2.0.0/' pydantic_core-*.dist-info/METADATA",
        red=(),
        yellow=("pydantic-mismatch",),
        also=says("pydantic-core"),
    ),
    broken(
        "the core of pydantic lacks its extension",
        "rm pydantic_core/_pydantic_core*.so",
        red=("dist-info-damaged",),
        also=says("pydantic_core/_pydantic_core"),
    ),
]
