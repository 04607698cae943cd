"""Small runners that do with the files for CI what their hosts do: enough of GitHub, GitLab and docker to really run the shell parts."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[2]
EXPRESSION = re.compile(r"\$\{\{\s*([\w.-]+)\s*\}\}")


@dataclass
class Ran:
    """What came of a script. outputs: what it handed to the workflow."""

    code: int
    said: str
    outputs: dict[str, str] = field(default_factory=dict)


def loaded(text: str) -> dict[str, Any]:
    """A YAML file as its host reads it: `on` is a word there, not a truth value."""
    data = yaml.safe_load(text)
    return {("on" if key is True else key): value for key, value in data.items()}


def bash(script: str, cwd: Path, env: Mapping[str, str], *options: str) -> Ran:
    """Run a script as a file, as the hosts do."""
    file = cwd.parent / "step.sh"
    file.write_text(script)
    done = subprocess.run(
        ["bash", *options, file], cwd=cwd, env=dict(env), stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=600
    )
    return Ran(done.returncode, done.stdout + done.stderr)


def run_action(action: Path, inputs: Mapping[str, str], cwd: Path, env: Mapping[str, str]) -> Ran:
    """Run a composite action as GitHub's runner does: only expressions that name a value, filled in before bash sees the script."""
    described = loaded(action.read_text("utf-8"))
    values = {f"inputs.{name}": str(inputs.get(name, about.get("default", ""))) for name, about in described["inputs"].items()}
    assert not set(inputs) - set(described["inputs"])
    said, code = "", 0
    for step in described["runs"]["steps"]:
        done = _step(step, values, cwd, {**env, "GITHUB_ACTION_PATH": str(action.parent)})
        values |= {f"steps.{step['id']}.outputs.{name}": value for name, value in done.outputs.items()}
        said, code = said + done.said, done.code
        if code:
            break
    outputs = {name: filled(about["value"], values) for name, about in described["outputs"].items()}
    return Ran(code, said, outputs)


def _step(step: Mapping[str, Any], values: Mapping[str, str], cwd: Path, env: Mapping[str, str]) -> Ran:
    output = cwd.parent / "output.txt"
    output.write_text("")
    assert step["shell"] == "bash"
    own = {name: filled(str(value), values) for name, value in step.get("env", {}).items()}
    done = bash(
        filled(step["run"], values), cwd, {**env, **own, "GITHUB_OUTPUT": str(output)}, "--noprofile", "--norc", "-eo", "pipefail"
    )
    return Ran(done.code, done.said, dict(line.split("=", 1) for line in output.read_text().splitlines()))


def filled(text: str, values: Mapping[str, str]) -> str:
    """A text with its expressions replaced; what has no value is empty, as on GitHub."""
    return EXPRESSION.sub(lambda match: values.get(match[1], ""), text)


def github_scripts(workflow: str) -> list[tuple[str, str]]:
    """The names and scripts of a workflow's only job."""
    (job,) = loaded(workflow)["jobs"].values()
    return [(step["name"], step["run"]) for step in job["steps"] if "run" in step]


def gitlab_script(pipeline: str) -> str:
    """The script of a pipeline's only job: its lines, one after the other, in one shell."""
    (job,) = loaded(pipeline).values()
    return "set -eo pipefail\n" + "\n".join(job["script"])


def instructions(dockerfile: str) -> Iterator[tuple[str, str]]:
    """The instructions of a Dockerfile, without comments, their continued lines joined."""
    lines = "\n".join(line for line in dockerfile.splitlines() if not line.lstrip().startswith("#"))
    for line in lines.replace("\\\n", " ").splitlines():
        if line.strip():
            name, _, rest = line.strip().partition(" ")
            yield name, rest.strip()


def docker_script(dockerfile: str, context: Path) -> str:
    """A shell script that does what `docker build` would do after FROM, and at last what `docker run` would."""
    lines = ["set -e"]
    for name, rest in instructions(dockerfile):
        if name == "ENV":
            lines += [f"export {word}" for word in re.findall(r'\w+=(?:"[^"]*"|\S+)', rest)]
        elif name == "WORKDIR":
            lines += [f"mkdir -p {rest}", f"cd {rest}"]
        elif name == "COPY":
            what, where = rest.split()
            lines.append(f"cp -r {shlex.quote(str(context))}/{what} {where}")
        elif name == "RUN":
            lines.append(f"/bin/sh -c {shlex.quote(rest)}")
        elif name == "CMD":
            lines.append(f"exec {shlex.join(json.loads(rest))}")
        else:
            assert name == "FROM"
    return "\n".join(lines)


def index(folder: Path) -> dict[str, str]:
    """Build this checkout's wheel, and say with which variables pip finds it: the rest comes from the index."""
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder], cwd=ROOT, check=True, capture_output=True
    )
    settings = {
        name: value
        for name, value in os.environ.items()
        if name.startswith(("PIP_", "SSL_", "REQUESTS_")) or "proxy" in name.lower()
    }
    return {**settings, "PIP_FIND_LINKS": str(folder), "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
