"""What a pasted report gives away besides: names of variables, the kind of its Python, and whose folders come first."""

from __future__ import annotations

import re
from collections.abc import Iterator

from mlenv_doctor.api import Finding, Missing, check, fail, fix, ok
from mlenv_doctor.patient import Pasted

from ..gpu.cards import counted
from ..gpu.facts import Gpu
from ..torch.facts import Torch, TorchBuild

KNOWN = (  # variables whose names people type by hand
    "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "LD_LIBRARY_PATH", "CUDA_VISIBLE_DEVICES", "CUDA_HOME", "PYTHONPATH",
    "VIRTUAL_ENV", "OPENAI_API_KEY", "OPENAI_BASE_URL", "ANTHROPIC_API_KEY", "GEMINI_API_KEY", "HF_TOKEN", "HF_HOME",
    "MLFLOW_TRACKING_URI", "REQUESTS_CA_BUNDLE", "SSL_CERT_FILE", "WANDB_API_KEY",
)  # fmt: skip
USER_SITE = re.compile(r"(~|/(home/[^/:\s]+|root|Users/[^/:\s]+))/(\.local/lib|Library/Python)/")


@check("symptom.report", pasted=True)
def report_is_understood(pasted: Pasted, build: TorchBuild | Missing, gpu: Gpu | Missing, torch: Torch | Missing) -> Finding:
    """Pasted report.

    Values that the report does not have stay unknown. This shows what was read from it.
    """
    parts = [f"torch {build.version}" if isinstance(build, TorchBuild) else "no torch build"]
    parts.append(counted(gpu.cards) if isinstance(gpu, Gpu) and gpu.cards else "no GPU")
    parts.append(f"driver {gpu.driver}" if isinstance(gpu, Gpu) and gpu.driver else "no driver")
    parts.append(
        f"CUDA {'can' if torch.available else 'cannot'} be used" if isinstance(torch, Torch) else "unknown whether CUDA works"
    )
    several = f"; only the first of {pasted.reports} reports is checked" if pasted.reports > 1 else ""
    toolkit = {"toolkit": pasted.toolkit} if pasted.toolkit else {}
    return ok(f"{pasted.kind} reports {', '.join(parts)}{several}", evidence=toolkit)


@check("symptom.variables", causes=("key-name-typo",), pasted=True)
def variables_are_spelt_right(pasted: Pasted) -> Iterator[Finding]:
    """Variable names in the report.

    A misspelled variable has no effect, and no program reports it.
    """
    twisted = [(name, meant) for name in pasted.names if (meant := _meant(name))]
    for name, meant in twisted:
        message = f"nothing reads the variable {name}; did you mean {meant}?"
        yield fail("key-name-typo", message, subject=name, fix=fix("errors.rename-variable", name=name, meant=meant))
    if not twisted:
        yield ok("no misspelled variable names")


def _meant(name: str) -> str:
    """The known variable of the same letters in another order; empty for none."""
    upper = name.upper()
    return "" if upper in KNOWN else next((known for known in KNOWN if sorted(known) == sorted(upper)), "")


@check("symptom.python", causes=("rosetta-x86-python", "user-site-leak"), pasted=True)
def python_of_the_report_is_sound(pasted: Pasted) -> Finding:
    """Python in the report.

    On Apple silicon, Rosetta translates an Intel build of Python. It cannot load libraries for Apple silicon.
    """
    if pasted.rosetta:
        message = "this Python is an Intel build, which this Mac translates (Rosetta)"
        return fail("rosetta-x86-python", message, fix=fix("python.arm64"))
    first = next(iter(re.findall(r"[^\s:;,'\"\[\]]*site-packages", pasted.path)), "")
    if pasted.conda and USER_SITE.match(first):
        message = f"packages from {first}, which all environments see, override those of the conda environment"
        return fail("user-site-leak", message, fix=fix("venv.no-user-site"))
    return ok("the report shows no problem with its Python")
