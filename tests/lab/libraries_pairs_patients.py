"""Patients whose libraries are whole, each for itself, and do not work with each other; and the healthy ones that look like them."""

from __future__ import annotations

from .libraries_patients import Make, red_are, says
from .patient import Patient
from .ward import Ward


def installed(*libraries: str) -> Make:
    """A venv that has, besides what all have, these `name==version`, each able to meet any other by what it declares."""

    def make(ward: Ward) -> None:
        ward.venv()
        for library in libraries:
            name, _, version = library.partition("==")
            ward.library(name, version)

    return make


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
]
HEALTHY = [
    Patient("openai and the httpx of its time", installed("openai==1.40.0", "httpx==0.27.2")),
    Patient("openai repaired and httpx new", installed("openai==1.55.3", "httpx==0.28.1")),
    Patient("openai from before httpx", installed("openai==0.28.1", "httpx==0.28.1"), yellow=None),
    Patient("anthropic repaired and httpx new", installed("anthropic==0.40.0", "httpx==0.28.1")),
]
PATIENTS = [*BROKEN, *HEALTHY]
