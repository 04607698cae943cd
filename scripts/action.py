"""What action.yml runs: the doctor, with the inputs of a workflow; its verdict and its reports become outputs.

Must parse on Python 2.7: an old Python is told so in one sentence.
"""

import json
import os
import shlex
import subprocess
import sys
import tempfile

sys.path.append(os.path.dirname(os.path.abspath(__file__)))
import gate

USAGE = 2
INPUTS = ("DOCTOR_PROFILE", "DOCTOR_REQUIRE", "DOCTOR_PYTHON", "DOCTOR_ARGS")


def work(_):
    """Examine, tell the workflow what came of it, and end as the doctor did."""
    inputs = [os.environ.pop(name, "") for name in INPUTS]  # the patient need not see them
    try:
        asked = arguments(*inputs)
    except ValueError as why:
        sys.stderr.write("mlenv-doctor: the input `args` cannot be read: %s\n" % why)
        return USAGE
    python = workshop.environment("doctor-venv")
    folder = tempfile.mkdtemp(prefix="mlenv-doctor-", dir=os.environ.get("RUNNER_TEMP"))
    reports = [(form, os.path.join(folder, name)) for form, name in (("json", "report.json"), ("text", "report.txt"))]
    outputs = ["--output=%s:%s" % report for report in reports]
    code = subprocess.call([str(python), "-I", "-m", "mlenv_doctor", "check", "--format=github"] + asked + outputs)
    tell(verdict=verdict(reports[0][1]), **{"report-" + form: path for form, path in reports if os.path.exists(path)})
    return code


def arguments(profile, require, python, args):
    """The options that the inputs come to. Raises ValueError where a quote is left open."""
    profiles = ["--profile=" + word for word in profile.replace(",", " ").split()]
    requires = ["--require=" + line.strip() for line in require.splitlines() if line.strip()]
    pythons = ["--python=" + python.strip()] if python.strip() else []
    return profiles + requires + pythons + shlex.split(args)


def verdict(report):
    """What the report says; where there is none, nothing is known."""
    try:
        with open(report) as file:
            return json.load(file)["verdict"]
    except OSError:
        return "unknown"


def tell(**outputs):
    """Hand outputs to the workflow."""
    with open(os.environ["GITHUB_OUTPUT"], "a") as file:
        for name in sorted(outputs):
            file.write("%s=%s\n" % (name, outputs[name]))


if __name__ == "__main__":
    gate.pass_or_end()
    import workshop

    workshop.main(work)
