"""Real libraries that do not fit each other, or whose files are not what they were; most are then cured as printed."""

from __future__ import annotations

from collections.abc import Callable

from families.libraries.patients import red_are
from lab.patient import Patient
from lab.real import installing, real, shell
from lab.ward import Ward

CLASSIC = ("numpy==1.26.4", "pandas==2.1.4", "scipy==1.11.4", "scikit-learn==1.3.2")
NUMPY_2 = installing("--no-deps", "numpy==2.2.6")


def one(id: str, make: Callable[[Ward], object], *red: str, **more: object) -> Patient:
    """A slow patient that is red for these causes only; where it is one and can be cured here, it is."""
    return Patient(id, make, red, args=("--timeout", "90"), slow=True, **more)  # type: ignore[arg-type]


OTHER_PYTHON = (
    "for f in $(find {0} -name '*.cpython-3*'); do mv $f $(echo $f | sed s/cpython-31./cpython-39/); done",
    "sed -i s/cpython-31./cpython-39/ {0}-*/RECORD",
)


def of_another_python(name: str) -> Callable[[Ward], None]:
    """Compiled files as they are when they were installed by another Python."""
    return shell(*(line.format(name) for line in OTHER_PYTHON))


def old(*packages: str, python: str = "3.10", without: str = "", **more: str) -> Callable[[Ward], None]:
    """Packages that were released before what they need changed, with the newest of that."""
    return real(*packages, python=python, harm=shell(without) if without else None, **more)


NUMPY_PAIRS = {  # built for numpy 1: the version, and a Python that it has a wheel for
    "pandas": ("2.1.4", "3.10"),
    "scipy": ("1.11.4", "3.11"),
    "scikit-learn": ("1.3.2", "3.10"),
    "matplotlib": ("3.8.2", "3.12"),
    "bottleneck": ("1.3.7", "3.11"),
    "numexpr": ("2.8.8", "3.12"),
    "pyarrow": ("15.0.0", "3.10"),
}


