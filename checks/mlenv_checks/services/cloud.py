"""Do the cloud SDKs that the code imports find a login?"""

from __future__ import annotations

from collections.abc import Iterator

from mlenv_doctor.api import Finding, Location, Missing, Why, check, ok, skip, unknown, warn

from .facts import CloudCredentials, CloudSdk

CLOUDS = {"boto3": "AWS", "google.cloud": "Google Cloud", "azure.identity": "Azure"}
LOGINS = {"boto3": "aws configure", "google.cloud": "gcloud auth application-default login", "azure.identity": "az login"}


@check(
    "services.cloud",
    causes=("cloud-credentials-missing", "cloud-credentials-unusable", "cloud-credentials-expired"),
)
def cloud_credentials_are_there(cloud_credentials: CloudCredentials | Missing) -> Iterator[Finding]:
    """Cloud credentials.

    An SDK looks for a login when the first request is made, and fails then. Files and variables are read; no cloud is asked.
    """
    if isinstance(cloud_credentials, Missing):
        say = skip if cloud_credentials.kind == Why.NOT_ASKED else unknown
        yield say(f"cloud credentials: {cloud_credentials.reason}")
        return
    yield from map(_judged, cloud_credentials.sdks)
    if not cloud_credentials.sdks:
        yield skip("the code uses no cloud's SDK, or the login comes from outside")


def _judged(sdk: CloudSdk) -> Finding:
    cloud = CLOUDS[sdk.sdk]
    if not sdk.state:
        return ok(f"a login of {cloud} is set up", subject=sdk.sdk)
    if (sdk.sdk, sdk.state) == ("google.cloud", "missing"):
        return skip(f"{sdk.what} does not exist", subject=sdk.sdk, blocked_by="llm.account")
    cause, message = _fault(sdk, LOGINS[sdk.sdk])
    message = f"{cloud} credentials: {message}; {sdk.file}:{sdk.line} uses {sdk.sdk}"
    return warn(f"cloud-credentials-{cause}", message, subject=sdk.sdk, location=Location(sdk.file, sdk.line))


def _fault(sdk: CloudSdk, login: str) -> tuple[str, str]:
    """The cause, and what is wrong."""
    if sdk.state == "missing":
        return "missing", f"{sdk.what} does not exist"
    if sdk.state == "unreadable":
        return "unusable", f"{sdk.what} cannot be read ({sdk.why})"
    if sdk.state == "wrong-type":
        return "unusable", f"{sdk.what} does not hold a login (run {login})"
    if sdk.state == "no-profile":
        return "unusable", f"~/.aws does not have the profile{_named(sdk.what)} that AWS_PROFILE names"
    if sdk.state == "expired":
        return "expired", f"the login has expired (run aws sso login{_option(sdk.what)})"
    return "missing", f"not found (run {login})"


def _named(profile: str) -> str:
    return f" ({profile})" if profile else ""


def _option(profile: str) -> str:
    return f" --profile {profile}" if profile else ""
