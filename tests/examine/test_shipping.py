"""What a probe needs travels with it: to any supported Python, complete, and without a trace in what is examined."""

from __future__ import annotations

import ast
import json
import marshal
import os
import py_compile
import subprocess
import sys
import time
from collections.abc import Iterator
from importlib.util import find_spec, resolve_name
from pathlib import Path

import pytest

import mlenv_checks
import mlenv_doctor
from lab.patient import other_python
from mlenv_checks.torch.facts import Torch
from mlenv_doctor.examine import shipping
from mlenv_doctor.examine.collect import Collector, first_tasks, merge
from mlenv_doctor.examine.registry import find_plugins
from mlenv_doctor.facts import Fact, every_fact
from mlenv_doctor.foreign.clean import Cleaner
from support.probing import probe

OURS = ("mlenv_doctor", "mlenv_checks")
FRAME = "mlenv_doctor.examine.bootstrap"
HOMES = [Path(str(package.__file__)).parent for package in (mlenv_doctor, mlenv_checks)]
PROBES = sorted(path for home in HOMES for path in home.rglob("probes/*.py"))
MOVING = ("system", "limits")  # facts with the time of day, or with what other programs use just now
find_plugins()
KINDS = [kind for kind in every_fact() if kind.__module__.startswith(OURS) and kind.where in ("target", "host")]
TARGET = [kind for kind in KINDS if kind.where == "target"]
OLDEST = "3.6"


def test_all_of_them_are_seen() -> None:
    assert {f"{path.parts[-3]}.probes.{path.stem}" for path in PROBES} >= {".".join(k.probe.split(".")[-3:]) for k in KINDS}
    assert len(KINDS) > 25 and {kind.where for kind in KINDS} == {"target", "host"}


@pytest.mark.parametrize("minor", [OLDEST, "3.7", "3.8", "3.9"])
def test_old_pythons_can_parse_every_probe(minor: str) -> None:
    files = [*PROBES, HOMES[0] / "probekit.py", HOMES[0] / "examine/bootstrap.py"]
    parse = "import sys; [compile(open(name, encoding='utf-8').read(), name, 'exec') for name in sys.argv[1:]]"
    subprocess.run([other_python(minor), "-c", parse, *files], check=True)


def test_python_2_can_parse_the_frame() -> None:
    parse = "import sys; compile(open(sys.argv[1]).read(), 'frame', 'exec')"
    subprocess.run([other_python("2.7"), "-c", parse, HOMES[0] / "examine/bootstrap.py"], check=True)


def imports_of(name: str, whole: bool = True) -> Iterator[str]:
    """Every module that a module imports, anywhere in it or at its top; what only a type checker imports is not needed."""
    body = [node for node in ast.parse(shipping.module(name)[0]).body if not ast.unparse(node).startswith("if TYPE_CHECKING:")]
    for node in (inner for outer in body for inner in ast.walk(outer)) if whole else body:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = resolve_name("." * node.level + (node.module or ""), name.rpartition(".")[0])
            if not base.endswith(".probes"):
                yield base
            if base.startswith(OURS) and (spec := find_spec(base)) and spec.submodule_search_locations is not None:
                yield from (f"{base}.{alias.name}" for alias in node.names)


def closure(probe: str) -> set[str]:
    """The probe and all of ours that it needs, as Python's own parser sees it."""
    found: set[str] = set()
    todo = [probe]
    while todo:
        name = todo.pop()
        if name not in found:
            found.add(name)
            todo += [other for other in imports_of(name) if other.partition(".")[0] in OURS]
    return found


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.section)
def test_what_travels_is_what_is_imported(kind: type[Fact]) -> None:
    assert set(shipping.closure([kind.probe])) == closure(kind.probe)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.section)
def test_what_is_ours_is_imported_at_the_top(kind: type[Fact]) -> None:
    """Once a probe is loaded, there is nobody left to import it from."""
    for name in closure(kind.probe):
        late = set(imports_of(name)) - set(imports_of(name, whole=False))
        assert not [other for other in late if other.partition(".")[0] in OURS]


@pytest.mark.parametrize("kind", TARGET, ids=lambda kind: kind.section)
def test_a_probe_loads_nothing_but_the_standard_library(kind: type[Fact]) -> None:
    loaded = {other for name in closure(kind.probe) for other in imports_of(name, whole=False)}
    foreign = {name for name in loaded if name.partition(".")[0] not in (*OURS, *sys.stdlib_module_names)}
    assert not foreign


