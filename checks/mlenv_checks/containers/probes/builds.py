"""Describe what a Dockerfile makes: its base, what it installs, what it copies, which keys it holds, and how it is started."""

import os
import re

from mlenv_doctor.probekit import file_text

from . import dockerfile, listening, pins, secrets
from .ignored import is_ignored

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .dockerfile import Instruction

    Stage = dict[str, Any]  # its number, name, base, line, variables, and its instructions

LARGEST = 1 << 18
DRIVER = re.compile(
    r"^(?:nvidia-(?:driver|utils|headless|dkms|kernel)(?:-[\w.-]+)?|lib(?:nvidia-(?:compute|gl|decode|encode|cfg\d?)|cuda1)-[\w.-]+|"
    r"cuda-drivers(?:-[\w.]+)?|cuda(?:-\d+-\d+)?|xserver-xorg-video-nvidia[\w.-]*)(?:=\S+)?$"
)
COMPILES = re.compile(
    r"\bnvcc\b|\bcmake\b|\bninja\b|\bmake\b|\bbazel\b|flash[-_]attn|--no-build-isolation|TORCH_CUDA_ARCH_LIST|FORCE_CUDA|setup\.py|"
    r"\bdeepspeed\b|\bapex\b|xformers|CUDA_HOME|causal[-_]conv1d|mamba[-_]ssm|llama[-_]cpp|\bninja-build\b|vllm|sglang|tensorrt|cupy|"
    r"build[-_]ext|\bg\+\+|\bgcc\b|git\+|--no-binary|triton|jit|BUILD_"
)
MANAGERS = {"apt", "apt-get", "aptitude", "yum", "dnf", "microdnf", "tdnf", "zypper", "apk"}
OFF = ("", "-1", "none", "void", "NoDevFiles")


def describe(project: str, path: str, context: str) -> "dict[str, Any]":
    """What one Dockerfile makes; paths are relative to the project. Raises NoDockerfile."""
    text = file_text(os.path.join(project, path), LARGEST)
    steps = dockerfile.instructions(text)
    stages = _stages(steps)
    last = _chain(stages)
    variables = {name: value for stage in last for name, value in stage["env"].items()}
    said = base_of(last[0]["base"], last[0]["line"])
    said["compiles"] = bool(COMPILES.search(text)) or len(stages) > len(last)
    said.update(file=path, context=context, keys=_keys(steps), driver=_driver(last), hidden=_hidden(last))
    said["copied"] = _copied(last, os.path.join(project, context), os.path.join(project, path))
    said.update(pins.installed(last, os.path.join(project, context), project))
    said.update(_start(last, variables))
    return said


def _stages(steps: "list[Instruction]") -> "list[Stage]":
    """The stages; variables of ARG before the first FROM have a value in FROM lines only."""
    stages, outside = [], {}  # type: list[Stage], dict[str, str]
    for word, rest, line in steps:
        if word == "FROM":
            found = [part for part in rest.split() if not part.startswith("--")]
            name = found[2].lower() if len(found) > 2 and found[1].lower() == "as" else ""
            base = dockerfile.filled(found[0], outside)[: dockerfile.LONGEST_NAME] if found else ""
            stages.append({"name": name, "base": base, "line": line, "steps": [], "env": {}, "args": {}})
        elif not stages:
            outside.update((key, value) for key, value in dockerfile.pairs(rest) if value)
        else:
            stages[-1]["steps"].append((word, rest, line))
            if word in ("ENV", "ARG"):
                kept = stages[-1]["env" if word == "ENV" else "args"]
                kept.update((key, value) for key, value in dockerfile.pairs(rest) if value is not None)
    return stages


def _chain(stages: "list[Stage]") -> "list[Stage]":
    """The stages whose layers are in the image: the last one and those that it is made from, the first first."""
    chain, stage = [], stages[-1]  # type: list[Stage], Stage | None
    while stage is not None and len(chain) < 50:
        chain.insert(0, stage)
        before = stages[: stages.index(stage)]
        stage = next((other for other in before if other["name"] and other["name"] == chain[0]["base"].lower()), None)
    return chain


