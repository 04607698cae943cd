"""The probes that read a project's code, called directly on real files."""

from __future__ import annotations

import ast
import os
import sys
from pathlib import Path
from typing import Any

import pytest

from mlenv_checks.project.probes import cells, gpu_code, locate, reading, scan, tree
from mlenv_checks.project.probes.code import read_code
from mlenv_checks.project.probes.local import folders_above
from mlenv_checks.project.probes.walk import is_aside, walk

from .environments import write
from .kinds import notebook


def read(folder: Path, files: dict[str, str], quick: bool = False) -> dict[str, Any]:
    write(folder, files)
    return read_code({"project": str(folder), "quick": quick})


def lacking(said: dict[str, Any]) -> list[tuple[str, str, str, int]]:
    return [(use["module"], use["weight"], use["file"], use["line"]) for use in said["uses"] if use["state"] != "found"]


@pytest.mark.parametrize(
    ("text", "weights"),
    [
        ("import zq", ["needed"]),
        ("import zq.a.b as c, os", ["needed"]),
        ("from zq.a import (\n  b,\n  c)", ["needed"]),
        ("class A:\n    import zq", ["needed"]),
        ("with x:\n    import zq", ["needed"]),
        ("try:\n    import zq\nfinally:\n    x = 1", ["needed"]),
        ("try:\n    import zq\nexcept KeyError:\n    x = 1", ["needed"]),
        ("def f():\n    import zq", ["inside"]),
        ("async def f():\n    import zq", ["inside"]),
        ("class A:\n    def f(self):\n        from zq import a", ["inside"]),
        ("if x:\n    import zq\nelse:\n    import zq", ["chosen", "chosen"]),
        ("for x in y:\n    import zq", ["chosen"]),
        ("while x:\n    import zq", ["chosen"]),
        ("try:\n    import zq\nexcept ImportError:\n    zq = None", ["guarded"]),
        ("try:\n    import zq\nexcept (KeyError, ModuleNotFoundError):\n    pass", ["guarded"]),
        ("try:\n    import zq\nexcept:\n    import zq", ["guarded", "guarded"]),
        ("try:\n    import a\nexcept Exception:\n    pass\nelse:\n    import zq", ["guarded"]),
        ("with contextlib.suppress(ImportError):\n    import zq", ["guarded"]),
        ("if TYPE_CHECKING:\n    import zq", ["typing"]),
        ("if typing.TYPE_CHECKING:\n    x = 1\nelse:\n    import zq", ["needed"]),
        ("from . import zq\nfrom .zq import x\nfrom ..zq import y", []),
        ("x = 'import zq'", []),
    ],
)
def test_the_weight_of_an_import(text: str, weights: list[str]) -> None:
    found = [weight for module, _, weight, _ in tree.imports(tree.parsed(text)) if module.partition(".")[0] == "zq"]
    assert found == weights


@pytest.mark.skipif(sys.version_info < (3, 10), reason="match came with Python 3.10")
def test_a_case_is_a_choice() -> None:
    found = tree.imports(tree.parsed("match x:\n    case 1:\n        import zq"))
    assert [weight for _, _, weight, _ in found] == ["chosen"]


def test_code_that_is_nested_too_deeply_ends() -> None:
    text = "".join("  " * depth + "if x:\n" for depth in range(90)) + "  " * 90 + "import zq"
    assert tree.imports(tree.parsed(text)) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            b"import a, b.c as d\r\nfrom e.f import g as h, i\n",
            [("a", (), True, 1), ("b.c", (), True, 1), ("e.f", ("g", "i"), True, 2)],
        ),
        (b"x\n\n  from a import (b,\n   c)\n", [("a", ("b",), False, 3)]),
        (b"from . import a\nfrom .b import c\nimportant = 1\n", []),
        (b"from a import *  # all\n", [("a", (), True, 1)]),
    ],
)
def test_lines_that_look_like_imports(text: bytes, expected: list[object]) -> None:
    assert scan.mentions(text) == expected


