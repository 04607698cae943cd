"""Does the configured MLflow server take runs, artifacts and models, and give them back?"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from mlenv_doctor.api import Finding, Fix, Missing, Why, check, fail, fix, ok, skip, unknown, warn
from mlenv_doctor.patient import Imports, Libraries

from ..mlflow.facts import Mlflow, MlflowServer
from .written import MlflowWritten, is_loaded, is_trusted

PACKAGES = {
    "boto3": "boto3", "botocore": "boto3", "google": "google-cloud-storage", "azure": "azure-storage-blob", "paramiko": "pysftp",
    "pysftp": "pysftp", "pyarrow": "pyarrow",
}  # fmt: skip
# What the client's libraries for S3, Google and Azure raise without a login, or with one that is refused.
LOGIN = (
    "NoCredentialsError", "PartialCredentialsError", "CredentialRetrievalError", "TokenRetrievalError", "DefaultCredentialsError",
    "RefreshError", "ClientAuthenticationError", "CredentialUnavailableError", "ProfileNotFound", "SSOTokenLoadError",
)  # fmt: skip
NOT_THERE = (
    "EndpointConnectionError", "ConnectTimeoutError", "ConnectionError", "ConnectTimeout", "ReadTimeout", "ServiceRequestError",
    "NoSuchBucket", "FileNotFoundError", "PermissionError", "NotADirectoryError", "OSError", "TransportError",
)  # fmt: skip
SILENT = ("ConnectTimeout", "ReadTimeout", "ConnectTimeoutError", "ReadTimeoutError", "TimeoutError", "Timeout")
NO_REGISTRY = (404, 501)  # and FEATURE_DISABLED
FILES = ("storing an artifact", "reading an artifact")
Judged = tuple[str, str, Fix]


@check(
    "libraries.mlflow-write",
    causes=(
        "artifact-login-missing", "artifact-store-unreachable", "does-not-work", "mlflow-artifacts-client-missing",
        "mlflow-artifacts-on-client", "mlflow-auth-wrong", "mlflow-backend-unready", "mlflow-forbidden", "mlflow-gateway-error",
        "mlflow-timeout", "mlflow-write-left-behind", "model-registry-missing", "proxy-body-limit", "wrong-result",
    ),
)  # fmt: skip
def server_takes_runs(
    mlflow_written: MlflowWritten | Missing,
    mlflow: Mlflow,
    server: MlflowServer | Missing,
    libraries: Libraries,
    imports: Imports | Missing,
) -> Finding:
    """Writing to the MLflow server.

    A server may answer and still lose artifacts: its place for files is out of reach, a proxy limits uploads, a login is
    missing. With --deep --write an experiment, a run, an artifact of 2 MB and a model are written, read back and deleted.
    """
    where = mlflow.uri
    if mlflow.kind != "http":
        return skip("no MLflow server is configured")
    if isinstance(mlflow_written, Missing):
        if mlflow_written.kind == Why.NOT_ASKED:
            return skip(f"nothing was written to {where}: --deep --write does that")
        return _not_tried(mlflow_written, mlflow, server, libraries, imports)
    if mlflow_written.outcome == "cut":
        return unknown(f"nothing was written to {where}: there was no time left")
    return _judged(mlflow_written, where)


def _not_tried(
    missing: Missing, mlflow: Mlflow, server: MlflowServer | Missing, libraries: Libraries, imports: Imports | Missing
) -> Finding:
    """Why there was no process, or no answer of it."""
    if missing.kind != Why.ABSENT:
        text = f"writing to {mlflow.uri} {missing.reason}; an experiment named mlenv-doctor-… may be left there"
        return unknown(text)
    if not is_trusted(mlflow):
        text = f"nothing was written to {mlflow.uri}: the address comes from {mlflow.source} of the project"
        return skip(f"{text}; to trust it, set MLFLOW_TRACKING_URI or use --mlflow-uri")
    if not libraries.find("mlflow"):
        return skip("mlflow is not installed in this environment")
    if isinstance(imports, Missing) or (imports.find("mlflow") and not is_loaded(imports)):
        return skip("mlflow was not imported", blocked_by="libraries.import:mlflow")
    return skip("the MLflow server was not asked", blocked_by="mlflow.server")


def _judged(written: MlflowWritten, where: str) -> Finding:
    """What the round trip came to."""
    seen = _evidence(written, where)
    if written.outcome == "late":
        text = f"{where} was still busy with {written.step} after {written.seconds:.0f} s: it or this machine is slow"
        return unknown(text + left_behind(written), subject="write")
    if written.outcome == "ok":
        what = "a run, an artifact of 2 MB and a model" if written.models else "a run and an artifact of 2 MB"
        return ok(f"{where} stored {what}, gave them back and deleted them", subject="write", evidence=seen)
    if written.outcome == "error" and written.kinds[:1] == ("NotDeleted",):
        message = f"{where} stores runs but does not delete them{left_behind(written)}"
        return warn("mlflow-write-left-behind", message, subject="write", evidence=seen, fix=fix("works.ask-to-delete"))
    cause, message, cure = _cause(written, where)
    return fail(cause, message + left_behind(written), subject="write", evidence=seen, fix=cure)


def left_behind(written: MlflowWritten) -> str:
    """What could not be deleted, to end a sentence with."""
    return f"; left on the server: {' and '.join(written.left)} {written.name}" if written.left else ""


def _evidence(written: MlflowWritten, where: str) -> dict[str, str]:
    seen = {
        "address": where, "step": written.step, "status": str(written.status or ""), "code": written.code,
        "error": ", caused by ".join(written.kinds[:4]), "artifacts": written.place, "seconds": f"{written.seconds:.2f}",
    }  # fmt: skip
    return {name: value for name, value in seen.items() if value}


def _cause(written: MlflowWritten, where: str) -> Judged:
    """The cause, the sentence and the repair."""
    if written.outcome == "wrong":
        return "wrong-result", f"{where}: {' '.join(written.kinds)}", fix("mlflow.restart-service")
    if not written.status and set(written.kinds) & set(SILENT) and written.step not in FILES:
        return "mlflow-timeout", f"{where} times out at {written.step} (10 s)", fix("mlflow.restart-service")
    known = (_of_files if written.step in FILES else _of_models)(written, where) or _of_answer(written, where)
    if known:
        return known
    error = f"{written.kinds[0]}, status {written.status}" if written.status else " from ".join(written.kinds[:2])
    return "does-not-work", f"{where} fails at {written.step}: {error}", fix("mlflow.restart-service")


def _of_files(written: MlflowWritten, where: str) -> Judged | None:
    """What is wrong with artifacts only."""
    place, at = STORES.get(written.place, written.place), written.step
    if "Elsewhere" in written.kinds:
        text = f"artifacts would stay on this machine: {where} keeps them in a folder that only the server has"
        return "mlflow-artifacts-on-client", text, fix("mlflow.serve-artifacts")
    if written.module:
        package = PACKAGES.get(written.module.partition(".")[0], written.module)
        text = f"{package} is not installed, and {where} keeps artifacts in {place}"
        return "mlflow-artifacts-client-missing", text, fix("libs.install", packages=(package,))
    if set(written.kinds) & set(LOGIN):
        text = f"no valid login on this machine for {place}, where {where} keeps artifacts"
        return "artifact-login-missing", text, fix("works.artifact-login")
    if not written.status and set(written.kinds) & set(NOT_THERE):
        text = f"cannot reach the artifact storage of {where} from here: it is {place}, and {at} fails ({written.kinds[-1]})"
        return "artifact-store-unreachable", text, fix("works.artifact-store")
    if written.status in (500, 503):
        text = f"the MLflow server {where} cannot reach its own artifact storage: {at} fails (status {written.status})"
        return "artifact-store-unreachable", text, fix("works.artifact-store")
    return None


def _of_models(written: MlflowWritten, where: str) -> Judged | None:
    """What is wrong with the model registry only."""
    if written.step == "registering a model" and (written.status in NO_REGISTRY or written.code == "FEATURE_DISABLED"):
        text = f"{where} has no model registry: it keeps runs in a folder, or is too old"
        return "model-registry-missing", text, fix("works.registry")
    return None


def _of_answer(written: MlflowWritten, where: str) -> Judged | None:
    """What the status of an answer says, whatever was being done."""
    judge = ANSWERS.get(written.status or CODES.get(written.code, 0))
    return judge(written, where) if judge else None


def _too_large(written: MlflowWritten, where: str) -> Judged:
    text = f"413 Payload Too Large: a proxy in front of {where} rejects an upload of 2 MB"
    return "proxy-body-limit", text, fix("works.body-limit")


def _denied(written: MlflowWritten, where: str) -> Judged:
    text = f"permission denied: {where} refuses this user at {written.step} (status 403)"
    return "mlflow-forbidden", text, fix("mlflow.ask-for-permission")


def _login(written: MlflowWritten, where: str) -> Judged:
    return "mlflow-auth-wrong", f"{where} rejects the login at {written.step} (status 401)", fix("mlflow.log-in")


def _gateway(written: MlflowWritten, where: str) -> Judged:
    text = f"the gateway in front of {where} gives up at {written.step} (status {written.status})"
    return "mlflow-gateway-error", text, fix("mlflow.restart-service")


def _database(written: MlflowWritten, where: str) -> Judged:
    text = f"{where} fails at {written.step} (status {written.status}): its log says why, often the database"
    return "mlflow-backend-unready", text, fix("mlflow.restart-service")


CODES = {"PERMISSION_DENIED": 403, "UNAUTHENTICATED": 401, "TEMPORARILY_UNAVAILABLE": 503, "INTERNAL_ERROR": 500}
ANSWERS: Mapping[int, Callable[[MlflowWritten, str], Judged]] = {
    401: _login, 403: _denied, 413: _too_large, 500: _database, 502: _gateway, 503: _database, 504: _gateway,
}  # fmt: skip
STORES = {"path": "a folder", "s3": "S3", "gs": "Google Cloud Storage", "wasbs": "Azure", "mlflow-artifacts": "its own storage"}
