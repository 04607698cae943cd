"""Do one piece of real work in this Python and say what came of it. Works in a folder of its own, without a network."""

import os

from . import (
    arrays,
    boosting,
    clients,
    databases,
    frames,
    language,
    models,
    networks,
    notebook,
    plots,
    services,
    tracking,
)
from .work import TooLong, Work, Wrong, no_alarm, settle, unfinished

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

PIECES = {
    "numpy": arrays.numpy_works,
    "sqlite3": databases.sqlite_works,
    "pandas": frames.pandas_works,
    "matplotlib": plots.matplotlib_works,
    "seaborn": plots.seaborn_works,
    "jupyter": notebook.kernel_works,
    "scikit-learn": models.sklearn_works,
    "xgboost": boosting.xgboost_works,
    "lightgbm": boosting.lightgbm_works,
    "torch": networks.torch_works,
    "openai": clients.openai_works,
    "anthropic": clients.anthropic_works,
    "tokenizers": language.tokenizers_works,
    "transformers": language.transformers_works,
    "chromadb": language.chromadb_works,
    "langchain-core": language.langchain_works,
    "python-dotenv": clients.dotenv_works,
    "fastapi": services.fastapi_works,
    "mlflow": tracking.mlflow_works,
}


def read_works(question: "dict[str, Any]") -> "dict[str, Any]":
    """Do the piece that the question names."""
    import faulthandler

    faulthandler.enable()
    settle(question["work"])
    _reach_this_machine()
    work = Work(question["work"], question["besides"])
    said = {"name": question["piece"], "outcome": "ok"}
    try:
        PIECES[question["piece"]](work)
    except Wrong as why:
        said.update(outcome="wrong", message=str(why)[:500])
    except TooLong as why:
        said.update(_unfinished(work, why))
    except BaseException as why:  # SystemExit and KeyboardInterrupt, too
        said.update(_failure(why))
    no_alarm()
    said.update(step=work.step, seconds=round(work.seconds(), 3), figures=work.figures, words=work.words)
    return {"pieces": [said]}


def _reach_this_machine() -> None:
    """To reach this machine needs no proxy."""
    for name in ("NO_PROXY", "no_proxy"):
        os.environ[name] = ",".join(filter(None, [os.environ.get(name, ""), "127.0.0.1", "localhost"]))


def _unfinished(work: Work, why: "BaseException") -> "dict[str, str]":
    """Work that is not done in time: it waits for something that does not come, is busy, or others are."""
    outcome = unfinished(work.busy)
    reason = "had too little of the processors, which others keep busy" if outcome == "cut" else ""
    return dict(_failure(why), outcome=outcome, reason=reason, message="")


def _failure(why: "BaseException") -> "dict[str, str]":
    """The error, where it was raised, and the traceback."""
    import traceback

    frames = traceback.extract_tb(why.__traceback__)
    files = [frame[0] for frame in frames if not frame[0].startswith("<") and "mlenv_checks" not in frame[0]]
    lines = [line.strip() for line in str(why).strip().splitlines() if line.strip()]
    return {
        "outcome": "error",
        "reason": type(why).__name__,
        "message": lines[-1][:2000] if lines else "",
        "file": ([file for file in files if "-packages" in file] or files or [""])[-1],
        "detail": "".join(traceback.format_exception(type(why), why, why.__traceback__))[-20000:],
    }