def in_frame(
    folder: Path, ending: str, kinds: list[type[Fact]], python: Path | str = sys.executable, path: Path | None = None
) -> str:
    """What the frame prints that has loaded these probes in another Python: `readers` are their functions."""
    (folder / "modules").write_bytes(shipping.packed(kind.probe for kind in kinds))
    wanted = [(kind.probe, f"read_{kind.section}") for kind in kinds]
    load = f"served = Served(*marshal.load(open(sys.argv[2], 'rb')))\nreaders = served.functions({wanted!r})\n"
    script = shipping.module(FRAME)[0].decode() + load + ending
    environ = {**os.environ, "PYTHONPATH": str(path or "")}
    done = subprocess.run(
        [python, "-", folder / "answer", folder / "modules"], input=script, capture_output=True, text=True, env=environ
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("minor", [OLDEST, "3.7", "3.9", "3.13"])
def test_probes_load_on_other_pythons(tmp_path: Path, minor: str) -> None:
    said = in_frame(tmp_path, "print(served.compiled, len(readers))", TARGET, other_python(minor))
    assert said.split() == ["False", str(len(TARGET))]


LEFT = "\nprint([name for name in sys.modules if name.startswith(('mlenv_doctor', 'mlenv_checks'))], sys.meta_path[0] is served)"


def test_nothing_of_ours_stays(tmp_path: Path) -> None:
    assert in_frame(tmp_path, LEFT, TARGET) == "[] False\n"


def namesake(folder: Path) -> None:
    """A package of somebody else that is called as ours."""
    (folder / "mlenv_doctor").mkdir()
    (folder / "mlenv_doctor/__init__.py").write_text("WHO = 'theirs'\n")
    (folder / "mlenv_doctor/probekit.py").write_text("WHAT = 'too'\n")


def test_a_library_may_import_what_is_called_as_ours(tmp_path: Path) -> None:
    namesake(tmp_path)
    (tmp_path / "torch").mkdir()
    (tmp_path / "torch/__init__.py").write_text(
        "import mlenv_doctor, mlenv_doctor.probekit\n__version__ = mlenv_doctor.WHO + mlenv_doctor.probekit.WHAT\n"
    )
    found = probe(Torch, env={"PYTHONPATH": str(tmp_path)})
    assert isinstance(found, Torch) and found.version == "theirstoo"


def test_what_was_loaded_before_neither_helps_nor_suffers(tmp_path: Path) -> None:
    namesake(tmp_path)
    (tmp_path / "sitecustomize.py").write_text("import mlenv_doctor.probekit\n")
    ending = LEFT + "\nimport mlenv_doctor\nprint(mlenv_doctor.WHO, mlenv_doctor.probekit.WHAT)"
    assert in_frame(tmp_path, ending, TARGET, path=tmp_path) == "['mlenv_doctor', 'mlenv_doctor.probekit'] False\ntheirs too\n"


def everything(python: str) -> dict[type[Fact], object]:
    """All facts that are cheap to read, through the collector."""
    asked = {"project": "/", "target": python, "prefix": str(Path(python).parent.parent), "chosen_by": "--python", "names": ["json"],
             "env_file": None, "mlflow_uri": None, "mlflow_uri_from": "", "wait": 0, "quick": True}  # fmt: skip
    kinds = [kind for kind in KINDS if kind.shared and kind.quick and kind.section not in MOVING]
    collector = Collector((python,), asked, Cleaner(), time.monotonic() + 60)
    return dict(merge(collector.run(first_tasks(kinds), lambda outcome: ())))


def test_compiled_and_as_text_they_answer_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    form = "print(json.dumps([served.compiled, readers[0].__code__.co_filename]))"
    compiled, said = everything(sys.executable), json.loads(in_frame(tmp_path, form, TARGET))
    assert said == [True, shipping.find_spec(TARGET[0].probe).origin]  # type: ignore[union-attr]
    monkeypatch.setattr(shipping, "MAGIC_NUMBER", b"of another Python")
    assert json.loads(in_frame(tmp_path, form, TARGET)) == [False, TARGET[0].probe]
    as_text = everything(sys.executable)  # what runs in our own Python never travels as text
    assert {kind: as_text[kind] for kind in compiled if kind in TARGET} == {k: compiled[k] for k in compiled if k in TARGET}
    assert [kind.section for kind, fact in compiled.items() if not isinstance(fact, kind)] == []


def test_what_python_has_cached_travels_only_while_it_is_fresh(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "cached_probe.py"
    monkeypatch.syspath_prepend(str(tmp_path))
    for text in ("ANSWER = 1\n", "ANSWER = 22\n"):
        file.write_text(text)
        for _ in range(2):  # the second time it is there
            source, code = shipping.module.__wrapped__("cached_probe")
            found: dict[str, object] = {}
            exec(marshal.loads(code), found)
            assert (source.decode(), f"ANSWER = {found['ANSWER']}\n") == (text, text)
            py_compile.compile(str(file), doraise=True)
