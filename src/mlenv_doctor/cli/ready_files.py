"""Ready files for the places where machines call the doctor. They are package data; only `@VERSION@` is filled in."""

from __future__ import annotations

import os
from contextlib import suppress
from itertools import count
from pathlib import Path

from .. import __version__
from ..errors import BadInput
from ..records import dataclass


@dataclass(frozen=True)
class Template:
    """A file of `templates/`, where it belongs in a project, and what is to be done with it then."""

    file: str
    path: str
    then: str


TEMPLATES = {
    "github": Template("github.yml", ".github/workflows/mlenv-doctor.yml", "commit and push it"),
    "gitlab": Template("gitlab.yml", ".gitlab-ci.yml", "commit and push it"),
    "pre-commit": Template("pre-commit.yml", ".pre-commit-config.yaml", "pre-commit install"),
    "slurm": Template("slurm.sh", "mlenv-doctor.sbatch", "sbatch mlenv-doctor.sbatch"),
    "slurm-health": Template(
        "slurm-health.sh",
        "mlenv-doctor-health.sh",
        "chmod +x it, and name it in slurm.conf as HealthCheckProgram",
    ),
    "kubernetes": Template("kubernetes.yaml", "mlenv-doctor-job.yaml", "set the image and the nodes, then kubectl apply -f it"),
    "docker": Template("Dockerfile", "Dockerfile.mlenv-doctor", "docker build -f Dockerfile.mlenv-doctor ."),
}


def ready(place: str) -> str:
    """The ready file for a place. Read by our loader: it may lie in a zip."""
    assert __spec__ is not None and __spec__.loader is not None
    file = os.path.join(os.path.dirname(__file__), "templates", TEMPLATES[place].file)
    data: bytes = __spec__.loader.get_data(file)  # type: ignore[attr-defined]  # of all loaders
    return data.decode("utf-8").replace("@VERSION@", __version__)


def there(path: Path) -> bytes | None:
    """What a path holds now; None where nothing is. Raises BadInput where it is no file that can be read."""
    try:
        if not os.path.lexists(path):
            return None
        if path.is_file():
            return path.read_bytes()
    except OSError as why:
        raise BadInput(f"{path}: cannot be read: {why.strerror}") from None
    raise BadInput(f"{path}: this is not a regular file; name another path, or - to print")


def write(path: Path, text: str) -> Path | None:
    """Write a file whole or not at all. What was there is kept beside it; where, is returned. Raises BadInput."""
    try:
        real = Path(os.path.realpath(path)) if path.is_symlink() else path  # a link stays one
        real.parent.mkdir(parents=True, exist_ok=True)
        kept = keep(real) if real.exists() else None
        replace(real, text)
    except OSError as why:
        raise BadInput(f"{path}: cannot be written: {why.strerror}") from None
    return kept


def replace(file: Path, text: str) -> None:
    """Write a new file beside the old one, and put it in its place. Raises OSError, and leaves nothing then."""
    beside = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        with beside.open("x", encoding="utf-8", newline="\n") as new:
            new.write(text)
        os.replace(beside, file)
    except OSError:
        with suppress(OSError):
            beside.unlink()
        raise


def keep(file: Path) -> Path:
    """Copy a file to the first name beside it that is free. Raises OSError."""
    for number in count(1):  # pragma: no branch
        kept = file.with_name(f"{file.name}.old{number if number > 1 else ''}")
        if not os.path.lexists(kept):
            break
    with kept.open("xb") as copy:
        copy.write(file.read_bytes())
    kept.chmod(file.stat().st_mode & 0o777)
    return kept
