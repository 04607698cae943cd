"""A provider on loopback: it looks at the key as OpenAI, Anthropic and Google do, and answers as they do on every kind of day."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from support.servers import Handler, Peer, drip, drip_headers, endless, hang_up, peer, reply, reset, silent

GOOD_KEYS = ("good", "Good")  # a key is good where one of these words stands in it
OPENAI_LIST = {"object": "list", "data": [{"id": "gpt-5", "object": "model", "created": 1, "owned_by": "openai"}]}
ANTHROPIC_LIST = {"data": [{"type": "model", "id": "claude", "display_name": "C", "created_at": "2026-01-01T00:00:00Z"}], "has_more": False, "first_id": "claude", "last_id": "claude"}  # fmt: skip


def openai_error(code: str | None, kind: str, message: str) -> str:
    return json.dumps({"error": {"message": message, "type": kind, "param": None, "code": code}})


def anthropic_error(kind: str, message: str) -> str:
    return json.dumps({"type": "error", "error": {"type": kind, "message": message}})


def google_error(code: int, status: str, message: str, reason: str = "") -> str:
    return json.dumps({"error": {"code": code, "message": message, "status": status, "details": [{"reason": reason}]}})


@dataclass(frozen=True)
class Day:
    """One kind of day: what the provider answers, what the doctor makes of it, and which error the SDK raises (none: it works)."""

    shape: str
    status: int
    body: str
    answer: str
    sdk: str = ""
    headers: tuple[tuple[str, str], ...] = (("Content_Type", "application/json"),)

    @property
    def reply(self) -> bytes:
        return reply(self.status, self.body, **dict(self.headers))


HTML = (("Content_Type", "text/html"),)
DAYS = {
    "openai accepts": Day("openai", 200, json.dumps(OPENAI_LIST), "accepted"),
    "openai rejects": Day("openai", 401, openai_error("invalid_api_key", "invalid_request_error", "Incorrect API key provided: sk-pr****5678."), "rejected", "AuthenticationError"),
    "openai restricts": Day("openai", 403, openai_error(None, "invalid_request_error", "You have insufficient permissions for this operation. Missing scopes: api.model.read."), "restricted", "PermissionDeniedError"),
    "openai restricts with 401": Day("openai", 401, openai_error(None, "invalid_request_error", "You have insufficient permissions for this operation. Missing scopes: model.request."), "restricted", "AuthenticationError"),
    "openai does not serve the country": Day("openai", 403, openai_error("unsupported_country_region_territory", "request_forbidden", "Country, region, or territory not supported"), "region", "PermissionDeniedError"),
    "openai has no quota": Day("openai", 429, openai_error("insufficient_quota", "insufficient_quota", "You exceeded your current quota, please check your plan and billing details."), "no-credit", "RateLimitError"),
    "openai limits the rate": Day("openai", 429, openai_error("rate_limit_exceeded", "requests", "Rate limit reached for requests"), "rate-limited", "RateLimitError"),
    "openai is down": Day("openai", 503, "", "trouble", "InternalServerError"),
    "the organization is another": Day("openai", 401, openai_error("mismatched_organization", "invalid_request_error", "OpenAI-Organization header should match organization for API key"), "rejected", "AuthenticationError"),
    "a gateway without a list": Day("openai", 404, '{"detail":"Not Found"}', "no-such-path", "NotFoundError"),
    "a page of a hotel": Day("openai", 200, "<html><title>Welcome</title></html>", "no-api", "", HTML),
    "a firewall": Day("openai", 403, "<html><title>Blocked</title></html>", "no-api", "PermissionDeniedError", HTML),
    "empty braces": Day("openai", 200, "{}", "no-api"),
    "litellm with a wrong key": Day("openai", 400, openai_error("400", "no_db_connection", "No connected db."), "rejected", "BadRequestError"),
    "xai with a wrong key": Day("openai", 400, '{"code":"Client specified an invalid argument","error":"Incorrect API key provided: xa***45."}', "rejected", "BadRequestError"),
    "no money": Day("openai", 402, openai_error(None, "x", "Insufficient Balance"), "no-credit", "APIStatusError"),
    "anthropic accepts": Day("anthropic", 200, json.dumps(ANTHROPIC_LIST), "accepted"),
    "anthropic rejects": Day("anthropic", 401, anthropic_error("authentication_error", "invalid x-api-key"), "rejected", "AuthenticationError"),
    "anthropic has no credit": Day("anthropic", 400, anthropic_error("invalid_request_error", "Your credit balance is too low to access the Anthropic API."), "no-credit", "BadRequestError"),
    "anthropic restricts": Day("anthropic", 403, anthropic_error("permission_error", "Your API key does not have permission to use the specified resource."), "restricted", "PermissionDeniedError"),
    "anthropic does not serve the country": Day("anthropic", 403, anthropic_error("forbidden", "Request not allowed"), "region", "PermissionDeniedError"),
    "anthropic limits the rate": Day("anthropic", 429, anthropic_error("rate_limit_error", "This request would exceed your rate limit"), "rate-limited", "RateLimitError"),
    "anthropic is overloaded": Day("anthropic", 529, anthropic_error("overloaded_error", "Overloaded"), "trouble", "OverloadedError"),
    "the organization is disabled": Day("anthropic", 400, anthropic_error("invalid_request_error", "This organization has been disabled."), "rejected", "BadRequestError"),
    "google accepts": Day("gemini", 200, '{"models":[{"name":"models/gemini"}]}', "accepted"),
    "google rejects": Day("gemini", 400, google_error(400, "INVALID_ARGUMENT", "API key not valid. Please pass a valid API key.", "API_KEY_INVALID"), "rejected"),
    "google's key is expired": Day("gemini", 400, google_error(400, "INVALID_ARGUMENT", "API key expired. Please renew the API key.", "API_KEY_INVALID"), "rejected"),
    "google's API is off": Day("gemini", 403, google_error(403, "PERMISSION_DENIED", "Generative Language API has not been used in project 1 before or it is disabled.", "SERVICE_DISABLED"), "restricted"),
    "google does not serve the country": Day("gemini", 400, google_error(400, "FAILED_PRECONDITION", "User location is not supported for the API use."), "region"),
    "google limits the rate": Day("gemini", 429, google_error(429, "RESOURCE_EXHAUSTED", "Resource has been exhausted"), "rate-limited"),
}  # fmt: skip
VARIABLES = {
    "openai": ("OPENAI_API_KEY", "OPENAI_BASE_URL", "/v1"),
    "anthropic": ("ANTHROPIC_API_KEY", "ANTHROPIC_BASE_URL", ""),
    "gemini": ("GEMINI_API_KEY", "GOOGLE_GEMINI_BASE_URL", ""),
}


def on_this_day(day: Day) -> Handler:
    """Answers a request that carries a key as on this day, and one without any as a provider does."""

    def handler(connection: socket.socket, request: str) -> None:
        low = request.lower()
        keyed = any(f"\r\n{name}:" in low for name in ("authorization", "x-api-key", "x-goog-api-key", "api-key"))
        connection.sendall(day.reply if keyed else reply(401, "{}"))

    return handler


def checking(connection: socket.socket, request: str) -> None:
    """A provider of OpenAI's kind that takes the keys that say they are good."""
    good = any(
        word in line
        for line in request.split("\r\n")
        if line.lower().startswith(("authorization", "x-api-key"))
        for word in GOOD_KEYS
    )
    shape = ANTHROPIC_LIST if "anthropic-version" in request.lower() else OPENAI_LIST
    body = reply(200, json.dumps(shape), Content_Type="application/json") if good else DAYS["openai rejects"].reply
    connection.sendall(body)


@contextmanager
def provider(day: str) -> Iterator[Peer]:
    with peer(on_this_day(DAYS[day])) as here:
        yield here


UNREACHABLE: dict[str, Handler] = {
    "silent": silent, "drips": drip, "drips headers": drip_headers, "endless": endless, "resets": reset, "hangs up": hang_up,
}  # fmt: skip
