"""The probe of the place: run for real here, and told about other places by their variables and files."""

from __future__ import annotations

import os
import shutil
import sys
from contextlib import nullcontext
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from mlenv_doctor.patient import Place
from mlenv_doctor.patient.probes import place
from support.probing import probe

NAMES = (
    "COLAB_RELEASE_TAG", "COLAB_GPU", "KAGGLE_KERNEL_RUN_TYPE", "LIGHTNING_CLOUDSPACE_HOST", "CODESPACES", "SM_CURRENT_HOST",
    "SAGEMAKER_APP_TYPE", "DATABRICKS_RUNTIME_VERSION", "PAPERSPACE_FQDN", "SLURM_JOB_ID", "KUBERNETES_SERVICE_HOST", "CI",
    "GITHUB_ACTIONS", "JENKINS_URL", "container", "SHELL", "CONDA_EXE", "JUPYTERHUB_USER", "JUPYTERHUB_SERVICE_PREFIX",
)  # fmt: skip


@pytest.fixture(autouse=True)
def nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)


def read(env: dict[str, str] | None = None) -> Place:
    found = probe(Place, env=env)
    assert isinstance(found, Place), found
    return found


def test_this_machine() -> None:
    found = read()
    assert found.os == {"linux": "linux", "darwin": "macos", "win32": "windows"}[sys.platform]
    assert found.root == (hasattr(os, "geteuid") and os.geteuid() == 0)
    assert found.kind == found.kinds[0] and found.kinds[-1] == "machine"
    assert found.uv == shutil.which("uv")


@pytest.mark.parametrize(
    ("env", "kind"),
    [
        ({"COLAB_RELEASE_TAG": "release-colab_20261101"}, "colab"),
        ({"KAGGLE_KERNEL_RUN_TYPE": "Interactive"}, "kaggle"),
        ({"LIGHTNING_CLOUDSPACE_HOST": "x"}, "lightning"),
        ({"CODESPACES": "true", "CI": "true"}, "codespaces"),
        ({"SM_CURRENT_HOST": "algo-1"}, "sagemaker"),
        ({"DATABRICKS_RUNTIME_VERSION": "17.3"}, "databricks"),
        ({"PAPERSPACE_FQDN": "x"}, "paperspace"),
        ({"SLURM_JOB_ID": "7"}, "slurm"),
        ({"KUBERNETES_SERVICE_HOST": "10.0.0.1"}, "kubernetes"),
        ({"JUPYTERHUB_USER": "ada", "JUPYTERHUB_SERVICE_PREFIX": "/user/ada/"}, "jupyterhub"),
        ({"CI": "true"}, "ci"),
        ({"JENKINS_URL": "http://x/"}, "ci"),
        ({"container": "podman"}, "container"),
    ],
)
def test_a_place_is_known_by_its_variables(env: dict[str, str], kind: str) -> None:
    found = read(env)
    assert found.kind == kind and kind in found.kinds


def test_a_variable_that_says_no() -> None:
    assert not {"ci", "codespaces"} & set(read({"CI": "false", "CODESPACES": "false"}).kinds)


@pytest.mark.parametrize(("shell", "expected"), [("/usr/bin/fish", "fish"), ("/bin/bash", "sh"), ("", "sh")])
def test_the_shell(shell: str, expected: str) -> None:
    assert read({"SHELL": shell}).shell == expected


def test_a_python_for_environments_is_none_of_an_environment(tmp_path: Path) -> None:
    venv, system = tmp_path / "venv/bin", tmp_path / "system/bin"
    for folder in (venv, system):
        folder.mkdir(parents=True)
        (folder / "python3").symlink_to(sys.executable)
    (tmp_path / "venv/pyvenv.cfg").touch()
    assert read({"PATH": f"{venv}{os.pathsep}relative{os.pathsep}{system}"}).system_python == str(system / "python3")


def told(files: dict[str, str], monkeypatch: pytest.MonkeyPatch, there: tuple[str, ...] = ()) -> dict[str, Any]:
    """What the probe says on a machine with these texts in these files, and with these files as well."""
    monkeypatch.setattr(place, "file_text", lambda path, most: files.get(path, ""))
    monkeypatch.setattr(os.path, "exists", lambda path: path in there)
    return place.read_place({})


