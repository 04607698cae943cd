"""Credentials of clouds: what files and variables tell, and what is said. No value of a secret may show."""

from __future__ import annotations

import hashlib
import json
import os
import time
from pathlib import Path
from typing import Any

import pytest

import mlenv_doctor
from families.project.environments import environment, write
from mlenv_checks.services.cloud import cloud_credentials_are_there
from mlenv_checks.services.facts import CloudCredentials, CloudSdk
from mlenv_checks.services.probes import aws_credentials, cloud
from mlenv_checks.services.probes.cloud import read_cloud_credentials
from mlenv_doctor import Missing

AWS, GOOGLE = "import boto3\nboto3.client('s3')\n", "from google.cloud import storage\nstorage.Client()\n"
AZURE = "from azure.identity import DefaultAzureCredential\nDefaultAzureCredential()\n"
SECRET = "zq-Secret-wJalrXUtnFEMI"
KEYS = f"[default]\naws_access_key_id = AKIA{SECRET}\naws_secret_access_key = {SECRET}\n"
SESSION = "[profile work]\nsso_session = corp\n[sso-session corp]\nsso_start_url = https://x.invalid\n"
CACHE = f".aws/sso/cache/{hashlib.sha1(b'corp').hexdigest()}.json"
PAST, FUTURE = "2020-01-01T00:00:00Z", f"{time.gmtime().tm_year + 1}-01-01T00:00:00Z"
ACCOUNT = json.dumps({"type": "service_account", "private_key": SECRET})
ADC = ".config/gcloud/application_default_credentials.json"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home without any login, on a machine that is nobody's cloud."""
    for name in list(os.environ):
        if (
            name.startswith(("AWS_", "GOOGLE_", "AZURE_", "CLOUDSDK_"))
            or name in cloud.OUTSIDE
            or name.endswith("_EMULATOR_HOST")
        ):
            monkeypatch.delenv(name)
    folder = tmp_path / "home"
    folder.mkdir()
    monkeypatch.setenv("HOME", str(folder))
    monkeypatch.setattr(cloud, "DMI", str(tmp_path / "dmi"))
    monkeypatch.setattr(aws_credentials, "LEGACY", ("~/.boto",))
    return folder


def read(home: Path, files: dict[str, str], code: str, **more: str) -> list[tuple[str, str, str, str]]:
    project = home.parent / "project"
    write(home, files)
    write(project, {"app.py": code, **more})
    said = read_cloud_credentials({"project": str(project), "env_file": None})
    assert SECRET not in json.dumps(said)
    return [(x["sdk"], x["state"], x.get("what", ""), x.get("why", "")) for x in said["sdks"]]


def login(**more: str) -> str:
    return json.dumps({"accessToken": SECRET, "expiresAt": PAST, **more})


