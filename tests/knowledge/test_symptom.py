"""The words of an error are taken as text, from a file or from standard input, and what cannot be read is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from lab.ward import DOCTOR, Ward
from mlenv_doctor.knowledge.symptom import LARGEST, BadSymptom, said
from mlenv_doctor.patient import Said
from support.pasted import collect_env

MISMATCH = "Failed to initialize NVML: Driver/library version mismatch"


def test_text_and_files(tmp_path: Path) -> None:
    assert said("RuntimeError: x\n").text == "RuntimeError: x"
    assert said(None).text == "" and said(None, Said("warned")).text == "warned"
    assert said("RuntimeError: x", Said("warned")).text == "RuntimeError: x\nwarned"
    (tmp_path / "log").write_bytes("RuntimeError: é\r\n".encode("utf-16"))
    assert said(str(tmp_path / "log")).text == "RuntimeError: é"


def test_of_a_long_log_the_end_is_read(tmp_path: Path) -> None:
    (tmp_path / "log").write_bytes(b"x" * LARGEST + b"\nRuntimeError: the end\n")
    assert len(said(str(tmp_path / "log")).text) < LARGEST


@pytest.mark.parametrize(("symptom", "says"), [("", "text is empty"), (" \n", "text is empty"), ("/", "not a regular file")])
def test_what_cannot_be_read(symptom: str, says: str) -> None:
    with pytest.raises(BadSymptom, match=says):
        said(symptom)


def test_a_file_that_may_not_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "log").write_text("x")

    def refuse(*args: object, **kwargs: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("builtins.open", refuse)
    with pytest.raises(BadSymptom, match="cannot be read: Permission denied"):
        said(str(tmp_path / "log"))


@pytest.fixture
def ward(tmp_path: Path) -> Ward:
    made = Ward(tmp_path)
    made.venv()
    made.write("report.txt", collect_env())
    return made


def test_this_machine_and_the_words_of_an_error(ward: Ward) -> None:
    visit = ward.check("python", "--symptom", MISMATCH)
    assert visit.code == 1 and visit.causes("fail") == {"driver-mismatch"}


def test_without_words_nothing_is_said_of_them(ward: Ward) -> None:
    assert not [result for result in ward.check("--quick").report["results"] if result["family"] == "symptom"]
    assert ward.check("symptom").findings("skip")


def test_guidance_from_a_report(ward: Ward) -> None:
    visit = ward.doctor("fix", "-v", "--gpu", "--from", "report.txt", "--symptom", MISMATCH)
    assert visit.code == 1 and "sudo reboot" in visit.stdout and "only what it says was checked" in visit.stdout
    assert "Then: mlenv-doctor check\n" in visit.stdout, "the words alone cannot be looked for again"


def test_standard_input_is_read_once(ward: Ward) -> None:
    visit = ward.run("sh", "-c", f"{DOCTOR} check --from - --format json < report.txt")
    assert visit.code == 0 and visit.findings("pass")
    visit = ward.doctor("check", "--from", "-", "--symptom", "-")
    assert visit.code == 2 and "cannot both read standard input" in visit.stderr


def test_a_fault_is_told_once(ward: Ward) -> None:
    """The words of the error and the check that found the same are one red line."""
    words = "The NVIDIA driver on your system is too old (found version 11040)"
    ward.write("report.txt", collect_env(available="False", driver="470.57.02"))
    visit = ward.check("--from", "report.txt", "--symptom", words)
    assert [f["id"] for f in visit.findings("fail")] == ["torch.driver"]
    assert [f["blocked_by"] for f in visit.findings("skip") if f["id"] == "symptom.explained"] == ["torch.driver"]


def test_no_secret_of_a_report_is_shown(ward: Ward) -> None:
    canary = "sk-proj-CANARYcanary0123456789abcdefXYZ"
    addresses = f"MLFLOW_TRACKING_URI=me:xCANARYx@host:5000\nhttp_proxy=me:xCANARYx@proxy:8080\nHTTPS_PROXY=http://me:{canary}@host:5000\n"
    ward.write("report.txt", collect_env(after=f"OPENAI_API_KEY={canary}\n{addresses}"))
    for arguments in (("-v",), ("--format", "json")):
        visit = ward.doctor(
            "check",
            "--from",
            "report.txt",
            "--symptom",
            f"Error 401: key {canary} refused. Could not find a registered artifact repository for: x",
            *arguments,
        )
        assert "CANARY" not in visit.stdout + visit.stderr