def test_a_file_of_nothing_but_imports_ends() -> None:
    assert len(scan.mentions(b"import a\n" * 10000)) == scan.MOST + 1


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("%pip install -q numpy 'torch>=2' --index-url https://e.org/x", ["numpy", "torch>=2"]),
        ("!pip install a b==1 -r req.txt -e . ./c https://e.org/d.zip", ["a", "b==1"]),
        ("!{sys.executable} -m pip install a", ["a"]),
        ("! python3 -m pip install a && echo done | cat", ["a"]),
        ("pip install a", ["a"]),
        ("%conda install -c conda-forge a", ["a"]),
        ("!uv pip install a\n!uv add b", ["a", "b"]),
        ("%%bash\npip install a \\\n  b", ["a", "b"]),
        ("!pip install git+https://e.org/x/CLIP.git@main git+https://e.org/y#egg=zz", ["CLIP", "zz"]),
        ("# pip install a\nprint('pip install b')", []),
        ("!pip install 'a", ["a"]),
        ("!pip list", []),
    ],
)
def test_what_a_cell_installs(source: str, expected: list[str]) -> None:
    assert cells.installs(source) == expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("%matplotlib inline\nimport a", "pass\nimport a"),
        ("if x:\n    !ls \\\n  -l\nimport a", "if x:\n    pass\n\nimport a"),
        ("x = !ls\ny = %timeit 1\nz?", "x = None\ny = None\npass"),
        ("%%bash\nimport a", ""),
        ("%timeit f(1,\n   g(2))\nimport a", "pass\n\nimport a"),
        ("%%time\nimport a", "pass\nimport a"),
    ],
)
def test_the_python_of_a_cell(source: str, expected: str) -> None:
    assert cells.python_of(source) == expected


@pytest.mark.parametrize(
    ("data", "reason"),
    [(b"{", "not valid JSON"), (b"[1]", "no list of cells"), (b'{"cells": 1}', "no list of cells"), (b"[" * 99999, "nested")],
)
def test_what_is_no_notebook(data: bytes, reason: str) -> None:
    with pytest.raises(cells.NoNotebook, match=reason):
        cells.cells(data)


def test_old_and_strange_notebooks() -> None:
    old = b'{"worksheets": [{"cells": [{"cell_type": "code", "input": ["import a"]}]}]}'
    assert cells.cells(old) == [(1, "import a")]
    assert cells.cells(b'{"cells": [1, {"cell_type": "code", "source": 3}, {"cell_type": "markdown"}], "metadata": 3}') == []


def test_modules_are_found_without_importing_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ran = "raise SystemExit('this was run')\n"
    write(
        tmp_path,
        {"pack/__init__.py": ran, "pack/sub/__init__.py": ran, "pack/mod.py": ran, "space/part/__init__.py": ran, "one.py": ran},
    )
    write(tmp_path, {"magic/__init__.py": "import sys\nsys.modules['magic.x'] = 1\n", "pack/fast.cpython-312-x.so": ""})
    monkeypatch.syspath_prepend(str(tmp_path))
    states = {
        name: locate.state(name, {})
        for name in (
            "pack",
            "pack.sub",
            "pack.mod",
            "pack.fast",
            "pack.nope",
            "pack.sub.deep",
            "space.part",
            "space.nope",
            "one",
            "one.x",
            "magic.x",
            "nope.x",
        )
    }
    assert states["pack.nope"] == ("part", "pack.nope") and states["pack.sub.deep"] == ("part", "pack.sub.deep")
    assert states["space.nope"] == ("part", "space.nope") and states["nope.x"] == ("missing", "nope")
    assert [states[name][0] for name in ("one.x", "magic.x")] == ["unsure", "unsure"]
    assert {states[name][0] for name in ("pack", "pack.sub", "pack.mod", "pack.fast", "space.part", "one")} == {"found"}
    specs: dict[str, Any] = {"space": locate.find("space"), "pack": locate.find("pack")}
    assert (
        locate.is_namespace("space", specs)
        and not locate.is_namespace("pack", specs)
        and not locate.is_namespace("space.part", specs)
    )


def test_python_itself_is_known() -> None:
    assert all(locate.of_python(name) for name in ("os", "sys", "tkinter", "winreg", "msvcrt")) and not locate.of_python("numpy")


def test_a_finder_that_breaks_is_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    class Broken:
        @staticmethod
        def find_spec(name: str, path: object) -> None:
            raise RuntimeError(name)

    monkeypatch.setattr(sys, "meta_path", [Broken, *sys.meta_path])
    assert locate.find("json") is not None