@pytest.mark.parametrize(
    ("release", "family"),
    [
        ('ID=ubuntu\nID_LIKE=debian\nNAME="x"\n', "debian"),
        ("ID=linuxmint\nID_LIKE='ubuntu debian'\n", "debian"),
        ('ID="rocky"\nID_LIKE="rhel centos fedora"\n', "fedora"),
        ("ID=alpine\n", "alpine"),
        ("ID=manjaro\nID_LIKE=arch\n", "arch"),
        ('ID="opensuse-leap"\nID_LIKE="suse opensuse"\n', "suse"),
        ("ID=nixos\n", "other"),
        ("", ""),
    ],
)
def test_the_family_of_the_distribution(release: str, family: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert told({"/etc/os-release": release}, monkeypatch)["distro"] == family


KERNEL = {"/proc/sys/kernel/osrelease": "6.6.87.2-microsoft-standard-WSL2"}


@pytest.mark.parametrize(
    ("files", "there", "kinds"),
    [
        (KERNEL, (), ["wsl", "machine"]),
        (KERNEL, ("/.dockerenv",), ["container", "wsl", "machine"]),  # Docker Desktop
        ({}, ("/run/.containerenv",), ["container", "machine"]),
        ({"/proc/1/cgroup": "11:memory:/kubepods/besteffort/pod1"}, (), ["container", "machine"]),
        ({"/proc/1/cgroup": "0::/init.scope"}, ("/etc/nv_tegra_release",), ["jetson", "machine"]),
        ({}, ("/opt/ml/metadata/resource-metadata.json",), ["sagemaker", "machine"]),
        ({}, (), ["machine"]),
    ],
)
def test_a_place_is_known_by_its_files(
    files: dict[str, str], there: tuple[str, ...], kinds: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert told(files, monkeypatch, there)["kinds"] == kinds


OWN = r"SOFTWARE\Microsoft\PowerShell\1\ShellIds\Microsoft.PowerShell"
GROUPS = r"SOFTWARE\Policies\Microsoft\Windows\PowerShell"
USER, MACHINE = "HKEY_CURRENT_USER", "HKEY_LOCAL_MACHINE"
SHELL = {"PSModulePath": r"C:\Program Files\WindowsPowerShell\Modules"}


@pytest.mark.parametrize(
    ("registry", "env", "kind", "policy"),
    [
        ({}, SHELL, 1, "Restricted"),
        ({}, SHELL, 3, "RemoteSigned"),
        ({(USER, OWN): "RemoteSigned"}, SHELL, 1, "RemoteSigned"),
        ({(USER, OWN): "RemoteSigned", (MACHINE, OWN): "Restricted"}, SHELL, 1, "RemoteSigned"),
        ({(USER, OWN): "Undefined", (MACHINE, OWN): "Unrestricted"}, SHELL, 1, "Unrestricted"),
        ({(USER, OWN): "RemoteSigned", (USER, GROUPS): "Restricted"}, SHELL, 1, "Restricted"),
        ({(USER, GROUPS): "Restricted", (MACHINE, GROUPS): "RemoteSigned"}, SHELL, 1, "RemoteSigned"),
        ({}, {**SHELL, "PSExecutionPolicyPreference": "Bypass"}, 1, "Bypass"),
        ({}, {**SHELL, "POWERSHELL_DISTRIBUTION_CHANNEL": "MSI:Windows 11"}, 1, ""),
        ({}, {"PSModulePath": r"C:\Program Files\PowerShell\7\Modules"}, 1, ""),
        ({}, {**SHELL, "PROMPT": "$P$G"}, 1, ""),
        ({}, {**SHELL, "MSYSTEM": "MINGW64"}, 1, ""),
        ({}, {**SHELL, "SHELL": "/usr/bin/bash"}, 1, ""),
    ],
    ids=[
        "as Windows comes", "as Windows Server comes", "allowed by the user", "the user before the machine", "undefined",
        "groups first", "the machine's group first", "this session", "PowerShell 7", "its modules", "cmd", "Git Bash", "bash",
    ],
)  # fmt: skip
def test_what_powershell_allows(
    registry: dict[tuple[str, str], str], env: dict[str, str], kind: int, policy: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What Windows would answer stands in for Windows; the order and the reading are the probe's own."""
    monkeypatch.setattr(place, "os", SimpleNamespace(environ=env, name="nt", path=os.path))
    monkeypatch.setattr(place, "sys", windows(kind))
    monkeypatch.setitem(sys.modules, "winreg", registered(registry))  # type: ignore[arg-type]
    assert place.script_policy() == policy


def windows(kind: int) -> SimpleNamespace:
    return SimpleNamespace(getwindowsversion=lambda: SimpleNamespace(product_type=kind))


def registered(values: dict[tuple[str, str], str]) -> SimpleNamespace:
    """A registry that holds these values of ExecutionPolicy."""

    def open_key(hive: str, path: str) -> Any:
        if (hive, path) not in values:
            raise FileNotFoundError(path)
        return nullcontext(values[hive, path])

    return SimpleNamespace(
        HKEY_CURRENT_USER=USER, HKEY_LOCAL_MACHINE=MACHINE, OpenKey=open_key, QueryValueEx=lambda key, name: (key, 1)
    )


def test_elsewhere_there_is_no_registry() -> None:
    assert read().script_policy == ""
    assert sys.platform == "win32" or place.registry_text(USER, OWN, "ExecutionPolicy") == ""
