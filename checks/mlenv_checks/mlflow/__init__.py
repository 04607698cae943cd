"""MLflow: where runs are recorded, whether the server answers, and whether the local store can be used."""

MODULES = ("checks", "store")
USED_BY = ("mlflow*",)
UNUSED = "the project does not use MLflow"