def test_the_owner_is_read_from_the_lists_of_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(
        tmp_path,
        {
            "zbs/__init__.py": "",
            "zyaml.py": "",
            "zbeautiful-1.dist-info/RECORD": "zbs/__init__.py,,\nzbeautiful-1.dist-info/RECORD,,\n",
        },
    )
    write(tmp_path, {"pyzyaml-1.egg-info/top_level.txt": "zyaml\n", "other-1.dist-info/RECORD": ""})
    monkeypatch.syspath_prepend(str(tmp_path))
    specs: dict[str, Any] = {name: locate.find(name) for name in ("zbs", "zyaml")}
    assert locate.owners(["zbs", "zyaml", "gone"], {**specs, "gone": None}) == {"zbs": "zbeautiful", "zyaml": "pyzyaml"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("m.cuda()", [(1, ".cuda()")]),
        ("m.to('cuda')\nx = torch.device('cuda:0')", [(1, ".to('cuda')"), (2, "device('cuda:0')")]),
        ("device = 'cuda'", [(1, "device = 'cuda'")]),
        ("f(device='cuda')\ng(device_map='auto')", [(1, "device='cuda'")]),
        ("if args.gpu:\n    m.cuda()\nx = 'cuda' if y else 'cpu'\nd = m.to('cpu')", []),
        ("m.cuda()\n" * 9, [(line, ".cuda()") for line in range(1, 6)]),
    ],
)
def test_code_that_asks_for_a_gpu(text: str, expected: list[tuple[int, str]]) -> None:
    assert gpu_code.places(ast.parse(text)) == expected


def test_code_with_another_way_is_left_alone(tmp_path: Path) -> None:
    said = read(
        tmp_path,
        {
            "a.py": "m.cuda()\n",
            "b.py": "d = torch.cuda.is_available()\nm.cuda()\n",
            "tests/c.py": "m.cuda()\n",
            "d.ipynb": notebook("m.to('cuda')"),
        },
    )
    assert [(asked["file"], asked["cell"]) for asked in said["gpu"]] == [("a.py", 0), ("d.ipynb", 1)]


@pytest.mark.parametrize(
    "path",
    [
        "tests/a.py",
        "a/test/b.py",
        "conftest.py",
        "x/test_a.py",
        "a_test.py",
        "docs/conf.py",
        "examples/x/y.py",
        "{{ name }}/a.py",
    ],
)
def test_what_is_aside(path: str) -> None:
    assert is_aside(path)


@pytest.mark.parametrize(
    "path", ["a.py", "src/testing_tools/a.py".replace("testing_tools", "tester"), "latest/a.py", "contest.py"]
)
def test_what_is_the_program(path: str) -> None:
    assert not is_aside(path)


def test_environments_and_other_repositories_are_not_walked(tmp_path: Path) -> None:
    write(
        tmp_path,
        {"venv2/pyvenv.cfg": "", "venv2/x.py": "", "env/bin/a": "", "env/y.py": "", "node_modules/z.py": "", ".hidden/h.py": ""},
    )
    write(
        tmp_path,
        {"rl/env/world.py": "", "sub/.git": "", "sub/lib.py": "import zq\n", "build/__init__.py": "", "a.egg-info/x.py": ""},
    )
    os.symlink(tmp_path / "rl", tmp_path / "linked")
    os.symlink(tmp_path / "nowhere", tmp_path / "broken.py")
    found = walk(str(tmp_path), 10000)
    assert [path for path, _ in found["code"]] == ["rl/env/world.py"]
    assert {"env", "rl", "world", "sub", "lib", "build", "linked"} <= set(found["modules"])


def test_a_home_folder_is_no_project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, {"a.py": "", "deep/b.py": ""})
    monkeypatch.setenv("HOME", str(tmp_path))
    assert [path for path, _ in walk(str(tmp_path), 10000)["code"]] == ["a.py"]


def test_a_part_of_a_repository_may_import_the_rest(tmp_path: Path) -> None:
    write(
        tmp_path,
        {".git/HEAD": "", "shared/__init__.py": "", "src/core.py": "", "apps/one/main.py": "import shared, core, zq_not_there\n"},
    )
    said = read(tmp_path / "apps/one", {})
    assert lacking(said) == [("zq_not_there", "needed", "main.py", 1)]
    assert folders_above("/") == []


def test_large_projects_are_read_in_part(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(reading.QUICK, "files", 3)
    said = read(tmp_path, {f"m{number}.py": "import zq\n" for number in range(9)} | {"tests/a.py": ""}, quick=True)
    assert (said["files"], said["left_out"], said["complete"]) == (3, 7, False)
    monkeypatch.setitem(reading.QUICK, "entries", 3)
    assert not read(tmp_path, {"deep/er/x.py": ""}, quick=True)["complete"]


def test_where_no_tree_was_read_the_lines_tell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(reading.QUICK, "trees", 0)
    said = read(tmp_path, {"a.py": "import zq\n", "b.py": "def f():\n    import zp\n"}, quick=True)
    assert lacking(said) == [("zp", "unparsed", "b.py", 2), ("zq", "needed", "a.py", 1)]


def test_bad_files_are_named_and_nothing_breaks(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "a.py": "print 'x'\nimport zq\n",
            "b.py": "x = (\n",
            "n.ipynb": "{}",
            "t/test_x.py": "print 'x'\n",
            "c.ipynb": notebook("import zp", "x = <y>\nimport zp"),
        },
    )
    (tmp_path / "u.py").write_bytes("import zr\n".encode("utf-16"))
    (tmp_path / "z.py").write_bytes(b"import zs\n\x00")
    said = read(tmp_path, {})
    assert {(bad["file"], bad.get("line", 0), bad.get("cell", 0)) for bad in said["bad"]} >= {
        ("a.py", 1, 0),
        ("b.py", 1, 0),
        ("n.ipynb", 0, 0),
        ("c.ipynb", 1, 2),
    }
    assert ("zq", "unparsed", "a.py", 2) in lacking(said) and ("zp", "needed", "c.ipynb", 1) in lacking(said)