PATIENTS = [
    one("all of numpy 1, Python 3.10", real(*CLASSIC, python="3.10")),
    one("all of today, Python 3.12", real("numpy", "pandas", "pydantic", "fastapi", "protobuf", python="3.12")),
    one("all of today, Python 3.13", real("numpy", "scikit-learn", "openai", "uvicorn", python="3.13")),
    one(
        "tests, stubs and caches were removed",
        real("pandas==2.3.3", python="3.12", harm=shell("rm -r pandas/tests numpy/tests", "find . -name '*.pyi' -delete")),
    ),
    one(
        "libraries were stripped", real("numpy==2.2.6", harm=shell("find numpy -name '*.so' -exec strip {} +")), needs=("strip",)
    ),
    one(
        "sources were replaced by bytecode",
        real("joblib==1.5.2", harm=shell("../../../bin/python -m compileall -qb joblib", "find joblib -name '*.py' -delete")),
    ),
    *(
        one(
            f"numpy 2 beside {name} of numpy 1",
            real(f"{name}=={version}", "numpy==1.26.4", python=python, asks=name, harm=NUMPY_2),
            "numpy2-abi",
            cure="numpy2-abi",
        )
        for name, (version, python) in NUMPY_PAIRS.items()
    ),
    one(
        "numpy of another Python",
        real("numpy==2.2.6", "pandas==2.3.3", asks="pandas numpy", harm=of_another_python("numpy")),
        "wrong-binary",
        cure="wrong-binary",
        also=red_are("numpy"),
    ),
    one(
        "pandas of another Python",
        real("pandas==2.3.3", "seaborn==0.13.2", python="3.13", harm=of_another_python("pandas")),
        "wrong-binary",
        cure="wrong-binary",
        also=red_are("pandas"),
    ),
    one(
        "the core of pydantic of another Python",
        real("pydantic==2.12.0", "openai==2.0.0", python="3.12", asks="openai", harm=of_another_python("pydantic_core")),
        "wrong-binary",
        cure="wrong-binary",
    ),
    one(
        "numpy lost a library",
        real(
            "numpy==2.2.6",
            "pandas==2.3.3",
            python="3.13",
            asks="pandas numpy",
            harm=shell("rm numpy/_core/_multiarray_umath.*.so"),
        ),
        "numpy-broken",
        cure="numpy-broken",
    ),
    one(
        "numpy was cut off",
        real("numpy==2.2.6", python="3.12", harm=shell("truncate -s 100K numpy/_core/_multiarray_umath.*.so")),
        "numpy-broken",
        cure="numpy-broken",
    ),
    one(
        "pandas lost a library",
        real("pandas==2.3.3", python="3.12", harm=shell("rm pandas/_libs/lib.*.so")),
        "dist-info-damaged",
        cure="dist-info-damaged",
    ),
    one(
        "scipy lost a source that scikit-learn needs",
        real("scikit-learn==1.7.2", harm=shell("rm scipy/sparse/_csr.py")),
        "dist-info-damaged",
        cure="dist-info-damaged",
        also=red_are("scipy"),
    ),
    one(
        "joblib was emptied by a full disk",
        real("joblib==1.5.2", python="3.10", harm=shell(": > joblib/parallel.py")),
        "dist-info-damaged",
        cure="dist-info-damaged",
    ),
    one(
        "joblib was changed by hand",
        real("joblib==1.5.2", harm=shell("echo 'raise ValueError(1)' >> joblib/__init__.py")),
        "dist-info-damaged",
        cure="dist-info-damaged",
    ),
    one(
        "metadata is gone",
        real("joblib==1.5.2", harm=shell("rm joblib-*/METADATA")),
        "dist-info-damaged",
        cure="dist-info-damaged",
    ),
    one(
        "all metadata is gone",
        real("joblib==1.5.2", harm=shell("find joblib-*.dist-info -mindepth 1 -delete")),
        "dist-info-damaged",
        cure="dist-info-damaged",
    ),
    one(
        "scipy lost its metadata",
        real("scikit-learn==1.7.2", python="3.12", harm=shell("rm -r scipy-*.dist-info")),
        "interrupted-install",
        cure="interrupted-install",
        also=red_are("scipy"),
    ),
    one(
        "the list of files is gone",
        real("joblib==1.5.2", python="3.13", harm=shell("rm joblib-*/RECORD")),
        yellow=("dist-info-damaged",),
        cure="dist-info-damaged",
    ),
    one(
        "a needed library is metadata only",
        real("requests==2.32.3", harm=shell("rm -r idna")),
        "interrupted-install",
        cure="interrupted-install",
    ),
    one(
        "listed twice",
        real(
            "joblib==1.5.2",
            harm=shell(
                "cp -r joblib-1.5.2.dist-info joblib-1.3.0.dist-info",
                "sed -i s/1.5.2/1.3.0/ joblib-1.3.0.dist-info/METADATA joblib-1.3.0.dist-info/RECORD",
            ),
        ),
        yellow=("duplicate-dist-info",),
        cure="duplicate-dist-info",
    ),
    one(
        "the core of pydantic is of another version",
        real("pydantic==2.12.0", python="3.12", harm=installing("--no-deps", "pydantic-core==2.40.1")),
        "pydantic-mismatch",
        cure="pydantic-mismatch",
    ),
    one(
        "typing-extensions is too old for pydantic",
        real("pydantic==2.12.0", harm=installing("--no-deps", "typing-extensions==4.5.0")),
        "pydantic-mismatch",
        cure="pydantic-mismatch",
    ),
    one("flask of before werkzeug 3", old("flask==2.2.2", "werkzeug>=3", asks="flask"), "known-bad-pair", cure="known-bad-pair"),
    one(
        "jinja2 of before markupsafe 2.1",
        old("jinja2==2.11.3", "markupsafe>=2.1", asks="jinja2"),
        "known-bad-pair",
        cure="known-bad-pair",
    ),
    one(
        "gensim of before scipy 1.13",
        old("gensim==4.3.2", "scipy==1.13.1", python="3.11", asks="gensim"),
        "known-bad-pair",
        cure="known-bad-pair",
    ),
    one(
        "networkx of before numpy 1.24",
        old("networkx==2.4", "numpy==1.26.4", asks="networkx"),
        "numpy-removed-names",
        cure="numpy-removed-names",
    ),
    one(
        "pygal without setuptools",
        old("pygal==3.0.0", asks="pygal"),
        "pkg-resources-removed",
        cure="pkg-resources-removed",
    ),
    one(
        "tensorboard that loads, and its program that does not",
        old("tensorboard==2.20.0", "setuptools>=82", asks="tensorboard"),
        "pkg-resources-removed",
        cure="pkg-resources-removed",
    ),
    one(
        "GPUtil on Python 3.12",
        old("GPUtil==1.4.0", "numpy", python="3.12", asks="GPUtil"),
        "distutils-removed",
        cure="distutils-removed",
    ),
    one(
        "mlflow of before protobuf 4",
        old(
            "mlflow==1.23.1",
            "protobuf==4.25.8",
            "setuptools<81",
            "sqlalchemy<2",
            "flask<2.3",
            "pandas<2.2",
            "numpy<2",
            asks="mlflow",
        ),
        "protobuf-mismatch",
    ),
]
