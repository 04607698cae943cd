"""Does anything load the project's `.env`? Code, or a program that starts the code."""

import os
import re

from mlenv_doctor.probekit import file_text

LOADS = re.compile(
    rb"load_dotenv|dotenv_values|find_dotenv|DotEnv\(|env_file|BaseSettings|pydantic_settings|environs|decouple|dynaconf|read_env\(|"
    rb"starlette\.config|python-dotenv|set_dotenv|[\"']\.env[\"']|%dotenv|chainlit|litellm|crewai|langflow|flask\b|from_pyfile|hydra\.|typed_settings"
)
BESIDE = (
    "Makefile", "makefile", "justfile", "Justfile", "Taskfile.yml", ".envrc", "Procfile", "Pipfile", "mise.toml", ".mise.toml",
    "docker-compose.yml", "docker-compose.yaml", "compose.yml", "compose.yaml", "package.json", "tox.ini", "pytest.ini",
    "pyproject.toml", ".vscode/launch.json", ".vscode/settings.json", "run.sh", "start.sh", "entrypoint.sh", "README.md",
)  # fmt: skip
ALWAYS = (
    "docker-compose.yml",
    "docker-compose.yaml",
    "compose.yml",
    "compose.yaml",
    "Pipfile",
    ".envrc",
    ".vscode/settings.json",
)
LARGEST = 1 << 18


def loaded_beside(project: str) -> bool:
    """Whether a file beside the code may hand `.env` over: compose and Pipenv always do, others where they name it."""
    if any(os.path.isfile(os.path.join(project, name)) for name in ALWAYS):
        return True
    texts = (file_text(os.path.join(project, name), LARGEST) for name in BESIDE)
    return any(re.search(r"(?<![\w/])\.env(?![\w.])|dotenv", text) for text in texts)
