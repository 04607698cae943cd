"""To be filled in."""


def read_gpu(question):
    return {}


def read_cuda(question):
    return {}
