"""The readers of container files, on texts and on real files; bad ones are remarks, and nothing makes them slow."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from families.project.environments import write
from mlenv_checks.containers.facts import Containers
from mlenv_checks.containers.probes import compose, devcontainer, dockerfile, listening, secrets
from mlenv_checks.containers.probes.containers import read_containers
from mlenv_checks.containers.probes.ignored import is_ignored
from mlenv_doctor.facts import parse


def read(folder: Path, files: dict[str, str], **more: Any) -> dict[str, Any]:
    write(folder, files)
    said = read_containers({"project": str(folder), **more})
    parse(Containers, said)
    return said


@pytest.mark.parametrize(
    ("patterns", "ignored"),
    [
        ("", False),
        (".env", True),
        ("/.env", True),
        ("./.env", True),
        ("*", True),
        ("**", True),
        (".", True),
        ("**/.env", True),
        (".env*", True),
        (".e?v", True),
        (".[a-f]nv", True),
        (".[x]nv", False),
        (".[", False),
        ("*.env", True),
        ("env", False),
        ("app/.env", False),
        (".env.example", False),
        ("# .env", False),
        ("*\n!.env", False),
        ("!.env\n*", True),
        ("*\n!app", True),
        (".env/", True),
        ("a" * 300, False),
    ],
)
def test_what_a_dockerignore_leaves_out(patterns: str, ignored: bool) -> None:
    assert is_ignored(".env", patterns) is ignored


def test_patterns_that_a_careless_reader_never_finishes() -> None:
    assert not is_ignored("a" * 200, "*a" * 90 + "b")
    assert not is_ignored("/".join("ab" * 20), "**/" * 50 + "x")
    assert is_ignored("a/b/c", "**/c") and is_ignored("a/b/c", "a/**/c") and is_ignored("a/b/c", "a/**")


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        ("", 0, "no FROM instruction"),
        ("ARG A=1\n", 0, "no FROM instruction"),
        ("ARG A\nRUN x\nFROM y\n", 2, "RUN stands before FROM"),
        ("FROM a\n\napt install x\n", 3, "unknown instruction apt"),
    ],
)
def test_a_dockerfile_that_no_builder_takes(text: str, line: int, reason: str) -> None:
    with pytest.raises(dockerfile.NoDockerfile, match=reason) as found:
        dockerfile.instructions(text)
    assert found.value.line == line


def test_instructions_and_their_lines() -> None:
    text = (
        "# syntax=docker/dockerfile:1\nFROM a AS b\nRUN x \\\n# told\n\n  && y\nCOPY <<-'E' /f\n  FROM nowhere\nE\ncmd [\"z\"]\n"
    )
    assert dockerfile.instructions(text) == [
        ("FROM", "a AS b", 2),
        ("RUN", "x  && y", 3),
        ("COPY", "<<-'E' /f\n  FROM nowhere", 7),
        ("CMD", '["z"]', 10),
    ]


def test_names_values_and_words() -> None:
    assert dockerfile.pairs("A=1 B='x y' C=") == [("A", "1"), ("B", "x y"), ("C", "")]
    assert dockerfile.pairs("A one two") == [("A", "one two")]
    assert dockerfile.pairs("A") == [("A", None)]
    assert dockerfile.words("[broken") == ["[broken"]
    assert dockerfile.words("a 'b") == ["a", "b"]
    assert dockerfile.filled("${A:-x}/$B/${C}", {"B": "y"}) == "x/y/${C}"
    assert dockerfile.commands("--mount=type=cache a && b; c") == [["a"], ["b"], ["c"]]
    assert dockerfile.commands('["a", "b c"]') == [["a", "b c"]]


@pytest.mark.parametrize(
    ("command", "why"),
    [
        ("uvicorn app:app", "uvicorn without --host"),
        ("python -m uvicorn app:app --port 80", "uvicorn without --host"),
        ("uvicorn app:app --host 0.0.0.0", ""),
        ("uvicorn app:app --host=127.0.0.1", "127.0.0.1"),
        ("gunicorn --bind 127.0.0.1:8000 app", "127.0.0.1:8000"),
        ("gunicorn -b :8000 app", ""),
        ("gunicorn -b unix:/run/x.sock app", ""),
        ("gunicorn --config conf.py app", ""),
        ("mlflow server", "mlflow server without --host"),
        ("mlflow run .", ""),
        ("fastapi dev app.py", "fastapi dev without --host"),
        ("fastapi run app.py", ""),
        ("jupyter lab --ip=localhost", "localhost"),
        ("sh -c 'cd a && poetry run uvicorn app:app'", "uvicorn without --host"),
        ("sh -c 'uvicorn $ARGS'", ""),
        ("python app.py", ""),
        ("exec", ""),
        ("", ""),
    ],
)
def test_where_a_command_listens(command: str, why: str) -> None:
    assert listening.loopback(dockerfile.words(command), {}) == why


@pytest.mark.parametrize(
    ("value", "secret"),
    [
        ("", False),
        ("$KEY", False),
        ("/run/secrets/key", False),
        ("changeme-changeme-1234", False),
        ("your-api-key-goes-here1", False),
        ("hf_" + "Ab3kQ9" * 5, True),
        ("Kd8Fj3Lq9Wm2Zx7R", True),
        ("aaaaaaaaaaaaaaaaaaaa", False),
        ("a sentence with 1 Number in it", False),
    ],
)
def test_what_is_a_key(value: str, secret: bool) -> None:
    assert secrets.is_secret_value(value) is secret


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        ("", 0, "has no services"),
        ("- a\n", 0, "has no services"),
        ("web:\n  image: a\n", 0, "has no services"),
        ("a: [\n", 2, "not valid YAML"),
        ("a: \x01", 0, "not valid YAML"),
        ("#" * 200000, 0, "larger than"),
        ("[" * 5000, 0, "not valid YAML"),
    ],
)
def test_a_compose_file_that_compose_refuses(text: str, line: int, reason: str, tmp_path: Path) -> None:
    said = read(tmp_path, {"compose.yaml": text})
    assert [(bad["file"], bad["line"]) for bad in said["bad"]] == [("compose.yaml", line)]
    assert reason in said["bad"][0]["reason"]


def test_the_services_of_a_compose_file(tmp_path: Path) -> None:
    text = """
