"""Read whether the cloud SDKs that the code imports find credentials, as far as files and variables tell. No value is kept.

Nothing is asked of a cloud or its metadata server: on a machine of a cloud, and in CI that hands out logins, nothing is said.
"""

import os
import re

from mlenv_checks.llm.probes.dotenv_lines import load_lines
from mlenv_doctor.probekit import file_text

from . import aws_credentials, azure_credentials, google_credentials
from .services import code_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

# What imports the SDK at the beginning of a line, and the words by which code signs in by itself, or needs no login.
SDKS = (
    (
        "boto3",
        re.compile(rb"^(?:import|from)[ \t]+(?:boto3|aioboto3|s3fs)\b", re.M),
        re.compile(
            rb"aws_access_key_id|profile_name|UNSIGNED|endpoint_url|anon[ \t]*=|mock_aws|mock_s3|moto\b|storage_options", re.I
        ),
        aws_credentials.state,
    ),
    (
        "google.cloud",
        re.compile(rb"^(?:import[ \t]+google\.cloud\b|from[ \t]+google\.cloud\b)", re.M),
        re.compile(rb"credentials[ \t]*=|from_service_account|anonymous|emulator|api_key|google\.colab", re.I),
        google_credentials.state,
    ),
    (
        "azure.identity",
        re.compile(rb"^from[ \t]+azure\.identity(?:\.aio)?[ \t]+import\b[^\n]*Default", re.M),
        re.compile(rb"Interactive|DeviceCode|ClientSecretCredential|UsernamePassword|ManagedIdentity|exclude_", re.I),
        azure_credentials.state,
    ),
)
# Where a login comes from outside: CI, containers of a cloud, clusters.
OUTSIDE = (
    "CI", "GITHUB_ACTIONS", "GITLAB_CI", "ACTIONS_ID_TOKEN_REQUEST_URL", "KUBERNETES_SERVICE_HOST", "K_SERVICE",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "AWS_CONTAINER_CREDENTIALS_FULL_URI", "AWS_EXECUTION_ENV", "SM_MODEL_DIR",
    "IDENTITY_ENDPOINT", "MSI_ENDPOINT", "IMDS_ENDPOINT", "GAE_ENV", "GCE_METADATA_HOST", "CLOUD_ML_JOB_ID", "COLAB_RELEASE_TAG",
    "KAGGLE_KERNEL_RUN_TYPE", "CODESPACES", "DATABRICKS_RUNTIME_VERSION", "AZUREML_RUN_ID", "LAMBDA_TASK_ROOT",
)  # fmt: skip
# The variables whose values say where to look; of all others it counts only that they are set.
PLACES = (
    "AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_SHARED_CREDENTIALS_FILE", "AWS_CONFIG_FILE", "GOOGLE_APPLICATION_CREDENTIALS",
    "CLOUDSDK_CONFIG", "APPDATA", "AZURE_CLIENT_CERTIFICATE_PATH", "AZURE_CONFIG_DIR",
)  # fmt: skip
FIRMWARE = ("sys_vendor", "product_name", "bios_vendor", "board_asset_tag", "chassis_asset_tag", "bios_version")
OF_A_CLOUD = re.compile(
    r"amazon|google|ec2|^i-[0-9a-f]{8,17}$|7783-7084-3265-9085-8269-3286-77|alibaba|digitalocean|openstack|oraclecloud",
    re.I | re.M,
)
DMI = "/sys/class/dmi/id"


def read_cloud_credentials(question: "dict[str, Any]") -> "dict[str, Any]":
    """The SDKs that the code imports, each with what is wrong with its credentials."""
    code = code_of(question["project"])
    used = [(name, place, state) for name, imports, own, state in SDKS for place in _places(code, imports, own)[:1]]
    if not used or _is_of_a_cloud():
        return {"sdks": []}
    known = _variables(question)
    return {"sdks": [dict(state(known), sdk=name, file=place[0], line=place[1]) for name, place, state in used]}


def _places(code: "dict[str, bytes]", imports: "re.Pattern[bytes]", own: "re.Pattern[bytes]") -> "list[tuple[str, int]]":
    """Where an SDK is imported; nowhere if some file of the project signs in by itself."""
    matches = ((path, imports.search(data), data) for path, data in code.items() if path.endswith(".py"))
    found = [(path, data.count(b"\n", 0, match.start()) + 1) for path, match, data in matches if match]
    return [] if found and any(own.search(data) for data in code.values()) else found


def _is_of_a_cloud() -> bool:
    """Whether this machine may get a login without any file."""
    if any(os.environ.get(name) for name in OUTSIDE):
        return True
    return bool(OF_A_CLOUD.search("\n".join(file_text(os.path.join(DMI, name), 200).strip() for name in FIRMWARE)))


def _variables(question: "dict[str, Any]") -> "dict[str, str]":
    """The variables that are set, those of the shell first, then those of `.env`; with values only where these are places."""
    path = os.path.join(question["project"], question.get("env_file") or ".env")
    lines = load_lines(path)[1] if os.path.isfile(path) else []
    known = {line["name"]: line["value"].use(_place_of(line["name"])) for line in lines if line["name"] and line["given"]}
    known.update((name, _place_of(name)(value)) for name, value in os.environ.items())
    return {name: value for name, value in known.items() if value}


def _place_of(name: str) -> "Callable[[str], str]":
    """What is kept of the value of a variable."""
    return lambda value: value if name in PLACES and "\0" not in value else "set" if value else ""
