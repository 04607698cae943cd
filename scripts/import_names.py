"""Make checks/mlenv_checks/libraries/data/import_names.tsv: which distribution brings an import name.

usage: python3 scripts/import_names.py WHEEL_OR_FOLDER... [--mapping FILE] [--popular FILE] [--write]

The names are read from the RECORD of wheels that are on this machine; nothing is downloaded. --mapping adds pairs
"name:distribution" of a public table (pipreqs' `mapping`), but only for distributions among the most downloaded, which --popular
lists (a table with a name in the first column and its rank in the fourth). import_names.tsv beside this script holds what neither
tells, or tells wrongly (tensorflow-cpu also brings `tensorflow`). What is known there wins over the wheels,
and these over the mapping.
"""

from __future__ import annotations

import argparse
import csv
import re
import sys
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from packaging.utils import canonicalize_name, parse_wheel_filename

KNOWN = Path(__file__).with_suffix(".tsv")
TABLE = Path(__file__).parents[1] / "checks/mlenv_checks/libraries/data/import_names.tsv"
HEADER = """\
# Which distribution brings an import name: name, tab, distribution. Made by scripts/import_names.py.
# Sources: the RECORD of wheels on the package index (2026-11); the table `mapping` of bndr/pipreqs, commit d9040b7, for what is
# among the 5,000 most downloaded; the projects' own documentation for the rest. A name that is not here is not guessed.
"""
RANK = 5000
NOT_NAMES = {
    "test", "tests", "testing", "doc", "docs", "example", "examples", "benchmark", "benchmarks", "scripts", "script", "tools",
    "bin", "conftest", "setup", "samples", "share", "src", "lib", "include", "etc", "ci", "build", "dist", "main", "app",
    "config", "utils", "demo", "demos", "core", "common", "licenses", "license", "misc", "notebooks", "playground",
    "google", "azure", "zope", "backports", "opentelemetry", "sphinxcontrib", "jaraco", "ruamel", "nvidia", "mpl_toolkits",
}  # fmt: skip
DEPTH = 3  # how far into a namespace the first real package is looked for


def main() -> None:
    """Show how many names the table would have, or write it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("wheels", nargs="*", type=Path)
    parser.add_argument("--mapping", type=Path)
    parser.add_argument("--popular", type=Path)
    parser.add_argument("--write", action="store_true")
    asked = parser.parse_args()
    ranks = _ranks(asked.popular) if asked.popular else {}
    names = {**_mapped(asked.mapping, ranks), **_of_wheels(_files(asked.wheels), ranks), **_known()}
    text = HEADER + "".join(f"{name}\t{names[name]}\n" for name in sorted(names, key=lambda name: (name.lower(), name)))
    print(f"{len(names)} names of {len(set(names.values()))} distributions", file=sys.stderr)
    (TABLE.write_text if asked.write else sys.stdout.write)(text)


def _ranks(file: Path) -> dict[str, int]:
    """The ranks of the most downloaded distributions, the first column their name and the fourth the rank."""
    with file.open(encoding="utf-8") as lines:
        return {
            canonicalize_name(row[0]): int(row[3]) for row in csv.reader(lines, delimiter="\t") if row[3:] and row[3].isdigit()
        }


def _mapped(file: Path | None, ranks: Mapping[str, int]) -> dict[str, str]:
    """The pairs of a public mapping whose distribution is well known."""
    pairs = (line.partition(":") for line in file.read_text(encoding="utf-8").split()) if file else ()
    found = ((name.strip(), canonicalize_name(distribution.strip())) for name, _, distribution in pairs)
    return {name: dist for name, dist in found if ranks.get(dist, RANK + 1) <= RANK and _worth(name)}


def _known() -> dict[str, str]:
    """What the project knows by itself."""
    lines = (line.split("\t") for line in KNOWN.read_text(encoding="utf-8").splitlines() if not line.startswith("#"))
    return {name: str(canonicalize_name(distribution)) for name, distribution in lines}


def _files(paths: Iterable[Path]) -> Iterator[Path]:
    for path in paths:
        yield from sorted(path.glob("*.whl")) if path.is_dir() else [path]


def _of_wheels(files: Iterable[Path], ranks: Mapping[str, int]) -> dict[str, str]:
    """The import names of wheels; of two distributions with the same name the more popular one."""
    found: dict[str, str] = {}
    for file in files:
        distribution = str(parse_wheel_filename(file.name)[0])
        for name in import_names(_record(file)):
            known = found.setdefault(name, distribution)
            found[name] = min(known, distribution, key=lambda dist: (ranks.get(dist, 1 << 20), dist))
    return found


def _record(file: Path) -> tuple[str, ...]:
    with zipfile.ZipFile(file) as wheel:
        record = next(name for name in wheel.namelist() if re.fullmatch(r"[^/]+\.dist-info/RECORD", name))
        return tuple(row[0] for row in csv.reader(wheel.read(record).decode("utf-8").splitlines()) if row)


def import_names(record: Iterable[str]) -> set[str]:
    """The names that the files of a RECORD can be imported by, below a namespace with dots."""
    modules = [path for path in map(_unpacked, record) if path and re.search(r"\.(py|so|pyd)$", path)]
    packages = {path.rpartition("/")[0] for path in modules if path.endswith("/__init__.py")}
    return {name for path in modules if (name := _name(path, packages)) and _worth(name)}


def _unpacked(path: str) -> str:
    """Where a file of a wheel ends up in site-packages; empty for what goes elsewhere."""
    path = re.sub(r"^[^/]+\.data/(purelib|platlib)/", "", path)
    return "" if re.match(r"[^/]+\.(data|dist-info|libs)/", path) else path


def _name(path: str, packages: set[str]) -> str:
    """The import name of the first real package, or of the module, on the way to a file."""
    parts = path.split("/")
    for depth in range(1, min(len(parts), DEPTH + 1)):
        if "/".join(parts[:depth]) in packages:
            return ".".join(parts[:depth])
    return parts[0].partition(".")[0] if len(parts) == 1 else ""


def _worth(name: str) -> bool:
    return all(part.isidentifier() for part in name.split(".")) and name.lower() not in NOT_NAMES


if __name__ == "__main__":
    main()
