"""The net of shapes: no kind of secret passes, and no innocent text is changed."""

from __future__ import annotations

import pytest

from hostile.kinds import HARMLESS, texts
from mlenv_doctor.foreign.secret_names import harmless_value, is_secret_name
from mlenv_doctor.foreign.secret_values import known, without_values
from mlenv_doctor.foreign.secrets import without_shapes

SALTS = ("", "a", "b", "c", "d", "e")


@pytest.mark.parametrize("kind", texts())
def test_no_kind_of_secret_passes(kind: str) -> None:
    for salt in SALTS:
        text, secret = texts(salt)[kind]
        for whole in (text, f"before it {text} and after", f"ImportError: {text}\n  File x", f"('{text}',)"):
            said = without_shapes(whole)
            assert not [n for n in range(max(1, len(secret) - 7)) if secret[n : n + 8] in said], said


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ("-e .[x]\n\nAKIA02OBEESPCNN55917\n", "02OBEESPCNN55917"),
        ("key AKIASUMNUUFZJXCWATZ7", "SUMNUUFZJXCWATZ7"),
        ("payload 9U/DQZYogqvwCGnESFxaIWHvRFWEE7yACWm/BY+W+257== rejected", "DQZYogqvwCGn"),
        ("'cookie: ' {\nhost=db password='do0EljC7 MPUPTenW97' user=x", "MPUPTenW97"),
    ],
    ids=["digits at its ends", "letters only", "padded", "its name lies in a quoted text that is hidden"],
)
def test_rare_shapes(text: str, secret: str) -> None:
    """Found by the fuzzer."""
    assert secret not in without_shapes(text)


@pytest.mark.parametrize("text", HARMLESS)
def test_innocent_text_is_left_as_it_is(text: str) -> None:
    assert without_shapes(text) == text


@pytest.mark.parametrize("name", ["MY_API_KEY", "apiKey", "clientSecret", "PGPASSWORD", "x-api-key", "MYSQL_PWD", "db.password", "authToken", "AccountKey", "sessionid"])  # fmt: skip
def test_names_of_secrets(name: str) -> None:
    assert is_secret_name(name)


@pytest.mark.parametrize(
    "name", ["monkey", "KeyError", "tokenizer", "bypass", "TOKEN_FILE", "max_length", "embed_tokens.weight", "author", "compass"]
)
def test_names_of_others(name: str) -> None:
    assert not is_secret_name(name)


@pytest.mark.parametrize(
    "value", ["None", "'str'", "${TOKEN}", "os.environ['X']", "<token>", "/home/me/key.json", "***", "", "required"]
)
def test_values_that_are_none(value: str) -> None:
    assert harmless_value(value)


def test_a_short_value_is_masked_where_it_stands_alone() -> None:
    secrets = known(["ab3de", "k#9"])
    assert without_values("it is ab3de, not cab3def; k#9! xk#9", secrets) == "it is ***, not cab3def; ***! xk#9"


def test_many_values_are_masked_as_few_are() -> None:
    values = [f"value-{n:05}-x" for n in range(500)] + [f"another{n:05}" for n in range(20)]
    secrets = known(values)
    said = without_values(" ".join(values[::7]), secrets)
    assert set(said.split()) == {"***"}


def test_of_names_in_each_others_values_the_last_value_is_hidden_too() -> None:
    for text in (
        "password=password=hunter2",
        "authorization: authorization: hunter2",
        "authorization: Bearer abcdefgh1 authorization: Basic hunter2",
        "cookie: a=b; cookie: hunter2",
        "x token=key=hunter2",
        "password=" + "x" * 5000 + "hunter2",
    ):
        assert "hunter2" not in without_shapes(text), text


def test_a_long_value_that_nobody_made_by_chance_stays() -> None:
    text = "key=" + "x" * 5000
    assert without_shapes(text) == text
