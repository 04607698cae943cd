"""The ready files are valid by their own authorities, and what a shell runs of them really works."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from lab.patient import require
from lab.ward import DOCTOR, Ward
from mlenv_doctor.cli.ready_files import ready
from support.workflows import ROOT, Ran, bash, docker_script, github_scripts, gitlab_script, index, instructions, loaded

BIN = Path(sys.executable).parent
ZIZMOR = (
    "rules:\n  unpinned-uses:\n    config:\n      policies:\n        actions/*: ref-pin\n"  # GitHub's own actions, by their tags
)


def judge(*argv: str | Path, cwd: Path) -> str:
    """Run a linter of the test environment; what it found, empty where nothing."""
    command = [str(BIN / str(argv[0])), *map(str, argv[1:])]
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=120, stdin=subprocess.DEVNULL)
    return "" if done.returncode == 0 else f"{done.returncode}: {done.stdout}{done.stderr}"


def written(folder: Path, place: str, name: str, text: str = "") -> Path:
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text or ready(place))
    return file


SCHEMAS = {
    "github": (".github/workflows/doctor.yml", "--builtin-schema", "vendor.github-workflows"),
    "gitlab": (".gitlab-ci.yml", "--data-transform", "gitlab-ci", "--builtin-schema", "vendor.gitlab-ci"),
}


@pytest.mark.parametrize("place", SCHEMAS)
def test_a_workflow_follows_its_schema(tmp_path: Path, place: str) -> None:
    name, *schema = SCHEMAS[place]
    assert judge("check-jsonschema", *schema, written(tmp_path, place, name), cwd=tmp_path) == ""
    broken = ready(place).replace("  stage: .pre", "  stage: [[]]").replace("runs-on:", "runs-of:")
    assert judge("check-jsonschema", *schema, written(tmp_path, place, name, broken), cwd=tmp_path)


def test_every_job_of_the_workflow_has_a_deadline(tmp_path: Path) -> None:
    file = written(tmp_path, "github", ".github/workflows/doctor.yml")
    assert judge("check-jsonschema", "--builtin-schema", "custom.github-workflows-require-timeout", file, cwd=tmp_path) == ""


def test_the_action_follows_its_schema(tmp_path: Path) -> None:
    schema = ("check-jsonschema", "--builtin-schema", "vendor.github-actions")
    assert judge(*schema, ROOT / "action.yml", cwd=tmp_path) == ""
    broken = written(tmp_path, "", "action.yml", (ROOT / "action.yml").read_text().replace("using: composite", "using: magic"))
    assert judge(*schema, broken, cwd=tmp_path)


def test_nothing_of_a_workflow_can_be_injected(tmp_path: Path) -> None:
    config = written(tmp_path, "", "zizmor.yml", ZIZMOR)
    audit = ("zizmor", "--offline", "--no-progress", "--config", config)
    assert judge(*audit, written(tmp_path, "github", ".github/workflows/doctor.yml"), cwd=tmp_path) == ""
    assert judge(*audit, ROOT / "action.yml", cwd=tmp_path) == ""
    careless = (ROOT / "action.yml").read_text().replace('exec python3 "', 'echo ${{ inputs.args }}; exec python3 "')
    assert "template-injection" in judge(*audit, written(tmp_path, "", "careless/action.yml", careless), cwd=tmp_path)


def test_no_script_holds_an_expression() -> None:
    scripts = [script for _, script in github_scripts(ready("github"))]
    scripts += [step["run"] for step in loaded((ROOT / "action.yml").read_text())["runs"]["steps"]]
    assert len(scripts) == 4 and not [script for script in scripts if "${{" in script]


def test_the_hooks_are_valid(tmp_path: Path) -> None:
    assert judge("pre-commit", "validate-config", written(tmp_path, "pre-commit", "config.yaml"), cwd=tmp_path) == ""
    assert judge("pre-commit", "validate-manifest", ROOT / ".pre-commit-hooks.yaml", cwd=tmp_path) == ""


def test_the_written_hooks_are_those_of_the_repository() -> None:
    import yaml

    ours = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())
    (local,) = loaded(ready("pre-commit"))["repos"]
    for hook, own in zip(local["hooks"], ours, strict=True):
        assert {key: own[key] for key in own if key not in ("description", "minimum_pre_commit_version")} == {
            key: hook[key] for key in hook if key != "additional_dependencies"
        }


def test_the_dockerfile_has_no_faults(tmp_path: Path) -> None:
    assert judge("hadolint", "--no-color", written(tmp_path, "docker", "Dockerfile"), cwd=tmp_path) == ""
    careless = ready("docker").replace("WORKDIR /app", "WORKDIR app")
    assert "DL3000" in judge("hadolint", "--no-color", written(tmp_path, "docker", "Dockerfile", careless), cwd=tmp_path)


def shell_parts() -> dict[str, str]:
    """Every text that a shell will run, by where it stands."""
    found = {f"github: {name}": script for name, script in github_scripts(ready("github"))}
    found |= {f"docker: {number}": rest for number, (name, rest) in enumerate(instructions(ready("docker"))) if name == "RUN"}
    action = loaded((ROOT / "action.yml").read_text())["runs"]["steps"]
    return found | {
        "gitlab": gitlab_script(ready("gitlab")),
        "slurm": ready("slurm"),
        "slurm-health": ready("slurm-health"),
        "action": action[0]["run"],
    }


@pytest.mark.parametrize("part", shell_parts())
def test_a_shell_part_has_no_faults(tmp_path: Path, part: str) -> None:
    file = written(tmp_path, "", "part.sh", shell_parts()[part])
    assert judge("shellcheck", "--shell", "sh" if part.startswith("docker") else "bash", file, cwd=tmp_path) == ""
    assert bash("", tmp_path, {"PATH": os.defpath}, "-n", str(file)).code == 0


@pytest.fixture
def ward(tmp_path: Path) -> Ward:
    made = Ward(tmp_path)
    made.venv()
    made.environ["PATH"] += f":{os.defpath}"
    return made


def submitted(ward: Ward, **environ: str) -> Ran:
    return bash(ready("slurm"), ward.project, ward.environ | environ)


def test_the_job_of_slurm_looks_before_the_training(ward: Ward) -> None:
    (ward.bin / "mlenv-doctor").symlink_to(DOCTOR)
    for name in ("VIRTUAL_ENV", "PATH"):
        ward.environ[name] = ward.environ[name].replace(f"{ward.prefix}/bin:", "") if name == "PATH" else ""
    elsewhere = ward.root / "spool"
    elsewhere.mkdir()
    ran = submitted(ward, SLURM_JOB_ID="42", SLURM_SUBMIT_DIR=str(ward.project))
    report = json.loads((ward.project / "mlenv-doctor-42.json").read_text())
    assert ran.code == 1, ran.said  # there is no GPU here, and the job asks for one
    assert report["target"] == {**report["target"], "chosen_by": "VIRTUAL_ENV", "python": f"{ward.project}/.venv/bin/python"}
    assert "A GPU is required" in ran.said and f"The report is {ward.project}/mlenv-doctor-42.json" in ran.said


def test_the_job_of_slurm_says_what_it_lacks(ward: Ward) -> None:
    ran = submitted(ward)
    assert ran.code == 2 and "mlenv-doctor is not on PATH of" in ran.said and not list(ward.project.glob("*.json"))


def test_the_job_of_slurm_asks_all_of_its_nodes(ward: Ward) -> None:
    ward.script(ward.bin / "mlenv-doctor", '#!/bin/sh\necho "asked: $*"\nexit 1\n')
    ran = submitted(ward, SLURM_JOB_ID="42", SLURM_JOB_NUM_NODES="3", PATH=f"{ward.bin}:{os.defpath}", VIRTUAL_ENV="")
    assert ran.code == 1 and "asked: fleet slurm --require gpu --output json:mlenv-doctor-42.json" in ran.said


def drained(ward: Ward, answer: str, code: int) -> str:
    """What the health check tells Slurm of a node on which the doctor says this."""
    ward.write("answer", answer)
    ward.script(ward.bin / "mlenv-doctor", f"#!/bin/sh\ncat {ward.project}/answer\nexit {code}\n")
    ward.script(ward.bin / "scontrol", f'#!/bin/sh\nprintf "%s\\n" "$@" > {ward.project}/told\n')
    ran = bash(
        ready("slurm-health"), ward.project, ward.environ | {"SLURMD_NODENAME": "n7.cluster", "PATH": f"{ward.bin}:{os.defpath}"}
    )
    assert ran.code == 0, ran.said
    told = ward.project / "told"
    return told.read_text() if told.exists() else ""


@pytest.mark.parametrize("code", [0, 1, 3, 124, 127])
def test_the_health_check_leaves_a_node_alone_that_is_not_broken(ward: Ward, code: int) -> None:
    assert drained(ward, "MLENV OK - 9 passed | failed=0\n", code) == ""


def test_the_health_check_drains_a_broken_node_and_says_why(ward: Ward) -> None:
    said = "MLENV CRITICAL - 1 failed; disk-full \x1b[2J$(touch owned)`touch owned` | failed=1\nstate=resume\n"
    assert drained(ward, said, 2).splitlines() == [
        "update",
        "nodename=n7",
        "state=drain",
        "reason=MLENV CRITICAL - 1 failed; disk-full [2J$(touch owned)`touch owned` ",
    ]
    assert not list(ward.root.rglob("owned"))


def test_the_health_check_finds_a_real_fault_in_time(ward: Ward) -> None:
    (ward.bin / "mlenv-doctor").symlink_to(DOCTOR)
    assert bash(ready("slurm-health"), ward.project, ward.environ).code == 0


def test_the_job_of_kubernetes_follows_its_schema_and_its_pods_answer(ward: Ward) -> None:
    import kubernetes_validate

    job = loaded(ready("kubernetes"))
    kubernetes_validate.validate(job, kubernetes_validate.latest_version(), strict=True)
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate({**job, "spec": {**job["spec"], "completionMode": 3}}, kubernetes_validate.latest_version())
    (container,) = job["spec"]["template"]["spec"]["containers"]
    assert container["env"][0]["name"] == "NODE_NAME"
    (_, *words) = [word.replace("$(NODE_NAME)", "gpu-7") for word in container["command"]]
    log = ward.write("log", "".join(f"[pod/x/doctor] {line}\n" for line in ward.doctor(*words, "--quick").stdout.splitlines()))
    visit = ward.run("sh", "-c", f"{DOCTOR} fleet files - < {log}")
    assert visit.stdout.startswith("✗ gpu-7  1 node, the norm: not ready\n"), visit


@pytest.fixture(scope="module")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    return index(tmp_path_factory.mktemp("wheels"))


@pytest.fixture
def checkout(tmp_path: Path, wheels: dict[str, str]) -> tuple[Path, dict[str, str]]:
    """A checkout with one small requirement on a fresh machine, and its variables."""
    project = tmp_path / "project"
    (tmp_path / "temp").mkdir()
    project.mkdir()
    (project / "requirements.txt").write_text("tomli\n")
    path = f"{Path(sys._base_executable).parent if hasattr(sys, '_base_executable') else BIN}:{os.defpath}"  # type: ignore[attr-defined]
    return project, {**wheels, "HOME": str(tmp_path), "PATH": path, "LANG": "C.UTF-8", "RUNNER_TEMP": str(tmp_path / "temp")}


def verdict(file: Path) -> tuple[str, str]:
    report = json.loads(file.read_text())
    tomli = next(
        f for r in report["results"] for f in r["findings"] if r["id"] == "libraries.installed" and f["subject"] == "tomli"
    )
    return report["verdict"], tomli["status"]


@pytest.mark.slow
def test_the_workflow_of_github_runs(checkout: tuple[Path, dict[str, str]]) -> None:
    project, environ = checkout
    for name, script in github_scripts(ready("github")):
        ran = bash(script, project, environ, "-e")
        assert ran.code == 0, f"{name}: {ran.said}"
    assert verdict(Path(environ["RUNNER_TEMP"], "mlenv-doctor.json")) == ("ready", "pass")
    assert "Ready" in Path(environ["RUNNER_TEMP"], "mlenv-doctor.txt").read_text()
    (project / "requirements.txt").write_text("tomli\nnothing-of-this-name\n")
    environ["GITHUB_STEP_SUMMARY"] = str(project / "summary.md")
    ran = bash(github_scripts(ready("github"))[-1][1], project, environ, "-e")
    assert ran.code == 1 and re.search(r"^::error .*::nothing-of-this-name is not installed", ran.said, re.M), ran.said
    assert "nothing-of-this-name" in (project / "summary.md").read_text("utf-8")


@pytest.mark.slow
def test_the_pipeline_of_gitlab_runs(checkout: tuple[Path, dict[str, str]]) -> None:
    project, environ = checkout
    ran = bash(gitlab_script(ready("gitlab")), project, environ)
    assert ran.code == 0, ran.said
    (job,) = loaded(ready("gitlab")).values()
    named = [*job["artifacts"]["paths"], *job["artifacts"]["reports"].values()]
    assert len(named) == 3 and all((project / path).is_file() for path in named)
    assert verdict(project / "mlenv-doctor.json") == ("ready", "pass")


@pytest.mark.slow
def test_a_project_without_requirements_is_installed(checkout: tuple[Path, dict[str, str]]) -> None:
    project, environ = checkout
    (project / "requirements.txt").unlink()
    (project / "pyproject.toml").write_text("[project]\nname = 'mine'\nversion = '1'\ndependencies = ['tomli']\n")
    (project / "mine.py").write_text("")
    ran = bash(gitlab_script(ready("gitlab")), project, environ)
    assert ran.code == 0 and verdict(project / "mlenv-doctor.json") == ("ready", "pass"), ran.said


@pytest.mark.slow
def test_the_image_is_built(checkout: tuple[Path, dict[str, str]], tmp_path: Path) -> None:
    """In a mount namespace in which /opt and /usr/local/bin are as in a new image."""
    require("root")
    project, environ = checkout
    bare = tmp_path / "bare"
    for name in ("opt", "bin", "app"):
        (bare / name).mkdir(parents=True)
    Ward.script(bare / "bin/python", f'#!/bin/sh\nexec {Path(sys.executable).resolve()} "$@"\n')
    build = docker_script(ready("docker").replace("WORKDIR /app", f"WORKDIR {bare}/app"), project)
    script = f"set -e\nmount --bind {bare}/opt /opt\nmount --bind {bare}/bin /usr/local/bin\n{build}"
    environ["PATH"] = f"/usr/local/bin:{os.defpath}"
    command = [shutil.which("unshare") or "unshare", "--mount", "--propagation", "private", "bash", "-c", script]
    done = subprocess.run(command, cwd="/", env=environ, capture_output=True, text=True, timeout=600, stdin=subprocess.DEVNULL)
    assert done.returncode == 0, done.stdout + done.stderr
    assert (
        done.stdout.count("at /opt/venv/bin/python (the active virtual environment") == 2
    )  # while it is built, and where it runs
