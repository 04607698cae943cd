"""MLflow's round trip on the configured server. Whatever goes wrong is told by names and numbers: a text may hold a secret."""

import os
import re

from .tracking import PART, RoundTrip, local_folder
from .work import TooLong, Work, Wrong, no_alarm, settle

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

ENOUGH = 22.0  # seconds for all that is written; the rest of the time is for deleting it
LEAST = 45.0  # seconds that there must be to begin: starting MLflow, writing, and deleting with a slow server
STEP = 10  # seconds for one request
SIZE = 2 << 20  # bytes of the artifact: more than proxies let through if nobody told them (nginx: 1 MB)
CODE = re.compile(r"failed with error code (\d{3})|too many (\d{3}) error responses")  # in the words of MLflow and urllib3


class Elsewhere(Exception):
    """The server keeps artifacts in a folder of its own, which this machine does not have."""


def read_mlflow_written(question: "dict[str, Any]") -> "dict[str, Any]":
    """Write, read and delete on the server that the user named."""
    settle(question["work"])
    said = {"outcome": "cut"}  # type: dict[str, Any]
    uri = question["mlflow_uri"] or os.environ.get("MLFLOW_TRACKING_URI") or ""
    if question["seconds"] < LEAST or not uri:
        return said
    work = Work(question["work"], [], ENOUGH)
    trip = []  # type: list[RoundTrip]
    try:
        _write(work, uri.strip(), question["loopback"], trip)
        said["outcome"] = "ok"
    except Wrong as why:
        said.update(outcome="wrong", kinds=[str(why)[:200]])
    except TooLong:
        said["outcome"] = "late"
    except BaseException as why:  # SystemExit and KeyboardInterrupt, too
        said.update(_failure(why), outcome="error")
    no_alarm()
    said.update(step=work.step, seconds=round(work.seconds(), 3), models="MLFLOW_REGISTRY_URI" not in os.environ)
    if trip:
        said.update(place=_scheme(trip[0].place), name=trip[0].name)
    return dict(said, left=work.words.get("left", "").split())


class OnServer(RoundTrip):
    """A round trip on a server. loopback: it is on this machine."""

    loopback = True

    def may_store(self) -> None:
        """Raise Elsewhere for a folder of another machine: MLflow's client would make it here, and the server never see it."""
        folder = local_folder(self.place)
        root = os.path.dirname(os.path.dirname(os.path.dirname(folder)))  # of experiments, runs, and a run's artifacts
        if folder and not self.loopback and not os.path.isdir(root):
            raise Elsewhere


def _write(work: Work, uri: str, loopback: bool, trips: "list[RoundTrip]") -> None:
    """The whole trip; MLflow's client asks once and not for long, so that there is time for deleting."""
    os.environ.update(MLFLOW_HTTP_REQUEST_MAX_RETRIES="0", MLFLOW_HTTP_REQUEST_TIMEOUT=str(STEP))
    import mlflow
    from mlflow.tracking import MlflowClient

    mlflow.set_tracking_uri(uri)
    name = "mlenv-doctor-" + os.urandom(6).hex()
    work.at("starting MLflow's client")
    trip = OnServer(work, MlflowClient(uri, uri), name, PART * (SIZE // len(PART)), "MLFLOW_REGISTRY_URI" not in os.environ)
    trip.loopback = loopback
    trips.append(trip)
    trip.go()


def _scheme(place: str) -> str:
    """The scheme of a place; "path" for a folder."""
    found = re.match(r"([a-z][a-z0-9+-]{1,30}):/", place)
    return found.group(1) if found and found.group(1) != "file" else "path" if place else ""


def _failure(why: "BaseException | None") -> "dict[str, Any]":
    """The types of an error and of those behind it, the status of the answer that it tells of, and the module that is missing."""
    kinds = []  # type: list[str]
    status, module, code = 0, "", ""
    while why is not None and len(kinds) < 8:
        kinds.append(type(why).__name__[:60])
        answer = getattr(why, "response", None)
        found = CODE.search(str(why)[:2000])
        status = status or int(getattr(answer, "status_code", 0) or (found.group(1) or found.group(2) if found else 0))
        code = code or (_code(why) if type(why).__name__ == "RestException" else "")
        module = module or str(getattr(why, "name", "") or "")[:60] * isinstance(why, ImportError)
        why = why.__cause__ or why.__context__ or next((arg for arg in why.args if isinstance(arg, BaseException)), None)
    return {"kinds": kinds, "status": status, "module": module, "code": code}


def _code(why: "Any") -> str:
    """MLflow's name for what its server refuses."""
    found = re.match("[A-Z_]{3,60}$", str(getattr(why, "error_code", "")))
    return found.group() if found else ""