x-base: &base {image: "redis:7", environment: {A: b}}
services:
  one: {<<: *base, ports: ["127.0.0.1:6380:6379/tcp", 8080, "9000-9001:9000-9001", {target: 5, published: "6"}]}
  two: {<<: [*base, *base], build: {context: ./app, dockerfile: docker/Dockerfile}, command: ["python", "a/b.py"]}
  three: {build: "https://example.org/x.git", network_mode: "service:one", runtime: nvidia, ipc: host}
  four: {build: ., env_file: ./.env, deploy: {resources: {reservations: {devices: [{capabilities: [gpu]}]}}}}
  five:
"""
    one, two, three, four, five = read(tmp_path, {"compose.yaml": text})["services"]
    assert (one["kind"], one["ports"]) == (
        "Redis",
        [{"inside": 6379, "outside": 6380}, {"inside": 8080, "outside": 0}, {"inside": 5, "outside": 6}],
    )
    assert (two["build"], two["command"]) == ({"context": "app", "file": "app/docker/Dockerfile"}, "b.py")
    assert (three["build"]["file"], three["host"], three["gpu"], three["shared_memory"]) == ("", True, True, True)
    assert (four["build"], four["dotenv"], four["gpu"]) == ({"context": ".", "file": "Dockerfile"}, True, True)
    assert five["image"] == "" and not five["gpu"]


@pytest.mark.parametrize("port", ["\u00b2", "8\u00b2", "9" * 1000, "99999", "-1", "\u0665"])
def test_what_is_no_port_does_not_hide_the_rest(tmp_path: Path, port: str) -> None:
    text = f"services:\n  db:\n    image: postgres:16\n    ports: ['{port}:5432', '80:{port}']\n"
    [db] = read(tmp_path, {"compose.yaml": text, "Dockerfile": f"FROM python:3.12\nEXPOSE {port[:50]} 80\n"})["services"]
    assert (db["kind"], db["ports"]) == ("PostgreSQL", [{"inside": 5432, "outside": 0}])


def test_addresses_on_localhost(tmp_path: Path) -> None:
    text = "services:\n  a:\n    environment:\n      DB_HOST: localhost\n      DB_PORT: 5432\n      URL: http://db.localhost:80\n      X: redis://localhost:6379/0\n"
    said = read(tmp_path, {"compose.yaml": text, ".env": "export A=http://user:word@localhost:5000/x\nB=http://host:1\nC\n"})
    assert [(each["name"], each["port"], each["line"]) for each in said["services"][0]["addresses"]] == [
        ("DB_HOST", 5432, 4),
        ("X", 6379, 7),
    ]
    assert said["dotenv"] == [{"name": "A", "host": "localhost", "port": 5000, "line": 1}]
    assert "word" not in repr(said)


def test_a_devcontainer_with_comments_and_commas() -> None:
    text = '{\n // a "comment"\n "image": "x//y", /* more\n lines */\n "list": [1, 2, // last\n ],\n}'
    assert devcontainer.read(text) == {"image": "x//y", "list": [1, 2]}
    assert devcontainer.line_of(text, "x//y") == 3 and devcontainer.line_of(text, "nowhere") == 0
    with pytest.raises(devcontainer.NoDevcontainer, match="not an object"):
        devcontainer.read("[]")
    with pytest.raises(devcontainer.NoDevcontainer, match=r"nested too deeply|not valid JSON"):
        devcontainer.read("[" * 100000)


def test_lists_below_the_context_and_options_of_pip(tmp_path: Path) -> None:
    files = {
        "Dockerfile": "FROM python:3.12\nRUN python3 -m pip install --no-cache-dir -r/tmp/a.txt --requirement=b.txt -r ../c.txt 'd==1' -e .\n"
        "RUN apt-get install pip\n",
        "a.txt": "x==1 # why\ny>=2\nz==3; python_version < '3.9'\n",
        "b.txt": "torch\nq[extra] == 4.0\n",
    }
    (build,) = read(tmp_path, files)["builds"]
    assert [(pin["name"], pin["version"], pin["file"], pin["line"]) for pin in build["pins"]] == [
        ("d", "1", "", 2),
        ("x", "1", "a.txt", 1),
        ("q", "4.0", "b.txt", 2),
    ]
    assert (build["lists"], build["torch"], build["itself"]) == (["a.txt", "b.txt"], True, True)


def test_the_context_of_a_dockerfile_in_a_folder(tmp_path: Path) -> None:
    files = {
        "docker/Dockerfile": "FROM a\nCOPY app.py /x\n",
        "api/Dockerfile": "FROM a\nCOPY main.py /x\n",
        "api/main.py": "",
        "app.py": "",
    }
    assert {each["file"]: each["context"] for each in read(tmp_path, files)["builds"]} == {
        "docker/Dockerfile": ".",
        "api/Dockerfile": "api",
    }


def test_stages_that_are_made_from_each_other(tmp_path: Path) -> None:
    text = "ARG V=3.11\nFROM python:$V AS base\nENV CUDA_VISIBLE_DEVICES=-1\nFROM base AS other\nFROM base\nENV CUDA_VISIBLE_DEVICES=0\nEXPOSE 80/tcp $P\n"
    (build,) = read(tmp_path, {"Dockerfile": text})["builds"]
    assert (build["python"], build["hidden"], build["ports"], build["line"]) == ("3.11", 0, [80], 2)


def test_folders_of_others_and_pipes_are_left_alone(tmp_path: Path) -> None:
    import os

    write(
        tmp_path,
        {
            "node_modules/a/Dockerfile": "x",
            "venv2/pyvenv.cfg": "",
            "venv2/Dockerfile": "x",
            ".hidden/Dockerfile": "x",
            "a/b/c/Dockerfile": "x",
        },
    )
    os.mkfifo(tmp_path / "Dockerfile")
    assert read(tmp_path, {})["bad"] == [] == read(tmp_path, {})["builds"]


def test_a_home_folder_is_no_project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert read(tmp_path, {"Dockerfile": "nonsense\n"})["bad"] == []


def test_the_first_loader_with_workers(tmp_path: Path) -> None:
    loader = "import torch\n\nx = DataLoader(Data(a, b),\n  batch_size=f(2),\n  num_workers=8)\n"
    said = read(
        tmp_path,
        {
            "Dockerfile": "FROM a\n",
            "compose.yaml": "services: {a: {}}\n",
            "a.py": "DataLoader(x, num_workers=0)\n",
            "b.py": loader,
        },
    )
    assert said["workers"] == {"file": "b.py", "line": 3}


def test_the_kinds_of_services_by_their_images() -> None:
    def kind(image: str) -> str:
        import re

        return next((kind for kind, pattern, _ in compose.KINDS if re.search(pattern, image)), "")

    assert kind("docker.io/library/postgres:16") == "PostgreSQL" and kind("pgvector/pgvector:pg16") == "PostgreSQL"
    assert kind("chromadb/chroma") == "Chroma" and kind("qdrant/qdrant:v1") == "Qdrant" and kind("me/postgres-exporter") == ""
