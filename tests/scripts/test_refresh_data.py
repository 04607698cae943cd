"""The tables are renewed from an index: here one of small wheels that were made for it, on this machine."""

from __future__ import annotations

import http.server
import io
import json
import re
import sys
import threading
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "scripts"))

import refresh_data  # noqa: E402  # a script, found beside the package

BUILDS = (
    "# remarks\ntorch,cuda,platform,on_pypi,python_min,python_max,capabilities\n2.15.0,13.2,linux-x86_64,yes,3.11,3.15,7.5 8.0\n"
)
FAMILY = "# remarks\npackage,version,torch\ntorchvision,0.20.0,2.14.0\ntorchaudio,2.10.0,2.10.0\n"


def wheel(files: dict[str, str | bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()


def torch(version: str, cuda: str | None, archs: str = "sm_80 sm_90 sm_120") -> bytes:
    said = f"from typing import Optional\n__version__ = '{version}'\ncuda: Optional[str] = {cuda!r}\nhip: Optional[str] = None\n"
    return wheel(
        {"torch/version.py": said, "torch/lib/libtorch_python.so": b"\x7fELF" + b"x" * 3_000_000 + archs.encode() + b"\0" * 900}
    )


def vision(needs: str) -> bytes:
    return wheel(
        {"torchvision-1.dist-info/METADATA": f"Metadata-Version: 2.1\nName: torchvision\nVersion: 1\nRequires-Dist: {needs}\n"}
    )


class Index(http.server.ThreadingHTTPServer):
    """An index with these wheels. ranges: whether parts of a file can be asked for."""

    def __init__(self, files: dict[str, bytes], *, ranges: bool = True, json: bool = True) -> None:
        self.files, self.ranges, self.json, self.sent = files, ranges, json, 0
        super().__init__(("127.0.0.1", 0), Answers)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/simple"

    @property
    def files_url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/files"


class Answers(http.server.BaseHTTPRequestHandler):
    server: Index

    def do_GET(self) -> None:
        name = self.path.rstrip("/").rpartition("/")[2]
        if self.path.startswith("/simple/"):
            files = [
                {"filename": file, "url": f"{self.server.files_url}/{file}"}
                for file in self.server.files
                if file.startswith(f"{name}-")
            ]
            self.answer(json.dumps({"files": files}).encode() if self.server.json else b"<html>", 200)
            return
        data, asked = self.server.files[name], re.fullmatch(r"bytes=(\d+)-(\d+)", self.headers.get("Range", ""))
        if asked and self.server.ranges:
            part = data[int(asked[1]) : int(asked[2]) + 1]
            self.answer(part, 206, f"bytes {asked[1]}-{asked[2]}/{len(data)}")
        else:
            self.answer(data, 200)

    def answer(self, data: bytes, status: int, part: str = "") -> None:
        self.server.sent += len(data)
        self.send_response(status)
        if part:
            self.send_header("Content-Range", part)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture
def tables(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    for name, text in (("BUILDS", BUILDS), ("FAMILY", FAMILY)):
        file = tmp_path / f"{name.lower()}.csv"
        file.write_text(text)
        monkeypatch.setattr(refresh_data, name, file)
    yield tmp_path


def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *argv: str) -> tuple[int, str]:
    monkeypatch.setattr(sys, "argv", ["refresh_data.py", *argv])
    code = refresh_data.main()
    said = capsys.readouterr()
    return code, said.out + said.err


NEW = {
    "torch-2.16.0-cp311-cp311-manylinux_2_28_x86_64.whl": torch("2.16.0+cu134", "13.4"),
    "torch-2.16.0-cp315-cp315-manylinux_2_28_x86_64.whl": torch("2.16.0+cu134", "13.4"),
    "torch-2.16.0-cp315-cp315t-manylinux_2_28_x86_64.whl": b"",
    "torch-2.16.0-cp311-cp311-win_amd64.whl": torch("2.16.0+cpu", None),
    "torch-2.16.0-cp311-cp311-macosx_14_0_arm64.whl": b"",
    "torch-2.17.0rc1-cp311-cp311-manylinux_2_28_x86_64.whl": b"",
    "torch-2.15.0-cp311-cp311-manylinux_2_28_x86_64.whl": torch("2.15.0+cu132", "13.2", "sm_75 sm_80 sm_90a compute_90"),
    "torchvision-0.31.0-cp311-cp311-manylinux_2_28_x86_64.whl": vision("torch==2.16.0"),
    "torchvision-0.32.0-py3-none-manylinux_2_28_x86_64.whl": vision("torch>=2.16.0"),
    "torchvision-0.20.0-cp311-cp311-manylinux_2_28_x86_64.whl": b"",
    "torch-2.16.0.tar.gz": b"",
}
LINE = "2.16.0,13.4,linux-x86_64,yes,3.11,3.15,8.0 9.0 12.0"


def test_what_is_new_is_shown_and_written_on_demand(
    tables: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    index = Index(NEW)
    code, said = run(monkeypatch, capsys, "--index", index.url)
    assert code == 0 and f"+ builds.csv: {LINE}\n+ family.csv: torchvision,0.31.0,2.16.0\nnothing was written" in said
    assert (tables / "builds.csv").read_text() == BUILDS and (tables / "family.csv").read_text() == FAMILY
    assert "written" in run(monkeypatch, capsys, "--index", index.url, "--write")[1]
    assert (tables / "builds.csv").read_text().splitlines()[2:4] == [LINE, BUILDS.splitlines()[-1]]
    assert (tables / "family.csv").read_text() == FAMILY + "torchvision,0.31.0,2.16.0\n"
    assert run(monkeypatch, capsys, "--index", index.url) == (0, "nothing is new\n")


def test_a_release_that_is_known_is_read_anew_on_demand(
    tables: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    code, said = run(monkeypatch, capsys, "--index", Index(NEW).url, "--since", "2.15.0", "--write")
    assert code == 0 and "- builds.csv: 2.15.0,13.2,linux-x86_64,yes,3.11,3.15,7.5 8.0\n" in said
    assert "2.15.0,13.2,linux-x86_64,yes,3.11,3.11,7.5 8.0 9.0" in (tables / "builds.csv").read_text()
    assert "3.15,7.5 8.0\n" not in (tables / "builds.csv").read_text()


def test_wheels_are_not_downloaded_whole(tables: Path) -> None:
    name = "torch-2.16.0-cp311-cp311-manylinux_2_28_x86_64.whl"
    filler = {"torch/lib/libtorch_cuda.so": bytes(range(256)) * 40_000, "torch/version.py": "cuda = '13.4'\n"}
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for file, content in filler.items():
            archive.writestr(file, content)
    index = Index({name: out.getvalue()})
    assert refresh_data.read_build(f"{index.files_url}/{name}") == ("13.4", [])
    assert index.sent < len(out.getvalue()) / 3


@pytest.mark.parametrize(
    ("index", "says"),
    [
        (Index(NEW, ranges=False), "does not answer requests for a part of a file"),
        (Index(NEW, json=False), "does not speak the simple API in JSON"),
        (Index({"torch-2.16.0-cp311-cp311-win_amd64.whl": b"not a zip"}), "this is no wheel of torch"),
    ],
)
def test_what_cannot_be_read_is_told_in_a_sentence(
    index: Index, says: str, tables: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    code, said = run(monkeypatch, capsys, "--index", index.url)
    assert code == 2 and says in said and said.startswith("refresh_data: ") and said.count("\n") == 1


def test_no_server_and_no_index(tables: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(monkeypatch, capsys, "--index", "http://127.0.0.1:9/simple")[0] == 2
    monkeypatch.setenv("PIP_INDEX_URL", Index({}).url)
    assert run(monkeypatch, capsys)[1] == "nothing is new\n"
    monkeypatch.delenv("PIP_INDEX_URL")
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    code, said = run(monkeypatch, capsys)
    assert code == 2 and "name one with --index URL" in said