@pytest.mark.parametrize(
    ("files", "variables", "state", "what"),
    [
        ({}, {}, "none", ""),
        ({".aws/credentials": KEYS}, {}, "", ""),
        ({".aws/credentials": KEYS.replace("default", "work")}, {}, "none", ""),
        ({".aws/credentials": KEYS.replace("default", "work")}, {"AWS_PROFILE": "work"}, "", ""),
        ({".aws/credentials": KEYS}, {"AWS_PROFILE": "other"}, "no-profile", "other"),
        ({".aws/credentials": KEYS}, {"AWS_DEFAULT_PROFILE": "a/b\x1b[1m"}, "no-profile", ""),
        ({".aws/config": "[default]\nregion = eu-west-1\n"}, {}, "none", ""),
        ({".aws/config": "[default]\ncredential_process = /bin/x\n"}, {}, "", ""),
        ({".aws/config": "[profile a]\nrole_arn = x\nsource_profile = b\n"}, {"AWS_PROFILE": "a"}, "", ""),
        ({".aws/credentials": f"aws_access_key_id = {SECRET}\n"}, {}, "unreadable", "~/.aws/credentials"),
        ({".aws/credentials/folder": ""}, {}, "unreadable", "~/.aws/credentials"),
        ({"keys": SECRET}, {"AWS_SHARED_CREDENTIALS_FILE": "~/keys"}, "unreadable", "the file that AWS_SHARED_CREDENTIALS_FILE names"),
        ({"keys": KEYS}, {"AWS_SHARED_CREDENTIALS_FILE": "~/keys"}, "", ""),
        ({}, {"AWS_ACCESS_KEY_ID": SECRET}, "", ""),
        ({}, {"AWS_WEB_IDENTITY_TOKEN_FILE": "/x"}, "", ""),
        ({".boto": ""}, {}, "", ""),
        ({".aws/config": SESSION}, {"AWS_PROFILE": "work"}, "expired", "work"),
        ({".aws/config": SESSION, CACHE: login()}, {"AWS_PROFILE": "work"}, "expired", "work"),
        ({".aws/config": SESSION, CACHE: login(expiresAt=FUTURE)}, {"AWS_PROFILE": "work"}, "", ""),
        ({".aws/config": SESSION, CACHE: login(expiresAt="soon")}, {"AWS_PROFILE": "work"}, "", ""),
        ({".aws/config": SESSION, CACHE: login(refreshToken=SECRET)}, {"AWS_PROFILE": "work"}, "", ""),
        ({".aws/config": SESSION, CACHE: login(refreshToken=SECRET, registrationExpiresAt=PAST)}, {"AWS_PROFILE": "work"}, "expired", "work"),
        ({".aws/config": SESSION, CACHE: "{"}, {"AWS_PROFILE": "work"}, "", ""),
        ({".aws/config": SESSION, CACHE: "[]"}, {"AWS_PROFILE": "work"}, "", ""),
        ({".aws/config": "[default]\nsso_start_url = x\naws_access_key_id = x\n"}, {}, "", ""),
    ],
)  # fmt: skip
def test_logins_of_aws(
    files: dict[str, str], variables: dict[str, str], state: str, what: str, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert [each[:3] for each in read(home, files, AWS)] == [("boto3", state, what)]


@pytest.mark.parametrize(
    ("files", "variables", "state", "why"),
    [
        ({}, {}, "none", ""),
        ({ADC: json.dumps({"type": "authorized_user", "refresh_token": SECRET})}, {}, "", ""),
        ({ADC: "{"}, {}, "unreadable", "not valid JSON"),
        ({ADC: "[]"}, {}, "wrong-type", ""),
        ({"gcloud/application_default_credentials.json": ACCOUNT}, {"CLOUDSDK_CONFIG": "HOME/gcloud"}, "", ""),
        ({"key.json": ACCOUNT, ADC: "{"}, {"GOOGLE_APPLICATION_CREDENTIALS": "~/key.json"}, "", ""),
        ({"key.json": json.dumps({"installed": {"client_secret": SECRET}})}, {"GOOGLE_APPLICATION_CREDENTIALS": "~/key.json"}, "wrong-type", ""),
        ({"key.json/folder": ""}, {"GOOGLE_APPLICATION_CREDENTIALS": "~/key.json"}, "unreadable", "not a readable file"),
        ({}, {"GOOGLE_APPLICATION_CREDENTIALS": "/nowhere/key.json"}, "missing", ""),
        ({}, {"STORAGE_EMULATOR_HOST": "localhost:1"}, "", ""),
    ],
)  # fmt: skip
def test_logins_of_google(
    files: dict[str, str], variables: dict[str, str], state: str, why: str, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value.replace("HOME", str(home)))
    ((sdk, found, _, reason),) = read(home, files, GOOGLE)
    assert (sdk, found, reason) == ("google.cloud", state, why)


@pytest.mark.parametrize(
    ("files", "variables", "state"),
    [
        ({}, {}, "none"),
        ({".azure/msal_token_cache.json": SECRET}, {}, ""),
        ({"elsewhere/msal_token_cache.json": ""}, {"AZURE_CONFIG_DIR": "~/elsewhere"}, ""),
        ({}, {"AZURE_CLIENT_SECRET": SECRET}, ""),
        ({}, {"AZURE_CLIENT_CERTIFICATE_PATH": "/nowhere.pem"}, "missing"),
        ({"a.pem": ""}, {"AZURE_CLIENT_CERTIFICATE_PATH": "~/a.pem"}, ""),
    ],
)
def test_logins_of_azure(
    files: dict[str, str], variables: dict[str, str], state: str, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert [each[:2] for each in read(home, files, AZURE)] == [("azure.identity", state)]


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read every file")
def test_a_file_that_may_not_be_read(home: Path) -> None:
    write(home, {".aws/credentials": KEYS})
    (home / ".aws/credentials").chmod(0)
    assert read(home, {}, AWS) == [("boto3", "unreadable", "~/.aws/credentials", "permission denied")]


@pytest.mark.parametrize("module", [aws_credentials, cloud.google_credentials])
def test_a_file_that_is_refused(module: Any, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: str) -> None:
        raise PermissionError(path)

    monkeypatch.setattr(module, "open_file", refuse)
    code = AWS if module is aws_credentials else GOOGLE
    ((_, state, _, why),) = read(home, {".aws/credentials": KEYS, ADC: ACCOUNT}, code)
    assert (state, why) == ("unreadable", "permission denied")


@pytest.mark.parametrize(
    "code",
    [
        "import os\n",
        "def f():\n    import boto3\n",
        "try:\n    import boto3\nexcept ImportError:\n    pass\n",
        "import boto3\nboto3.client('s3', aws_access_key_id=key)\n",
        "import boto3\nboto3.client('s3', endpoint_url='http://localhost:9000')\n",
        "import boto3\nfrom botocore import UNSIGNED\n",
        "import boto3\nboto3.Session(profile_name='x')\n",
        "from google.cloud import storage\nstorage.Client.create_anonymous_client()\n",
        "from google.cloud import storage\nstorage.Client.from_service_account_json('x')\n",
        "from google import genai\nimport google.protobuf\n",
        "from azure.identity import ClientSecretCredential\n",
        "from azure.identity import DefaultAzureCredential, InteractiveBrowserCredential\n",
    ],
)
def test_code_that_needs_no_login_of_this_machine(code: str, home: Path) -> None:
    assert read(home, {}, code) == []


def test_tests_and_examples_do_not_count(home: Path) -> None:
    assert read(home, {}, "", **{"tests/test_a.py": AWS, "examples/a.py": AWS}) == []


@pytest.mark.parametrize("name", ["CI", "KUBERNETES_SERVICE_HOST", "AWS_CONTAINER_CREDENTIALS_FULL_URI", "IDENTITY_ENDPOINT"])
def test_where_a_login_comes_from_outside(name: str, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, "1")
    assert read(home, {}, AWS + GOOGLE + AZURE) == []


@pytest.mark.parametrize(
    ("file", "text", "silent"),
    [
        ("sys_vendor", "Amazon EC2", True),
        ("product_name", "Google Compute Engine", True),
        ("chassis_asset_tag", "7783-7084-3265-9085-8269-3286-77", True),
        ("board_asset_tag", "i-0123456789abcdef0", True),
        ("sys_vendor", "LENOVO", False),
    ],
)
def test_the_machines_of_clouds(file: str, text: str, silent: bool, home: Path) -> None:
    write(home.parent / "dmi", {file: text + "\n"})
    assert (read(home, {}, AWS) == []) is silent


def test_dotenv_counts_and_the_shell_comes_first(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert read(home, {}, AWS, **{".env": f"AWS_ACCESS_KEY_ID=AKIA{SECRET}\nEMPTY=\n"})[0][1] == ""
    assert read(home, {}, AWS, **{".env": "AWS_PROFILE=a\n"})[0][1:3] == ("no-profile", "a")
    monkeypatch.setenv("AWS_PROFILE", "b")
    assert read(home, {}, AWS, **{".env": "AWS_PROFILE=a\n"})[0][1:3] == ("no-profile", "b")


@pytest.mark.parametrize(
    ("sdk", "cause", "words"),
    [
        (CloudSdk("boto3", "app.py", 1), "", "a login of AWS is set up"),
        (CloudSdk("boto3", "app.py", 1, "none"), "missing", "AWS credentials: not found (run aws configure); app.py:1 uses boto3"),
        (CloudSdk("azure.identity", "app.py", 1, "missing", "the file that X names"), "missing",
         "Azure credentials: the file that X names does not exist; app.py:1 uses azure.identity"),
        (CloudSdk("boto3", "app.py", 1, "unreadable", "~/.aws/config", "permission denied"), "unusable",
         "AWS credentials: ~/.aws/config cannot be read (permission denied); app.py:1 uses boto3"),
        (CloudSdk("google.cloud", "app.py", 1, "wrong-type", "the file that X names"), "unusable",
         "Google Cloud credentials: the file that X names does not hold a login (run gcloud auth application-default login); app.py:1 uses google.cloud"),
        (CloudSdk("boto3", "app.py", 1, "no-profile", "work"), "unusable",
         "AWS credentials: ~/.aws does not have the profile (work) that AWS_PROFILE names; app.py:1 uses boto3"),
        (CloudSdk("boto3", "app.py", 1, "no-profile"), "unusable",
         "AWS credentials: ~/.aws does not have the profile that AWS_PROFILE names; app.py:1 uses boto3"),
        (CloudSdk("boto3", "app.py", 1, "expired", "work"), "expired",
         "AWS credentials: the login has expired (run aws sso login --profile work); app.py:1 uses boto3"),
        (CloudSdk("boto3", "app.py", 1, "expired"), "expired",
         "AWS credentials: the login has expired (run aws sso login); app.py:1 uses boto3"),
    ],
)  # fmt: skip
def test_what_is_said(sdk: CloudSdk, cause: str, words: str) -> None:
    (found,) = cloud_credentials_are_there(CloudCredentials((sdk,)))
    assert (found.status.value, found.message) == ("warn" if cause else "pass", words)
    assert not cause or (found.cause == f"cloud-credentials-{cause}" and found.location and found.location.line == 1)


def test_without_an_sdk_nothing_is_judged() -> None:
    assert [each.status.value for each in cloud_credentials_are_there(CloudCredentials())] == ["skip"]
    for kind, status in (("not-asked", "skip"), ("timeout", "unknown")):
        (found,) = cloud_credentials_are_there(Missing("cloud_credentials", kind, "x"))
        assert found.status.value == status


def test_the_file_of_google_is_told_once() -> None:
    gone = CloudCredentials((CloudSdk("google.cloud", "app.py", 1, "missing", "the file that X names"),))
    assert [(each.status.value, each.blocked_by) for each in cloud_credentials_are_there(gone)] == [("skip", "llm.account")]


def test_a_whole_examination(home: Path) -> None:
    write(home.parent / "project", {"app.py": AWS, "requirements.txt": "boto3\n"})
    python = environment(home.parent / "venv")
    report = mlenv_doctor.check("services", python=python, project=home.parent / "project")
    found = [
        (each.status.value, each.cause) for result in report.results if result.id == "services.cloud" for each in result.findings
    ]
    assert found in ([("warn", "cloud-credentials-missing")], [("skip", "")])  # skip on a machine of a cloud
