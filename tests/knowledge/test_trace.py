"""The shapes of tracebacks: frames, exceptions, whole messages, whatever prints them."""

from __future__ import annotations

import pytest

from mlenv_doctor.knowledge.text import prepared
from mlenv_doctor.knowledge.trace import traced

PLAIN = """Traceback (most recent call last):
  File "/home/u/train.py", line 3, in <module>
    import torch
  File "/v/lib/python3.11/site-packages/torch/__init__.py", line 9, in <module>
    x
  File "/usr/lib/python3.11/ctypes/__init__.py", line 374, in __init__
OSError: libx.so: cannot open shared object file
"""


def test_a_plain_traceback() -> None:
    trace = traced(prepared(PLAIN))
    assert [(frame.top, frame.line, frame.standard, frame.own) for frame in trace.frames] == [
        ("", 3, False, True), ("torch", 9, False, False), ("", 374, True, False),
    ]  # fmt: skip
    assert trace.last and (trace.last.name, trace.last.message) == ("OSError", "libx.so: cannot open shared object file")
    assert trace.own and trace.own.place == "train.py:3"
    user = trace.user(trace.last.at)
    assert user and user.top == "torch"


@pytest.mark.parametrize(
    ("text", "top", "place"),
    [
        ("#12 3.456   File \"/v/lib/python3.11/site-packages/pandas/io/sql.py\", line 590, in read_sql", "pandas", "sql.py:590"),
        ("web-1  | E     File \"/v/lib/python3.11/site-packages/pandas/io/sql.py\", line 590, in read_sql", "pandas", "sql.py:590"),
        ("  File ~/p/.venv/lib/python3.11/site-packages/seaborn/_core.py:1054, in comp_data(self)", "seaborn", "_core.py:1054"),
        ("~/anaconda3/lib/python3.8/site-packages/pandas/core/frame.py in __getitem__(self, key)", "pandas", "frame.py"),
        (".venv/lib/python3.11/site-packages/gensim/matutils.py:20: in <module>", "gensim", "matutils.py:20"),
        (r'  File "C:\Users\u\envs\x\Lib\site-packages\torch\__init__.py", line 141, in <module>', "torch", "__init__.py:141"),
        ("│ /v/lib/python3.11/site-packages/rich/console.py:22 in print", "rich", "console.py:22"),
        ("/v/lib/python3.8/dist-packages/torch/cuda/__init__.py:88: UserWarning: CUDA initialization", "torch", "__init__.py:88"),
    ],
    ids=["docker", "compose", "ipython", "ipython 7", "pytest", "windows", "rich", "warning"],
)  # fmt: skip
def test_other_shapes(text: str, top: str, place: str) -> None:
    [frame] = traced(prepared(text)).frames
    assert (frame.top, frame.place) == (top, place)


def test_a_notebook_and_a_file_of_the_user_on_windows() -> None:
    trace = traced(prepared("Cell In[4], line 3\n----> 3 import x\n  File d:\\experiments\\a.py:12\n"))
    assert [frame.own for frame in trace.frames] == [True, True]


def test_a_message_of_several_lines_is_whole() -> None:
    text = "RuntimeError: Could not load it. Likely causes:\n  1. FFmpeg is missing\n  2. another\n\nTraceback (most recent call last):"
    last = traced(prepared(text)).last
    assert last and last.message == "Could not load it. Likely causes:\n  1. FFmpeg is missing\n  2. another"


def test_of_a_chain_the_last_exception_is_the_last() -> None:
    text = "KeyError: 'a'\n\nDuring handling of the above exception, another exception occurred:\n\n" + PLAIN
    trace = traced(prepared(text))
    assert [raised.name for raised in trace.raised] == ["KeyError", "OSError"]


def test_a_warning_is_no_error_where_there_is_one() -> None:
    trace = traced(prepared("ValueError: x\nFutureWarning: y\n"))
    assert trace.last and trace.last.name == "ValueError"


def test_nothing_to_see() -> None:
    trace = traced(prepared("all is well"))
    assert (trace.frames, trace.raised, trace.last, trace.own) == ((), (), None, None)
