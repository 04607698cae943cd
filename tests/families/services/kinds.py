"""Projects that name services: each wrong address, and for each a healthy one that looks alike. Port 1 answers nowhere."""

from __future__ import annotations

from families.project.kinds import Kind

ENGINE = 'import os\nfrom sqlalchemy import create_engine\nengine = create_engine(os.environ["DATABASE_URL"])\n'
LOADED = "from dotenv import load_dotenv\nload_dotenv()\n" + ENGINE
LISTED = {"requirements.txt": "sqlalchemy\npsycopg2-binary\npython-dotenv\n"}
PROJECT = {**LISTED, "app.py": LOADED}
HAS = ("sqlalchemy 2.0.44", "python-dotenv 1.1: dotenv/__init__.py")
DRIVER = ("psycopg2-binary 2.9: psycopg2/__init__.py",)
COMPOSE = "services:\n  db:\n    image: postgres:16\n    ports: ['5433:5432']\n"
HERE = "DATABASE_URL=postgresql://u:p@localhost:1/d\n"


def told(check: str, cause: str, words: str) -> tuple[tuple[str, str, str], ...]:
    return ((f"services.{check}", cause, words),)


DOWN = told("address", "service-not-running", "PostgreSQL at localhost:1 refuses the connection")

SICK = (
    Kind("nothing listens", {**PROJECT, ".env": HERE}, HAS + DRIVER, (), DOWN),
    Kind(
        "another port than compose publishes",
        {**PROJECT, ".env": HERE, "compose.yaml": COMPOSE},
        HAS + DRIVER,
        told("address", "service-address-wrong", ".env:1 (DATABASE_URL) names port 1, and compose.yaml:2 publishes db at 5433"),
    ),
    Kind(
        "the name of a service, from outside",
        {**PROJECT, ".env": "DATABASE_URL=postgresql://u:p@db:5432/d\n", "compose.yaml": COMPOSE},
        HAS + DRIVER,
        told("address", "service-address-wrong", "from this machine it is localhost:5433"),
    ),
    Kind(
        "a password that cuts the address in two",
        {**PROJECT, ".env": "DATABASE_URL=postgresql://u:a/b@localhost:5432/d\n"},
        HAS + DRIVER,
        told("address", "service-address-unreadable", ".env:1 (DATABASE_URL) cannot be parsed"),
    ),
    Kind("a driver that is missing", {**PROJECT, ".env": HERE, "requirements.txt": "sqlalchemy\npython-dotenv\n"}, HAS,
         told("driver", "database-driver-missing", "needs psycopg2"), DOWN),
    Kind("a scheme that SQLAlchemy dropped", {**PROJECT, ".env": HERE.replace("postgresql", "postgres")}, HAS + DRIVER,
         told("driver", "database-scheme-unknown", "write postgresql://"), DOWN),
    Kind(
        ".env that nothing loads",
        {"requirements.txt": "numpy\n", "app.py": 'import os\nimport numpy\nmode = os.environ["RUN_MODE"]\n', ".env": "RUN_MODE=fast\n"},
        ("numpy",),
        (),
        told("dotenv-loaded", "dotenv-not-loaded", ".env:1 sets RUN_MODE, app.py:3 reads it"),
    ),
)  # fmt: skip

HEALTHY = (
    Kind("a database in a file", {**PROJECT, ".env": "DATABASE_URL=sqlite:///d.db\n"}, HAS + DRIVER),
    Kind(
        "the name of a service, used inside",
        {
            **PROJECT,
            ".env": "DATABASE_URL=postgresql://u:p@db:5432/d\n",
            "compose.yaml": COMPOSE + "  app:\n    build: .\n    env_file: .env\n",
        },
        HAS + DRIVER,
    ),
    Kind("another machine, not asked", {**PROJECT, ".env": "DATABASE_URL=postgresql://u:p@db.example.org/d\n"}, HAS + DRIVER),
    Kind("a password that is encoded", {**PROJECT, ".env": "DATABASE_URL=postgresql://u:a%2Fb@db.example.org/d\n"}, HAS + DRIVER),
    Kind(
        "a scheme that the code changes",
        {
            **PROJECT,
            ".env": "DATABASE_URL=postgres://u:p@db.example.org/d\n",
            "app.py": LOADED.replace('["DATABASE_URL"]', '["DATABASE_URL"].replace("postgres://", "postgresql://")'),
        },
        HAS + DRIVER,
    ),
    Kind("an address that no code reads", {"a.py": "import redis\n", ".env": HERE}, ("redis",)),
    Kind(
        "settings of pydantic",
        {
            "requirements.txt": "pydantic-settings\n",
            "a.py": "from pydantic_settings import BaseSettings\nimport os\nos.getenv('RUN_MODE')\n",
            ".env": "RUN_MODE=x\n",
        },
        ("pydantic-settings: pydantic_settings/__init__.py",),
    ),
    Kind(
        "a runner that loads .env",
        {"a.py": "import os\nos.getenv('RUN_MODE')\n", ".env": "RUN_MODE=x\n", "justfile": "set dotenv-load\n"},
    ),
    Kind(
        "a default in the code",
        {"a.py": "import os\nimport redis\nurl = os.getenv('CACHE', 'redis://localhost:1')\n", "requirements.txt": "redis\n"},
        ("redis",),
    ),
)