def test_projects_below_are_told_and_not_read(tmp_path: Path) -> None:
    files = {
        "a.py": "",
        "one/pyproject.toml": "[project]\nname='one'\n",
        "one/x.py": "import zq\n",
        "two/pyproject.toml": "[tool.ruff]\n",
        "two/y.py": "import zp\n",
    }
    said = read(tmp_path, files | {"docs/requirements.txt": "", "docs/conf.py": "", "empty/setup.py": ""})
    assert [(each["folder"], each["files"]) for each in said["projects"]] == [("empty", 1), ("one", 1)]
    assert [use[0] for use in lacking(said)] == ["zp"] and not said["workspace"]
    said = read(tmp_path, {"pyproject.toml": "[tool.uv.workspace]\nmembers = ['one']\n", "uv.lock": ""})
    assert said["workspace"] and [use[0] for use in lacking(said)] == ["zp", "zq"] and said["locks"] == ["uv.lock"]


def test_every_probe_is_for_python_3_6() -> None:
    folder = Path(reading.__file__).parent
    for file in folder.glob("*.py"):
        ast.parse(file.read_text("utf-8"), feature_version=(3, 6))


@pytest.mark.parametrize(
    ("files", "missing"),
    [
        ({"zqray/train.py": "import zqray\n"}, ["zqray"]),
        ({"zqray/train.py": "from zqray import serve\n"}, ["zqray"]),
        ({"demo/zqray/train.py": "import zqray.serve as s\n"}, ["zqray.serve"]),
        ({"zqray/train.py": "from zqray import serve\n", "zqray/serve.py": ""}, []),
        ({"zqray/train.py": "import zqray.serve\n", "zqray/serve/a.py": ""}, []),
        ({"zqray/train.py": "from zqray import (\n    serve,\n)\n", "zqray/serve.py": ""}, []),
        ({"zqray/train.py": "import zqray\n", "zqray/__init__.py": ""}, []),
        ({"zqray/train.py": "import zqray\n", "zqray.py": ""}, []),
        ({"main.py": "import zqray\n", "zqray/train.py": ""}, []),
        (
            {
                "demo/run.py": "from zqutils.args import parse\n",
                "demo/__init__.py": "",
                "demo/zqutils/__init__.py": "",
                "demo/zqutils/args.py": "",
            },
            [],
        ),
        (
            {
                "demo/run.py": "from zqutils import args\n",
                "demo/__init__.py": "",
                "demo/zqutils/__init__.py": "",
                "demo/zqutils/args.py": "",
            },
            [],
        ),
        (
            {"demo/run.py": "from zqutils.other import parse\n", "demo/__init__.py": "", "demo/zqutils/__init__.py": ""},
            ["zqutils"],
        ),
        ({"engines/zqai.py": "import zqai\n"}, []),  # as a rule an adapter that is loaded only where the library is there
        ({"demo/tests/a.py": "import zqmodel\n", "demo/__init__.py": "", "demo/zqmodel.py": "", "demo/requirements.txt": ""}, []),
        ({"a/run.py": "import zqeval\n", "b/zqeval.py": "", "b/requirements.txt": ""}, ["zqeval"]),
        ({"a/run.py": "import zqeval\n", "b/src/zqeval.py": "", "b/requirements.txt": ""}, []),
        ({"a/run.py": "import zqeval\n", "b/zqeval.py": "", "b/pyproject.toml": ""}, []),
    ],
)
def test_a_folder_with_the_name_of_a_library(files: dict[str, str], missing: list[str], tmp_path: Path) -> None:
    """Found by a comparison with deptry: the name of the folder around a file, or of a module elsewhere, is not its module."""
    assert [use for use, *_ in lacking(read(tmp_path, files))] == [name.partition(".")[0] for name in missing]
