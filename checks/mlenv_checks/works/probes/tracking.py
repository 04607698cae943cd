"""MLflow: an experiment, a run, an artifact and a model written, read again, and deleted whatever happens in between."""

import os

from .work import Work, no_alarm

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

PART = bytes(bytearray(range(256)))


class NotDeleted(Exception):
    """Something that was written could not be deleted again."""


def mlflow_works(work: Work) -> None:
    """The store is a database in the folder of this work; what is configured for real runs is left alone."""
    from pathlib import Path

    import mlflow
    from mlflow.tracking import MlflowClient

    for name in [name for name in os.environ if name.startswith("MLFLOW_") and name != "MLFLOW_DISABLE_TELEMETRY"]:
        del os.environ[name]
    store = "sqlite:///" + work.path("mlflow.db")
    mlflow.set_tracking_uri(store)
    work.at("making a store for runs")
    client = MlflowClient(store, store)
    RoundTrip(work, client, "mlenv-doctor", PART * 40).go(Path(work.path("artifacts")).as_uri())


class RoundTrip(object):
    """One round trip on one store.

    name: of the experiment, the model and the artifact; nobody else's. content: of the artifact. models: whether to try these.
    """

    def __init__(self, work: Work, client: "Any", name: str, content: bytes, models: bool = True) -> None:
        self.work = work
        self.client = client
        self.name = name
        self.file = name + ".bin"
        self.content = content
        self.models = models
        self.experiment = ""
        self.run = ""
        self.place = ""  # of the artifact
        self.asked_for = []  # type: list[str]
        self.folder = ""  # the highest that had to be made on this machine for an artifact

    def go(self, artifacts: "Any" = None) -> None:
        """Do it; what was made is deleted in any case. Raises NotDeleted where that fails and nothing else did."""
        left = []  # type: list[str]
        try:
            self._run(artifacts)
            self._artifact()
            if self.models:
                self._model()
            self.work.at("deleting what was written")
        finally:
            no_alarm()
            left += self._undone()
            self.work.words["left"] = " ".join(left)
        if left:
            raise NotDeleted(", ".join(left))

    def may_store(self) -> None:
        """Raise where an artifact would go to the wrong place."""

    def _run(self, artifacts: "Any") -> None:
        work, client = self.work, self.client
        work.at("creating an experiment")
        self.asked_for.append("experiment")
        self.experiment = client.create_experiment(self.name, artifacts)
        work.at("recording a run")
        info = client.create_run(self.experiment).info
        self.run, self.place = info.run_id, info.artifact_uri
        client.log_param(self.run, "depth", 3)
        client.log_metric(self.run, "loss", 0.25, step=1)
        client.set_terminated(self.run)
        work.at("reading a run")
        data = client.get_run(self.run).data
        work.expect(data.params.get("depth") == "3" and data.metrics.get("loss") == 0.25, "a run comes back with other values")

    def _artifact(self) -> None:
        work = self.work
        work.at("storing an artifact")
        with open(work.path(self.file), "wb") as file:
            file.write(self.content)
        self.may_store()
        self.folder = _first_missing(local_folder(self.place))
        self.asked_for.append("artifact")
        self.client.log_artifact(self.run, work.path(self.file))
        work.at("reading an artifact")
        os.mkdir(work.path("down"))
        with open(self.client.download_artifacts(self.run, self.file, work.path("down")), "rb") as file:
            work.expect(file.read() == self.content, "an artifact comes back with other bytes")

    def _model(self) -> None:
        work, client = self.work, self.client
        work.at("registering a model")
        self.asked_for.append("model")
        client.create_registered_model(self.name)
        work.at("adding a version of a model")
        version = client.create_model_version(self.name, self.place + "/" + self.file, self.run).version
        work.expect(client.get_model_version(self.name, version).run_id == self.run, "a registered model names another run")

    def _undone(self) -> "list[str]":
        """Delete all that was made, the last first; what could not be deleted."""
        ways = {"model": self._without_model, "artifact": self._without_artifact, "experiment": self._without_experiment}
        left = []
        for what in reversed(self.asked_for):
            try:
                ways[what]()
            except Exception:
                left.append(what)
        return left

    def _without_model(self) -> None:
        try:
            self.client.get_registered_model(self.name)
        except Exception:  # it was never made, or there is no registry
            return
        self.client.delete_registered_model(self.name)

    def _without_artifact(self) -> None:
        from mlflow.store.artifact.artifact_repository_registry import get_artifact_repository

        try:
            if any(found.path == self.file for found in self.client.list_artifacts(self.run)):
                get_artifact_repository(self.place).delete_artifacts(self.file)
        except Exception:
            if self.work.step != "storing an artifact":  # else it never arrived
                raise
        folder = local_folder(self.place)
        while self.folder and folder.startswith(self.folder) and os.path.isdir(folder):
            os.rmdir(folder)  # only one that is empty
            folder = os.path.dirname(folder)

    def _without_experiment(self) -> None:
        """By its name, too: the answer to its creation may have come too late."""
        if not self.experiment:
            found = self.client.get_experiment_by_name(self.name)
            self.experiment = found.experiment_id if found else ""
        try:
            if self.run:
                self.client.delete_run(self.run)
        finally:
            if self.experiment:
                self.client.delete_experiment(self.experiment)


def local_folder(place: str) -> str:
    """The folder on this machine that artifacts are put into by the client itself; empty where they go elsewhere."""
    scheme, mark, _ = place.partition(":/")
    if mark and scheme != "file" and len(scheme) > 1:  # one letter is a drive of Windows
        return ""
    from mlflow.utils.file_utils import local_file_uri_to_path

    return os.path.abspath(str(local_file_uri_to_path(place)))


def _first_missing(folder: str) -> str:
    """The highest folder of a path that is not there; empty where all are."""
    missing = ""
    while folder and not os.path.isdir(folder):
        missing, folder = folder, os.path.dirname(folder)
    return missing
