"""To be filled in."""


def read_system(question):
    return {}
