"""How a conversation with a server ends badly, and the limits of one."""

STEP_SECONDS = 5.0  # seconds for one step: resolving, connecting, an answer from its first byte to its last
TOTAL_SECONDS = 11.0  # seconds for all of them
LARGEST_ANSWER = 1 << 20  # bytes of an answer


class ServerProblem(Exception):
    """The conversation ended; its argument is the name of the problem."""