def base_of(base: str, line: int) -> "dict[str, Any]":
    """The image that everything begins with, and the Python or the CUDA that its name tells."""
    python = re.match(r"(?:docker\.io/)?(?:library/)?python:(\d+\.\d+)", base)
    python = python or re.match(r".{0,80}/devcontainers/python:(?:\d+-)?(\d+\.\d+)", base)
    cuda = re.match(r"(?:docker\.io/)?(?:nvcr\.io/)?nvidia/cuda:(\d+\.\d+)", base)
    cuda = cuda or re.match(r"(?:docker\.io/)?pytorch/pytorch:[\w.]{1,30}-cuda(\d+\.\d+)", base)
    return {
        "base": base,
        "line": line,
        "python": python.group(1) if python else "",
        "cuda": cuda.group(1) if cuda else "",
        "devel": bool(cuda and "devel" in base.partition(":")[2]),
    }


def _keys(steps: "list[Instruction]") -> "list[dict[str, Any]]":
    """ENV and ARG that hold a key, or take one from the command line: both stay readable in the image's history."""
    found = []
    for word, rest, line in steps:
        if word in ("ENV", "ARG"):
            for name, value in dockerfile.pairs(rest)[:50]:
                handed = word == "ARG" and value is None and secrets.is_of_vendor(name)
                if secrets.is_secret_name(name) and (handed or secrets.is_secret_value(value or "")):
                    found.append({"name": name, "line": line, "how": word, "literal": not handed})
    return found[:10]


def _driver(last: "list[Stage]") -> "list[dict[str, Any]]":
    """Packages of NVIDIA's driver that the system's own package manager installs."""
    found = []
    for word, rest, line in _steps(last):
        for command in dockerfile.commands(rest) if word == "RUN" else []:
            if MANAGERS & set(command[:4]) and {"install", "add"} & set(command[:10]):
                found += [{"what": package, "line": line} for package in command if DRIVER.match(package)]
    return found[:5]


def _hidden(last: "list[Stage]") -> int:
    """The line in which ENV hides every GPU; 0 where none does."""
    line = 0
    for word, rest, number in _steps(last):
        for name, value in dockerfile.pairs(rest) if word == "ENV" else []:
            if name == "CUDA_VISIBLE_DEVICES":
                line = number if (value or "").strip("'\" ") in OFF else 0
    return line


def _copied(last: "list[Stage]", context: str, path: str) -> "dict[str, Any]":
    """The first instruction that copies .env into the image: by its name, or with everything that .dockerignore leaves in."""
    ignoring = file_text(path + ".dockerignore", LARGEST) or file_text(os.path.join(context, ".dockerignore"), LARGEST)
    if not os.path.isfile(os.path.join(context, ".env")) or is_ignored(".env", ignoring):
        return {"what": "", "line": 0}
    for word, rest, line in _steps(last):
        if word in ("COPY", "ADD") and "--from" not in rest:
            sources = [each for each in dockerfile.words(rest.partition("\n")[0]) if not each.startswith("--")][:-1]
            if {".env", "./.env", ".", "./", "*", "./*", "/"} & set(sources):
                ignores = os.path.isfile(os.path.join(context, ".dockerignore"))
                return {"what": "%s %s" % (word, " ".join(sources)[:80]), "line": line, "ignores": ignores}
    return {"what": "", "line": 0}


def _start(last: "list[Stage]", variables: "dict[str, str]") -> "dict[str, Any]":
    """The last CMD, where it listens, and which ports are told to be open."""
    words, line, exposed = [], 0, []  # type: list[str], int, list[str]
    entry = []  # type: list[str]
    for word, rest, number in _steps(last):
        if word == "CMD":
            words, line = dockerfile.words(rest), number
        elif word == "ENTRYPOINT":
            entry, words, line = dockerfile.words(rest), [], number
        elif word == "EXPOSE":
            exposed += [part.partition("/")[0] for part in rest.split()]
    command = entry + words
    return {
        "command": " ".join(os.path.basename(word) for word in command if word.endswith(".py"))[:200],
        "loopback": listening.loopback(command, variables),
        "start": line,
        "ports": [port for port in map(dockerfile.port, exposed) if port][:20],
    }


def _steps(last: "list[Stage]") -> "list[Instruction]":
    return [step for stage in last for step in stage["steps"]]
