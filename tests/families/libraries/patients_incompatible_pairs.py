"""Patients whose libraries are whole, each for itself, and do not work with each other; and the healthy ones that look like them."""

from __future__ import annotations

from families.libraries.patients import Make, after, file, red_are, says
from lab.patient import Patient
from lab.ward import Ward


def installed(*libraries: str) -> Make:
    """A venv that has, besides what all have, these `name==version`, each able to meet any other by what it declares."""

    def make(ward: Ward) -> None:
        ward.venv()
        for library in libraries:
            name, _, version = library.partition("==")
            ward.library(name, version)

    return make


def model(name: str, version: str) -> Make:
    """A pickled model, as far as its version goes."""
    return file(name, b"\x80\x04\x8c\x10_sklearn_version\x94\x8c" + bytes([len(version)]) + version.encode() + b"\x94sb.")


BROKEN = [
    Patient(
        "openai and a newer httpx",
        installed("openai==1.40.0", "httpx==0.28.1"),
        red=("known-bad-pair",),
        also=says("openai 1.40.0", "httpx 0.28.1", "proxies"),
    ),
    Patient("anthropic and a newer httpx", installed("anthropic==0.39.0", "httpx==0.28.1"), red=("known-bad-pair",)),
    Patient(
        "openai and anthropic and a newer httpx",
        installed("openai==1.55.2", "anthropic==0.34.0", "httpx==0.28.1"),
        red=("known-bad-pair",),
        also=red_are("openai", "anthropic"),
    ),
    Patient(
        "a model of an old scikit-learn",
        after(model("models/model.pkl", "1.2.2")),
        yellow=("model-version-mismatch",),
        also=says("models/model.pkl was saved with scikit-learn 1.2.2", "1.9.1"),
    ),
    Patient("xgboost and a newer scikit-learn", installed("xgboost==2.1.1"), yellow=("known-bad-pair",)),
    Patient("lightgbm and a newer scikit-learn", installed("lightgbm==4.5.0"), red=("known-bad-pair",)),
    Patient("passlib and a newer bcrypt", installed("passlib==1.7.4", "bcrypt==5.0.0"), yellow=("known-bad-pair",)),
    Patient("bottleneck that nothing needs and numpy 2", installed("bottleneck==1.3.8"), yellow=("numpy2-abi",)),
]
HEALTHY = [
    Patient("openai and the httpx of its time", installed("openai==1.40.0", "httpx==0.27.2")),
    Patient("openai repaired and httpx new", installed("openai==1.55.3", "httpx==0.28.1")),
    Patient("openai from before httpx", installed("openai==0.28.1", "httpx==0.28.1"), yellow=None),
    Patient("anthropic repaired and httpx new", installed("anthropic==0.40.0", "httpx==0.28.1")),
    Patient("a model of the same scikit-learn", after(model("model.joblib", "1.9.0"))),
    Patient("models of old runs", after(model("mlruns/0/a/artifacts/model/model.pkl", "1.2.2"))),
    Patient("old models with --quick", after(model("model.pkl", "1.2.2")), args=("--quick",)),
    Patient("bottleneck for numpy 2", installed("bottleneck==1.4.2")),
]
PATIENTS = [*BROKEN, *HEALTHY]
