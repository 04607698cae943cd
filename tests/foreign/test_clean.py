"""No secret and no control character passes; innocent text does, unchanged."""

from __future__ import annotations

import json

import pytest

from mlenv_doctor.foreign.clean import Cleaner, secrets_of_dotenv, secrets_of_environment

BODY = "Q7w2Zx9LmN4kRt8VbYc3"


@pytest.mark.parametrize(
    "text",
    [
        f"http://user:{BODY}@host:5000/path",
        f"https://{BODY}@host",
        f"https://host/path?token={BODY}&x=1",
        f"Bearer {BODY}",
        f"Authorization: Basic {BODY}",
        f"x-api-key: {BODY}",
        f"sk-proj-{BODY}",
        f"sk-ant-api03-{BODY}",
        f"gsk_{BODY}",
        f"hf_{BODY}",
        f"AIza{BODY}",
        f"xai-{BODY}",
        f"AKIA{BODY.upper()}",
        f"ghp_{BODY}",
        "hf_" + "aBcDeFgHiJkLmNoPqRsTuVwXyZaBcDeFgH".replace("aBcDeF", BODY[:6]),
        f"http://user:{BODY[:10]}@{BODY[10:]}@host/",
    ],
)
def test_what_looks_like_a_secret_is_masked(text: str) -> None:
    cleaned = Cleaner()(f"before {text} after")
    assert BODY[:6] not in cleaned and BODY[:6].upper() not in cleaned
    assert cleaned.startswith("before") and cleaned.endswith("after")


@pytest.mark.parametrize("secret", ["hunter2!", "a b c d", "täglich", "with\nnewline", "quo\"te'd"])
def test_a_known_secret_is_masked_in_text(secret: str) -> None:
    assert secret not in Cleaner([secret])(f"the value is {secret}, and repr {secret!r}")
    assert repr(secret)[1:-1] not in Cleaner([secret])(f"repr {secret!r}")


@pytest.mark.parametrize(
    "text",
    [
        "ImportError: libcudart.so.12: cannot open shared object file: No such file or directory",
        "/home/me/task-force/site-packages/numpy/_core/__init__.py",
        "PyTorch version (GPU?): 2.1.0",
        "see https://numpy.org/devdocs/user/troubleshooting-importerror.html",
        "sha256:ab12 mask-rcnn risk-based desk-lamp",
        "line one\nline two\ttabbed",
        "naïve café Ünïcode 你好",
        "hf-transfer hf_transfer sk-video wandb-workspaces wandb_workspaces xai_components tgp-client",
        "/home/me/sk-learn-course/hf_home_folder/gsk-project-data/.venv/bin/python",
        "basic authentication, Basic Concepts",
        "git+ssh://git@github.com/org/name.git",
        "پروژه\u200cها",
    ],
)
def test_innocent_text_is_left_alone(text: str) -> None:
    assert Cleaner(["a-secret-that-is-not-there-1"])(text) == text


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("\x1b[31mred\x1b[0m", "red"),
        ("\x1b]8;;http://evil\x07link\x1b]8;;\x07", "link"),
        ("a\x00b\x07c\x9bd", "abcd"),
        ("one\r\ntwo\rthree", "one\ntwo\nthree"),
        ("ab\u202ecd\u2066ef\u200b", "abcdef"),
        ("\ufeffa\u061cb\u2060c\u200ed", "abcd"),
        ("\x1b", ""),
    ],
)
def test_control_characters_are_removed(text: str, left: str) -> None:
    assert Cleaner()(text) == left


def test_facts_are_cleaned_of_what_can_only_be_a_secret() -> None:
    clean = Cleaner([BODY, "mlflow-x"])
    facts = {"uri": f"http://u:{BODY}@h", "names": ["mlflow-x", f"x {BODY}"], "n": 3, "none": None}
    assert clean.data(facts) == {"uri": "http://***@h", "names": ["mlflow-x", "x ***"], "n": 3, "none": None}


