"""To be filled in."""


def read_place(question):
    return {}
