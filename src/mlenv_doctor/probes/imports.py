"""To be filled in."""


def read_imports(question):
    return {}
