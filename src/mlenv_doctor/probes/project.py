"""To be filled in."""


def read_project(question):
    return {}
