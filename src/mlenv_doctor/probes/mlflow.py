"""To be filled in."""


def read_mlflow(question):
    return {}


def read_mlflow_server(question):
    return {}
