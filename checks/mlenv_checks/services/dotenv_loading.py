"""Does the code get what .env sets?"""

from __future__ import annotations

from mlenv_doctor.api import Finding, Location, check, fix, skip, warn

from .facts import Services


@check("services.dotenv-loaded", causes=("dotenv-not-loaded",))
def dotenv_is_loaded(services: Services) -> Finding:
    """Loading of .env.

    Python itself does not read .env: without a call such as load_dotenv() its variables are not set.
    """
    if services.loads:
        return skip("something loads .env, or may")
    if not services.unloaded:
        return skip("no variable of .env is read by the code")
    first = services.unloaded[0]
    more = f" and {len(services.unloaded) - 1} more" if len(services.unloaded) > 1 else ""
    message = f".env:{first.line} sets {first.name}{more}, {first.file}:{first.at} reads it, and nothing loads .env"
    repair = fix("services.load-dotenv", file=first.file)
    return warn("dotenv-not-loaded", message, location=Location(first.file, first.at), fix=repair)
