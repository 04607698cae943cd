"""The SDKs of language models: a client is built, and answered by a server on this machine; nobody else is asked. And dotenv."""

import os

from .loopback import Answering
from .work import Work

NO_KEY = "not-a-key-of-anybody"
SAID = "ready"
COMPLETION = {
    "id": "1", "object": "chat.completion", "created": 1, "model": "stub",
    "choices": [{"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": SAID}}],
    "usage": {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2},
}  # fmt: skip
MESSAGE = {
    "id": "1", "type": "message", "role": "assistant", "model": "stub", "stop_reason": "end_turn", "stop_sequence": None,
    "content": [{"type": "text", "text": SAID}], "usage": {"input_tokens": 1, "output_tokens": 1},
}  # fmt: skip
ASKED = [{"role": "user", "content": "Are you ready?"}]


def openai_works(work: Work) -> None:
    """A chat completion; before 1.0 the SDK has no client, and nothing is asked."""
    import openai

    _forget("OPENAI_")
    if not hasattr(openai, "OpenAI"):
        work.words["answer"] = "no client to build before openai 1.0"
        return
    with Answering(COMPLETION) as server:
        work.at("building a client")
        client = openai.OpenAI(api_key=NO_KEY, base_url=server.address + "/v1", max_retries=0, timeout=10.0)
        work.at("asking a server on this machine for a completion")
        answer = client.chat.completions.create(model="stub", messages=ASKED)
        _right(work, answer.choices[0].message.content)


def anthropic_works(work: Work) -> None:
    """A message."""
    import anthropic

    _forget("ANTHROPIC_")
    with Answering(MESSAGE) as server:
        work.at("building a client")
        client = anthropic.Anthropic(api_key=NO_KEY, base_url=server.address, max_retries=0, timeout=10.0)
        work.at("asking a server on this machine for a message")
        answer = client.messages.create(model="stub", max_tokens=5, messages=ASKED)
        _right(work, answer.content[0].text)


def dotenv_works(work: Work) -> None:
    """A file with a comment, quotes and another alphabet."""
    import dotenv

    work.at("reading a file")
    with open(work.path("settings.env"), "wb") as file:
        file.write(b"# a comment\nPLAIN=1\nexport QUOTED='a b # c'\nNAME=\xc3\xa4\n")
    found = dict(dotenv.dotenv_values(work.path("settings.env")))
    work.expect(found == {"PLAIN": "1", "QUOTED": "a b # c", "NAME": "\u00e4"}, "a file was read as %s" % sorted(found))


def _forget(start: str) -> None:
    """What is set for real servers, keys above all, has no part in this."""
    for name in [name for name in os.environ if name.startswith(start)]:
        del os.environ[name]


def _right(work: Work, said: str) -> None:
    work.expect(said == SAID, "the answer %r was sent and %r was read" % (SAID, str(said)[:80]))
    work.words["answer"] = "built a client and read an answer from a server on this machine"