@pytest.mark.parametrize("secret", [BODY, 'ab"cd12345678xyz', "back\\slash12345678", "tab\tbed-12345678"])
def test_no_notation_hides_a_secret(secret: str) -> None:
    assert secret not in json.dumps(Cleaner([secret]).data({"facts": [{"word": f"a {secret} b"}]}))
    assert secret not in Cleaner([secret])(json.dumps(f"a {secret} b")) and "12345678" not in Cleaner([secret])(
        json.dumps(secret)
    )


@pytest.mark.parametrize("value", ["plain /a/path-1.2", 'quo"te', "back\\slash", "é"])
def test_innocent_data_is_left_alone(value: str) -> None:
    data = {"section": "x", "facts": {"word": value, "list": [value, 3, None]}}
    assert Cleaner([BODY]).data(data) == data


def test_control_characters_leave_data() -> None:
    assert Cleaner().data({"a": "x\b\fy\x1b[0m"}) == {"a": "xy"}


def test_what_is_known_anyway_is_no_secret() -> None:
    assert Cleaner(["project"], public="/home/me/project")("in /home/me/project") == "in /home/me/project"


def test_long_text_keeps_its_end() -> None:
    assert Cleaner()("x" * 3000 + "end", limit=10) == "…xxxxxxxend"


def test_secrets_are_found_by_the_names_of_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MY_API_KEY", BODY)
    monkeypatch.setenv("HTTPS_PROXY", "http://me:pass-word-1@proxy:3128")
    monkeypatch.setenv("SSH_AUTH_SOCK", "/run/user/1/agent")
    monkeypatch.setenv("MONKEY", "no-secret-here")
    monkeypatch.setenv("PGPASSWORD", "for-postgres")
    monkeypatch.setenv("MYSQL_PWD", "for-mysql")
    monkeypatch.setenv("API_TOKEN2", "for-the-second")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "/K7MDENGbPxRfiCY")  # one in 64 begins so
    monkeypatch.setenv("KEY_FILE", "~/.ssh/id_rsa")
    monkeypatch.setenv("MY_TOKEN", ".dotted-secret")
    monkeypatch.setenv("DB_URL", "http://me:pa%40ss/w?rd@host/x?token=in-the-query")
    found = secrets_of_environment()
    assert BODY in found and "pass-word-1" in found
    assert {"for-postgres", "for-mysql", "for-the-second", "/K7MDENGbPxRfiCY", ".dotted-secret"} <= set(found)
    assert {"pa%40ss/w?rd", "pa@ss/w?rd", "in-the-query"} <= set(found)
    assert not {"/run/user/1/agent", "no-secret-here", "~/.ssh/id_rsa"} & set(found)


def test_secrets_are_found_in_dotenv_text() -> None:
    text = f"OPENAI_API_KEY='{BODY}'\nexport DB_PASSWORD=hunter22\nPORT=8000\nNAME=production\n$env:X=\"{BODY}x\"\nnonsense"
    assert secrets_of_dotenv(text) == [BODY, "hunter22", f"{BODY}x", "nonsense"]  # a line without a name may be all secret


@pytest.mark.parametrize(
    ("line", "secrets"),
    [
        ("DB_PASSWORD=hunter22 # of the test server", {"hunter22 # of the test server", "hunter22"}),
        ("DB_PASSWORD='hunter22' # quoted", {"hunter22"}),
        (BODY, {BODY}),
        ("MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSj==", {"MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSj=="}),
        ("SERVICE_URL=http://me:hunter22@host", {"me:hunter22", "hunter22"}),
        ("HOST=localhost", set()),
        ("PASSWORD=", set()),
        ("", set()),
    ],
)
def test_a_line_of_dotenv_hides_no_secret(line: str, secrets: set[str]) -> None:
    assert secrets <= set(secrets_of_dotenv(line))
    assert secrets or not secrets_of_dotenv(line)


def test_what_foreign_programs_said_loses_every_secret_and_names_keep_theirs() -> None:
    data = {
        "name": "swordfish",
        "libraries": [{"message": "swordfish", "detail": ["it was swordfish"]}],
        "startup_noise": "swordfish",
    }
    assert Cleaner(["swordfish"]).data(data) == {
        "name": "swordfish", "libraries": [{"message": "***", "detail": ["it was ***"]}], "startup_noise": "***",
    }  # fmt: skip
