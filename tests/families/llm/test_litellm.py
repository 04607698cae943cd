"""Keys for a real LiteLLM proxy: what the doctor says of them is what a program gets that uses them."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from lab.heavy import prepared
from lab.ward import Ward
from support.servers import free_port

pytestmark = pytest.mark.slow
MASTER = "sk-1234-cAn4ry-S3cret-of-the-proxy"
MODEL = "model_list:\n- model_name: small\n  litellm_params: {model: openai/small, api_key: none, mock_response: hello}\n"


@pytest.fixture(scope="module")
def proxy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a real proxy that takes one key, and has no database for others."""
    python = prepared("litellm", "litellm[proxy]==1.82.6\n") / "bin/python"
    folder, port = tmp_path_factory.mktemp("litellm"), free_port()
    (folder / "config.yaml").write_text(MODEL)
    environ = {**os.environ, "LITELLM_LOCAL_MODEL_COST_MAP": "True", "LITELLM_MASTER_KEY": MASTER}
    command = [python.with_name("litellm"), "--config", folder / "config.yaml", "--host", "127.0.0.1", "--port", str(port)]
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(command, cwd=folder, env=environ, stdout=log, stderr=log, start_new_session=True)
    try:
        end = time.monotonic() + 120
        while time.monotonic() < end and answer(f"http://127.0.0.1:{port}/health/liveliness") != 200:
            assert server.poll() is None, (folder / "log").read_text(errors="replace")[-800:]
            time.sleep(0.5)
        yield f"http://127.0.0.1:{port}/v1"
    finally:
        with suppress(ProcessLookupError):
            os.killpg(server.pid, signal.SIGKILL)
        server.wait()


def answer(url: str, key: str = "") -> int:
    """The status with which the proxy answers a plain request; 0 for none."""
    try:
        with urlopen(Request(url, headers={"Authorization": f"Bearer {key}"} if key else {}), timeout=5) as reply:
            status: int = reply.status
            return status
    except HTTPError as why:
        return why.code
    except OSError:
        return 0


@pytest.mark.parametrize(
    ("key", "program", "doctor", "cause"),
    [
        (MASTER, (200,), "pass", None),
        ("sk-" + "Wr0ng9" * 8, (400, 401), "fail", "key-rejected"),  # without a database it refuses all others with 400
    ],
)
def test_a_key_is_judged_as_a_program_is_served(
    proxy: str, tmp_path: Path, key: str, program: tuple[int, ...], doctor: str, cause: str | None
) -> None:
    assert answer(f"{proxy}/models", key) in program
    ward = Ward(tmp_path)
    ward.venv()
    ward.environ |= {"OPENAI_BASE_URL": proxy, "OPENAI_API_KEY": key}
    visit = ward.check("llm.accepted", "--online")
    (found,) = [f for f in visit.findings() if f["id"] == "llm.accepted"]
    assert (found["status"], found["cause"]) == (doctor, cause), f"\n{visit}"
    assert key[8:] not in visit.stdout + visit.stderr
