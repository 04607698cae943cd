"""Write the project and its pure-Python dependencies as one zip file that Python can run (mlenv_doctor.fleet.program)."""

from __future__ import annotations

import argparse
from pathlib import Path

from compiled import write
from mlenv_doctor.fleet.program import Unpackable, contents, dependencies, packed
from workshop import CHECKOUT, Trouble


def main(arguments: list[str]) -> int:
    """Write the file that --output names."""
    parser = argparse.ArgumentParser(prog="zipapp.py", description="Build mlenv-doctor as one file.")
    parser.add_argument("--output", type=Path, required=True, metavar="FILE")
    output: Path = parser.parse_args(arguments).output
    if not output.absolute().parent.is_dir():
        raise Trouble(f"--output {output}: there is no folder {output.absolute().parent}")
    write()
    gate = {"mlenv_doctor_gate.py": (CHECKOUT / "scripts/gate.py").read_bytes()}
    try:
        data = packed(contents() | gate)
    except Unpackable as why:
        raise Trouble(str(why)) from None
    try:
        output.write_bytes(data)
        output.chmod(0o755)
    except OSError as why:
        raise Trouble(f"--output {output}: {why.strerror}") from None
    print(f"{output}: {len(data) / 1e6:.2f} MB, with {', '.join(f'{d.name} {d.version}' for d in dependencies())}")
    return 0
