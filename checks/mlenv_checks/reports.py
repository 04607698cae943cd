"""What a pasted report gives away besides: names of variables, the kind of its Python, and whose folders come first."""

from __future__ import annotations

import re
from collections.abc import Iterator

from mlenv_doctor.api import Finding, Missing, check, fail, fix, ok
from mlenv_doctor.facts import Gpu, Pasted, Torch, TorchBuild

from .cards import counted

KNOWN = (  # variables whose names people type by hand
    "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "LD_LIBRARY_PATH", "CUDA_VISIBLE_DEVICES", "CUDA_HOME", "PYTHONPATH",
    "VIRTUAL_ENV", "OPENAI_API_KEY", "OPENAI_BASE_URL", "ANTHROPIC_API_KEY", "GEMINI_API_KEY", "HF_TOKEN", "HF_HOME",
    "MLFLOW_TRACKING_URI", "REQUESTS_CA_BUNDLE", "SSL_CERT_FILE", "WANDB_API_KEY",
)  # fmt: skip
USER_SITE = re.compile(r"(~|/(home/[^/:\s]+|root|Users/[^/:\s]+))/(\.local/lib|Library/Python)/")


@check("symptom.report", pasted=True)
def report_is_understood(pasted: Pasted, build: TorchBuild | Missing, gpu: Gpu | Missing, torch: Torch | Missing) -> Finding:
    """The pasted report was understood.

    What it does not say is not known, and is judged neither good nor bad; so it helps to see what was read.
    """
    parts = [f"torch {build.version}" if isinstance(build, TorchBuild) else "no build of torch"]
    parts.append(counted(gpu.cards) if isinstance(gpu, Gpu) and gpu.cards else "no GPU")
    parts.append(f"driver {gpu.driver}" if isinstance(gpu, Gpu) and gpu.driver else "no driver")
    parts.append(
        f"CUDA {'can' if torch.available else 'cannot'} be used" if isinstance(torch, Torch) else "not whether CUDA works"
    )
    several = f"; of {pasted.reports} reports the first is judged" if pasted.reports > 1 else ""
    toolkit = {"toolkit": pasted.toolkit} if pasted.toolkit else {}
    return ok(f"{pasted.kind} names {', '.join(parts)}{several}", evidence=toolkit)


@check("symptom.variables", causes=("key-name-typo",), pasted=True)
def variables_are_spelt_right(pasted: Pasted) -> Iterator[Finding]:
    """No variable of the report is a known one with two letters swapped.

    A variable with a name that nobody reads changes nothing, and nothing says so.
    """
    twisted = [(name, meant) for name in pasted.names if (meant := _meant(name))]
    for name, meant in twisted:
        message = f"the variable {name} is read by nothing: {meant} is meant"
        yield fail("key-name-typo", message, subject=name, fix=fix("errors.rename-variable", name=name, meant=meant))
    if not twisted:
        yield ok("no name is nearly that of a known variable")


def _meant(name: str) -> str:
    """The known variable of the same letters in another order; empty for none."""
    upper = name.upper()
    return "" if upper in KNOWN else next((known for known in KNOWN if sorted(known) == sorted(upper)), "")


@check("symptom.python", causes=("rosetta-x86-python", "user-site-leak"), pasted=True)
def python_of_the_report_is_sound(pasted: Pasted) -> Finding:
    """The Python of the report is made for its machine, and looks into its own folders first.

    On a Mac with a processor of Apple's own, a Python for Intel is translated: its libraries do not go with the others.
    """
    if pasted.rosetta:
        message = "this Python was built for Intel Macs, and this Mac translates it (Rosetta)"
        return fail("rosetta-x86-python", message, fix=fix("python.arm64"))
    first = next(iter(re.findall(r"[^\s:;,'\"\[\]]*site-packages", pasted.path)), "")
    if pasted.conda and USER_SITE.match(first):
        message = f"libraries of {first}, installed for the user and all environments, hide those of the conda environment"
        return fail("user-site-leak", message, fix=fix("venv.no-user-site"))
    return ok("nothing in the report speaks against its Python")
