"""List the NVIDIA cards as the command nvidia-smi does."""

from mlenv_doctor.probekit import which

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

COLUMNS = "--query-gpu=index,name,uuid,driver_version,memory.total,compute_cap"


def ask_nvidia_smi() -> "dict[str, Any]":
    """What nvidia-smi says, where it is installed and its library is out of reach."""
    command = which("nvidia-smi")
    if not command:
        return {}
    import subprocess

    try:
        said = subprocess.run(
            [command, COLUMNS, "--format=csv,noheader,nounits"],
            timeout=8,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        ).stdout.decode("utf-8", "replace")
    except (OSError, subprocess.SubprocessError):
        return {}
    rows = [[word.strip() for word in line.split(",")] for line in said.splitlines()]
    rows = [row for row in rows if len(row) == 6 and row[0].isdigit()]
    return {
        "source": "nvidia-smi" if rows else "",
        "driver": rows[0][3] if rows else "",
        "cards": [
            {
                "index": int(index),
                "name": name,
                "uuid": uuid,
                "capability": capability if capability[:1].isdigit() else "",
                "memory": int(memory) << 20 if memory.isdigit() else None,
            }
            for index, name, uuid, _, memory, capability in rows
        ],
    }
