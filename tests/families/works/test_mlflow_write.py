"""The check of writing to an MLflow server, called with facts made by hand."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from mlenv_checks.mlflow.facts import Mlflow, MlflowServer
from mlenv_checks.works.mlflow_write import server_takes_runs
from mlenv_checks.works.written import MlflowWritten
from mlenv_doctor.api import Finding
from mlenv_doctor.facts import Missing, Why
from mlenv_doctor.patient import Distribution, Imported, Imports, Libraries, Wanted

URI = "http://ml.example.com:5000"
NAMED = Mlflow(kind="http", uri=URI, source="MLFLOW_TRACKING_URI")
ANSWERS = MlflowServer(configured=True, uri=URI)
INSTALLED = Libraries((Distribution("mlflow", "3.17.2", "/s", "/s/i"),))
LOADED = Imports((Imported("mlflow", "ok"),))
ABSENT = Missing("mlflow_written", Why.ABSENT, "was not needed")


def look(
    written: MlflowWritten | Missing,
    mlflow: Mlflow = NAMED,
    libraries: Libraries = INSTALLED,
    imports: Imports | Missing = LOADED,
) -> Finding:
    return server_takes_runs(written, mlflow, ANSWERS, libraries, imports)


def error(step: str, *kinds: str, **more: Any) -> MlflowWritten:
    return MlflowWritten("error", step, kinds or ("MlflowException",), **more)


STORE, RUN, MODEL = "storing an artifact", "recording a run", "registering a model"


@pytest.mark.parametrize(
    ("written", "cause", "words"),
    [
        (MlflowWritten("wrong", STORE, ("an artifact comes back with other bytes",)), "wrong-result", "other bytes"),
        (error(RUN, "MlflowException", "ReadTimeout"), "mlflow-timeout", "times out at recording a run"),
        (error(STORE, "MlflowException", "ReadTimeout"), "artifact-store-unreachable", "(ReadTimeout)"),
        (error(STORE, "Elsewhere", place="path"), "mlflow-artifacts-on-client", "would stay on this machine"),
        (
            error(STORE, module="google.cloud", place="gs"),
            "mlflow-artifacts-client-missing",
            "google-cloud-storage is not installed, and",
        ),
        (error(STORE, module="odd", place="odd"), "mlflow-artifacts-client-missing", "odd is not installed"),
        (error(STORE, "NoCredentialsError", place="s3"), "artifact-login-missing", "for S3, where"),
        (
            error(STORE, "S3UploadFailedError", "EndpointConnectionError", place="s3"),
            "artifact-store-unreachable",
            "(EndpointConnectionError)",
        ),
        (error(STORE, "PermissionError", place="path"), "artifact-store-unreachable", "from here: it is a folder"),
        (error(STORE, "HTTPError", status=500), "artifact-store-unreachable", "cannot reach its own"),
        (error(STORE, "HTTPError", status=413), "proxy-body-limit", "413 Payload Too Large"),
        (error(STORE, "HTTPError", status=403), "mlflow-forbidden", "at storing an artifact"),
        (error(RUN, "RestException", code="PERMISSION_DENIED"), "mlflow-forbidden", "recording a run"),
        (error(RUN, status=401), "mlflow-auth-wrong", "rejects the login"),
        (error(RUN, status=502), "mlflow-gateway-error", "status 502"),
        (error(RUN, status=500), "mlflow-backend-unready", "often the database"),
        (error(MODEL, status=404), "model-registry-missing", "no model registry"),
        (error(MODEL, code="FEATURE_DISABLED"), "model-registry-missing", "no model registry"),
        (error(MODEL, status=403), "mlflow-forbidden", "registering a model"),
        (error(RUN, "OddError", "Cause", status=418), "does-not-work", "recording a run: OddError, status 418"),
        (error(RUN, "OddError", "Cause"), "does-not-work", "recording a run: OddError from Cause"),
        (error(STORE, "OddError"), "does-not-work", "storing an artifact: OddError"),
    ],
)
def test_each_step_has_its_own_causes(written: MlflowWritten, cause: str, words: str) -> None:
    found = look(written)
    assert (found.status.value, found.cause) == ("fail", cause)
    assert words in found.message and found.fix
    assert "left on the server" not in found.message


def test_what_came_back_and_was_deleted_is_said() -> None:
    found = look(MlflowWritten("ok", "deleting what was written", place="mlflow-artifacts", seconds=1.5))
    assert found.message == f"{URI} stored a run, an artifact of 2 MB and a model, gave them back and deleted them"
    assert found.evidence["artifacts"] == "mlflow-artifacts" and found.evidence["seconds"] == "1.50"
    assert "a run and an artifact of 2 MB," in look(MlflowWritten("ok", models=False)).message


def test_what_is_left_behind_is_said() -> None:
    found = look(error("deleting what was written", "NotDeleted", left=("experiment",), name="mlenv-doctor-3f"))
    assert (found.status.value, found.cause) == ("warn", "mlflow-write-left-behind")
    assert "left on the server: experiment mlenv-doctor-3f" in found.message
    assert "left on the server" in look(error(RUN, status=500, left=("experiment",), name="mlenv-doctor-3f")).message


def test_what_was_not_tried_says_why() -> None:
    for written, more, status, words in (
        (Missing("mlflow_written", Why.NOT_ASKED, "not checked without --write"), {}, "skip", "--deep --write does that"),
        (MlflowWritten("cut"), {}, "unknown", "no time left"),
        (MlflowWritten("late", RUN, seconds=22.1), {}, "unknown", "still busy with recording a run after 22 s"),
        (Missing("mlflow_written", Why.TIMEOUT, "did not answer within 58 s"), {}, "unknown", "may be left there"),
        (ABSENT, {"mlflow": replace(NAMED, source=".env")}, "skip", "comes from .env of the project; to trust it"),
        (ABSENT, {"mlflow": Mlflow()}, "skip", "no MLflow server is configured"),
        (ABSENT, {"libraries": Libraries()}, "skip", "not installed"),
    ):
        found = look(written, **more)
        assert (found.status.value, words in found.message) == (status, True), found


def test_a_fault_of_others_is_told_by_them() -> None:
    for imports in (Imports((Imported("mlflow", "error"),)), Missing("imports", Why.ERROR, "x")):
        assert look(ABSENT, imports=imports).blocked_by == "libraries.import:mlflow"
    assert look(ABSENT).blocked_by == "mlflow.server"
    assert look(ABSENT, imports=Imports()).blocked_by == "mlflow.server"


def test_only_a_server_that_the_user_named_and_that_answers_is_written_to() -> None:
    facts: dict[Any, Any] = {Wanted: Wanted(), Libraries: INSTALLED, Imports: LOADED, Mlflow: NAMED, MlflowServer: ANSWERS}

    def tasks(**change: Any) -> int:
        return len(
            list(MlflowWritten.tasks({**facts, **{kind: change[kind.__name__] for kind in facts if kind.__name__ in change}}))
        )

    assert tasks() == tasks(Imports=Imports()) == tasks(Mlflow=replace(NAMED, source="--mlflow-uri")) == 1
    assert not tasks(Mlflow=replace(NAMED, source=".env")) and not tasks(Mlflow=replace(NAMED, source="pyproject.toml"))
    assert not tasks(MlflowServer=replace(ANSWERS, problem="auth")) and not tasks(Mlflow=replace(NAMED, kind="sqlite"))
    assert not tasks(Libraries=Libraries()) and not tasks(Imports=Imports((Imported("mlflow", "error"),)))
    assert not tasks(MlflowServer=Missing("x", Why.TIMEOUT, "y")) and not tasks(Imports=Missing("x", Why.ERROR, "y"))
