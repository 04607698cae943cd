"""No pattern that meets foreign text takes more than its share of time, on the worst text that can be made for it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib import import_module
from pkgutil import walk_packages
from types import ModuleType

import pytest

import mlenv_checks
import mlenv_doctor.documents
import mlenv_doctor.knowledge
from mlenv_checks.error_texts import knowledge
from mlenv_doctor.foreign import clean, secret_names, secret_values, secret_words, secrets
from mlenv_doctor.foreign import text as foreign
from support import growth

PATTERNS = growth.patterns(secrets, secret_names, secret_values, secret_words, foreign, clean)
SIZES = (1 << 18, 1 << 19, 1 << 20)


@pytest.mark.parametrize("name", PATTERNS)
def test_a_pattern_is_linear(name: str) -> None:
    ratio, seconds, text = growth.growth(PATTERNS[name])
    assert seconds < 0.15, f"{ratio:.1f} times more than the text, on {text!r}"


@pytest.mark.slow
@pytest.mark.parametrize("name", PATTERNS)
def test_it_is_so_for_a_megabyte(name: str) -> None:
    _, _, beginning = growth.growth(PATTERNS[name])
    times = [growth.seconds(PATTERNS[name], growth.stretched(beginning, size)) for size in SIZES]
    assert times[0] < 3 and times[1] < max(3 * times[0], 0.4) and times[2] < max(3 * times[1], 0.8), times


def modules(package: ModuleType) -> Iterator[ModuleType]:
    """All modules of a package, those of probes as well."""
    for found in walk_packages(package.__path__, package.__name__ + "."):
        yield import_module(found.name)


@pytest.mark.slow
@pytest.mark.parametrize("package", [mlenv_doctor.documents, mlenv_doctor.knowledge, mlenv_checks], ids=lambda p: p.__name__)
def test_so_are_the_patterns_of_readers_and_families(package: ModuleType) -> None:
    for name, pattern in growth.patterns(*modules(package)).items():
        ratio, seconds, text = growth.growth(pattern)
        assert seconds < 0.15, f"{name}: {ratio:.1f} times more than the text, on {text!r}"


@pytest.mark.slow
def test_so_is_every_pattern_of_an_error_text() -> None:
    for entry in knowledge().entries:
        for pattern in filter(None, entry._compiled):
            ratio, seconds, text = growth.growth(pattern)
            assert seconds < 0.15, f"{pattern.pattern}: {ratio:.1f} times more than the text, on {text!r}"


@pytest.mark.parametrize("pattern", ["(?=[A-Z-]*?[0-9])[A-Z-]+x", "sk-(?=[a-z-]*?Q)[a-z-]+", "://[^ ?]*\\?[^ ]+"])
def test_one_that_is_not_is_found(pattern: str) -> None:
    assert growth.growth(re.compile(pattern), small=4000)[1] > 0.15


NETS = {
    "shapes": secrets.without_shapes,
    "credentials": secrets.without_credentials,
    "line": lambda text: foreign.line(text, len(text) + 1),
    "harmless": foreign.harmless,
}
PUMPS = ("sk-", "a:", "://a@", "://a?", "\x1b[", "password", "password=", "password='", "a=b;", "bearer ", "\x1b]", "-----BEGIN PRIVATE KEY-----", "login a ", "--token ",
         "AccountKey=", "eyJ", "Ab1", "a", " ", "\\", "\\\"", "x@", "xoxb-1-", "/", "=", "_Z", "token is ", "cookie: ", "\u200b", "\n", "{'a': '", "://:/:@", "key=", "KEY=", "Key=", "session:", "authorization: ", "export password=", "\npassword=")  # fmt: skip


@pytest.mark.parametrize("net", NETS)
def test_a_whole_net_is_linear(net: str) -> None:
    for pump in PUMPS:
        spent = growth.cpu(lambda: NETS[net](pump * (20_000 // len(pump))))  # noqa: B023
        assert spent < 0.3, pump


@pytest.mark.slow
@pytest.mark.parametrize("net", NETS)
def test_so_it_is_for_a_megabyte(net: str) -> None:
    for pump in PUMPS:
        times = [growth.cpu(lambda: NETS[net](pump * (size // len(pump)))) for size in SIZES]  # noqa: B023
        assert times[2] < max(6 * times[0], 1.5), (pump, times)


@pytest.mark.parametrize("number", [10, 1000, 20_000])
def test_the_net_of_values_is_linear_in_both(number: int) -> None:
    values = secret_values.known(f"value-{n:06}-secret" for n in range(number))
    alike = secret_values.known(f"aaaaaaa{n}" for n in range(number))
    text = "a" * 100_000 + " value-000009-secret " + "value-" * 10_000
    assert "000009" not in secret_values.without_values(text, values)
    assert growth.cpu(lambda: secret_values.without_values(text, values)) < 1
    assert growth.cpu(lambda: secret_values.without_values(text, alike)) < 1
