"""To be filled in."""


def read_venv(question):
    return {}
