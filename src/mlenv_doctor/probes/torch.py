"""To be filled in."""


def read_torch_build(question):
    return {}


def read_torch(question):
    return {}
