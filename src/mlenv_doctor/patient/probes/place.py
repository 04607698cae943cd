"""Read where this runs: from the documented variables and files of each place."""

import os
import sys

from mlenv_doctor.probekit import file_text, which

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

MOST = 65536  # bytes of a file that is read
SAGEMAKER_METADATA = "/opt/ml/metadata/resource-metadata.json"


def read_place(question: "dict[str, Any]") -> "dict[str, Any]":
    """Read the operating system, the kind of machine, the shell, and the tools on PATH."""
    kinds = _kinds()
    return {
        "os": {"linux": "linux", "darwin": "macos", "win32": "windows"}.get(sys.platform, sys.platform),
        "distro": _distro(),
        "kind": kinds[0],
        "kinds": kinds,
        "shell": _shell(),
        "script_policy": script_policy(),
        "root": hasattr(os, "geteuid") and os.geteuid() == 0,
        "uv": which("uv"),
        "conda": os.environ.get("CONDA_EXE") or which("conda"),
        "system_python": _system_python(),
    }


def _kinds() -> "list[str]":
    """All that apply, the one that matters most for repairs first.

    The variables and files are those that each place documents:
    https://github.com/googlecolab/colabtools, https://github.com/Kaggle/docker-python, https://lightning.ai/docs,
    https://docs.github.com/en/codespaces/developing-in-a-codespace/default-environment-variables-for-your-codespace,
    https://github.com/jupyterhub/jupyterhub,
    https://github.com/aws/sagemaker-training-toolkit/blob/master/ENVIRONMENT_VARIABLES.md,
    https://docs.aws.amazon.com/sagemaker/latest/dg/notebooks-run-and-manage-metadata.html, https://docs.databricks.com,
    https://slurm.schedmd.com/sbatch.html, https://kubernetes.io/docs/concepts/services-networking/service/,
    https://docs.github.com/en/actions/reference/variables, https://docs.gitlab.com/ci/variables/predefined_variables/.
    A container on a machine with WSL has the kernel of WSL as well, and is repaired as a container.
    """
    env = os.environ
    signs = [
        ("colab", "COLAB_RELEASE_TAG" in env or "COLAB_GPU" in env),
        ("kaggle", "KAGGLE_KERNEL_RUN_TYPE" in env),
        ("lightning", "LIGHTNING_CLOUDSPACE_HOST" in env),
        ("codespaces", env.get("CODESPACES") == "true"),
        ("sagemaker", "SM_CURRENT_HOST" in env or "SAGEMAKER_APP_TYPE" in env or os.path.exists(SAGEMAKER_METADATA)),
        ("databricks", "DATABRICKS_RUNTIME_VERSION" in env),
        ("paperspace", "PAPERSPACE_FQDN" in env),
        ("slurm", "SLURM_JOB_ID" in env),
        ("kubernetes", "KUBERNETES_SERVICE_HOST" in env),
        ("jupyterhub", "JUPYTERHUB_USER" in env and "JUPYTERHUB_SERVICE_PREFIX" in env),
        ("ci", env.get("CI", "").lower() in ("true", "1") or "GITHUB_ACTIONS" in env or "JENKINS_URL" in env),
        ("container", _is_container()),
        ("wsl", "microsoft" in file_text("/proc/sys/kernel/osrelease", MOST).lower()),
        ("jetson", os.path.exists("/etc/nv_tegra_release")),
    ]
    return [name for name, there in signs if there] + ["machine"]


def _is_container() -> bool:
    """Docker and Podman leave a file, others a variable (https://systemd.io/CONTAINER_INTERFACE/) or a control group."""
    if os.path.exists("/.dockerenv") or os.path.exists("/run/.containerenv") or os.environ.get("container"):  # noqa: SIM112
        return True
    groups = file_text("/proc/1/cgroup", MOST)
    return any(word in groups for word in ("docker", "kubepods", "containerd", "/lxc/"))


def _distro() -> str:
    """The family of a Linux distribution, from ID and ID_LIKE of os-release."""
    lines = [line.partition("=") for line in file_text("/etc/os-release", MOST).splitlines()]
    names = " ".join(value.strip("\"'") for key, _, value in lines if key in ("ID", "ID_LIKE")).split()
    families = [
        ("debian", "debian ubuntu"),
        ("fedora", "fedora rhel centos"),
        ("alpine", "alpine"),
        ("arch", "arch"),
        ("suse", "suse opensuse"),
    ]
    for family, members in families:
        if any(name in members.split() for name in names):
            return family
    return "other" if names else ""


def _shell() -> str:
    """The shell that commands are written for."""
    if os.name == "nt":
        return "powershell" if "PSModulePath" in os.environ and "PROMPT" not in os.environ else "cmd"
    return "fish" if os.path.basename(os.environ.get("SHELL", "")) == "fish" else "sh"


def script_policy() -> str:
    """What Windows PowerShell allows scripts to do, by its documented order of scopes; PowerShell 7 has settings of its own.

    https://learn.microsoft.com/powershell/module/microsoft.powershell.core/about/about_execution_policies
    """
    env = os.environ
    newer = "POWERSHELL_DISTRIBUTION_CHANNEL" in env or "\\powershell\\7" in env.get("PSModulePath", "").lower()
    if _shell() != "powershell" or newer or "MSYSTEM" in env or "SHELL" in env:
        return ""
    user, machine = "HKEY_CURRENT_USER", "HKEY_LOCAL_MACHINE"
    groups, own = (
        r"SOFTWARE\Policies\Microsoft\Windows\PowerShell",
        r"SOFTWARE\Microsoft\PowerShell\1\ShellIds\Microsoft.PowerShell",
    )
    said = [registry_text(hive, groups, "ExecutionPolicy") for hive in (machine, user)]
    said.append(env.get("PSExecutionPolicyPreference", ""))  # of this session
    said += [registry_text(hive, own, "ExecutionPolicy") for hive in (user, machine)]
    defined = [policy for policy in said if policy and policy.lower() != "undefined"]
    workstation = sys.getwindowsversion().product_type == 1  # type: ignore[attr-defined,unused-ignore]  # Windows only
    return defined[0] if defined else "Restricted" if workstation else "RemoteSigned"


def registry_text(hive: str, path: str, name: str) -> str:
    """A text in the registry; empty where there is none."""
    try:
        from importlib import import_module

        winreg: "Any" = import_module("winreg")
        with winreg.OpenKey(getattr(winreg, hive), path) as key:
            return str(winreg.QueryValueEx(key, name)[0])
    except (ImportError, OSError):
        return ""


def _system_python() -> "str | None":
    """A Python that is no virtual environment's, for making one."""
    for folder in os.environ.get("PATH", os.defpath).split(os.pathsep):
        found = which("python3", path=folder) if os.path.isabs(folder) else None
        if found and not os.path.exists(os.path.join(os.path.dirname(folder.rstrip("/")), "pyvenv.cfg")):
            return found
    return "/usr/bin/python3" if os.path.exists("/usr/bin/python3") else None
