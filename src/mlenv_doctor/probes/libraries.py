"""To be filled in."""


def read_libraries(question):
    return {}
