"""Projects with containers: each sin of an ML image or compose file, and for each a healthy one that looks alike."""

from __future__ import annotations

from families.project.kinds import Kind

APP = {"app.py": "import numpy\n", "requirements.txt": "numpy\n"}
NUMPY = ("numpy",)
KEY = "Kd8Fj3Lq9Wm2Zx7Rt5VbPq4Yh6Nc1Gs0"  # has the shape of a key and opens nothing
PYTHON = "FROM python:3.12-slim\nWORKDIR /app\nCOPY requirements.txt .\nRUN pip install -r requirements.txt\nCOPY app.py .\n"
SERVE = 'CMD ["uvicorn", "app:app", "--host", "0.0.0.0", "--port", "8000"]\n'
DATABASE = "  db:\n    image: postgres:16\n    ports:\n      - '5433:5432'\n"
TORCH = {"train.py": "import torch\nmodel = torch.nn.Linear(1, 1).cuda()\n", "requirements.txt": "torch\n"}
WITH_DATA = ("torch: torch/__init__.py torch/utils/__init__.py torch/utils/data/__init__.py",)
LOADER = "from torch.utils.data import DataLoader\nloader = DataLoader([], batch_size=4, num_workers=4)\n"
CUDA = "FROM nvidia/cuda:12.4.1-devel-ubuntu22.04\nRUN pip install torch\n"


def told(check: str, cause: str, words: str) -> tuple[tuple[str, str, str], ...]:
    return ((f"containers.{check}", cause, words),)


def image(text: str, **more: str) -> dict[str, str]:
    return {**APP, "Dockerfile": text, **{name.replace("__", "/").replace("_", "."): each for name, each in more.items()}}


def composed(services: str, **more: str) -> dict[str, str]:
    return {**APP, "compose.yaml": f"services:\n{services}", "Dockerfile": PYTHON + SERVE, **more}


SICK = (
    Kind(
        "a key in ENV",
        image(f"{PYTHON}ENV OPENAI_API_KEY={KEY}\n"),
        NUMPY,
        (),
        told("secrets", "key-in-image", "Dockerfile:6 holds the value of OPENAI_API_KEY in ENV"),
    ),
    Kind(
        "a key handed over as ARG",
        image(f"{PYTHON}ARG HF_TOKEN\nRUN HF_TOKEN=$HF_TOKEN python app.py\n"),
        NUMPY,
        (),
        told("secrets", "key-in-image", "Dockerfile:6 takes HF_TOKEN in ARG"),
    ),
    Kind(
        ".env is copied by its name",
        {**image(f"{PYTHON}COPY .env app.py /app/\n"), ".env": "A=1\n"},
        NUMPY,
        (),
        told(
            "secrets", "key-in-image", "Dockerfile:6 copies .env into the image (COPY .env app.py), and there is no .dockerignore"
        ),
    ),
    Kind(
        ".env is copied with everything",
        {**image(f"{PYTHON}COPY . .\n"), ".env": "A=1\n", ".dockerignore": "**/__pycache__\n*.md\n"},
        NUMPY,
        (),
        told("secrets", "key-in-image", "(COPY .), which no line of .dockerignore excludes"),
    ),
    Kind(
        "NVIDIA's driver in the image",
        image("FROM ubuntu:24.04\nRUN apt-get update && \\\n    apt-get install -y nvidia-driver-550 python3\n"),
        NUMPY,
        (),
        told("gpu", "driver-in-image", "Dockerfile:2 installs nvidia-driver-550"),
    ),
    Kind(
        "all GPUs are hidden",
        {**TORCH, "Dockerfile": 'FROM nvidia/cuda:12.4.1-runtime-ubuntu22.04\nENV CUDA_VISIBLE_DEVICES=""\n'},
        ("torch",),
        (),
        (("project.gpu", "gpu-needed-by-code", "train.py:2"), *told("gpu", "gpu-hidden-in-image", "Dockerfile:2")),
    ),
    Kind(
        "CUDA's compilers for nothing",
        image(CUDA),
        NUMPY,
        (),
        told("gpu", "devel-base", "starts from nvidia/cuda:12.4.1-devel-ubuntu22.04"),
    ),
    Kind(
        "one library in two versions, in one command",
        image(
            "FROM python:3.12\nCOPY . .\nRUN pip install torch==2.4.0 \\\n  -r requirements.txt\n",
            requirements_txt="numpy\ntorch==2.3.1\n",
        ),
        ("numpy", "torch 2.3.1"),
        told("build", "pinned-twice", "torch==2.4.0 (Dockerfile:3) and torch==2.3.1 (requirements.txt:2) in one command"),
    ),
    Kind(
        "one library in two versions, one after the other",
        image("FROM python:3.12\nRUN pip install numpy==2.0.0\nRUN pip3 install numpy==2.1.0\n"),
        NUMPY,
        (),
        told("build", "pinned-twice", "the second replaces the first"),
    ),
    Kind(
        "a base image with another Python than the pins support",
        image(
            "FROM python:3.12\nCOPY requirements.txt /tmp/\nRUN pip install -r /tmp/requirements.txt\n",
            requirements_txt="numpy==1.24.3\n",
        ),
        ("numpy 1.24.3",),
        told("build", "image-cannot-build", "numpy==1.24.3 (requirements.txt:1; wheels begin with 1.26.0)"),
    ),
    Kind(
        "a base image with another Python than the project requires",
        {
            "pyproject.toml": '[project]\nname = "s"\nversion = "1"\nrequires-python = ">=3.10"\ndependencies = ["numpy"]\n',
            "s/__init__.py": "import numpy\n",
            "Dockerfile": "ARG PY=3.8\nFROM python:${PY}-slim\nCOPY . .\nRUN python -m pip install .\n",
        },
        NUMPY,
        told("build", "image-cannot-build", "starts from Python 3.8, and the project requires >=3.10"),
    ),
    Kind(
        "a devcontainer with another Python",
        {
            "pyproject.toml": '[project]\nname = "s"\nversion = "1"\nrequires-python = ">=3.10"\ndependencies = ["numpy"]\n',
            "s/__init__.py": "import numpy\n",
            ".devcontainer/devcontainer.json": '{\n  // the image\n  "image": "mcr.microsoft.com/devcontainers/python:1-3.8",\n}\n',
        },
        NUMPY,
        told("build", "image-cannot-build", "devcontainer.json:3 starts from Python 3.8"),
    ),
    Kind(
        "localhost as the address of another service",
        composed(f"  app:\n    build: .\n    environment:\n      DATABASE_URL: postgresql://u:p@localhost:5432/d\n{DATABASE}"),
        NUMPY,
        told(
            "services",
            "localhost-between-services",
            "compose.yaml:5 sends app to localhost:5432 (DATABASE_URL), and PostgreSQL is",
        ),
    ),
    Kind(
        "the published port of another service on localhost, in a list",
        composed(f"  app:\n    build: .\n    environment:\n      - DATABASE_URL=postgresql://u:p@127.0.0.1:5433/d\n{DATABASE}"),
        NUMPY,
        told("services", "localhost-between-services", "write db:5432"),
    ),
    Kind(
        "a host without a port",
        composed(f"  app:\n    build: .\n    environment:\n      POSTGRES_HOST: localhost\n{DATABASE}"),
        NUMPY,
        told("services", "localhost-between-services", "sends app to localhost:5432 (POSTGRES_HOST)"),
    ),
    Kind(
        "localhost from .env, with anchors and profiles",
        {
            **composed(
                f"  app:\n    <<: *common\n    profiles: [web]\n{DATABASE}  tracking:\n    image: ghcr.io/mlflow/mlflow:v3.1.0\n"
                "    command: mlflow server --host 0.0.0.0\n    ports: ['5000:5000']\n"
            ),
            ".env": "A=1\nMLFLOW_TRACKING_URI=http://localhost:5000\n",
            "compose.yaml": "x-common: &common\n  build: .\n  env_file: .env\nservices:\n  app:\n    <<: *common\n    profiles: [web]\n"
            "  tracking:\n    image: ghcr.io/mlflow/mlflow:v3.1.0\n    command: mlflow server --host 0.0.0.0\n    ports: ['5000:5000']\n",
        },
        NUMPY,
        told("services", "localhost-between-services", ".env:2 sends app to localhost:5000 (MLFLOW_TRACKING_URI)"),
    ),
    Kind(
        "a server on 127.0.0.1 behind a published port",
        composed("  app:\n    build: .\n    command: uvicorn app:app --host 127.0.0.1 --port 8000\n    ports: ['8000:8000']\n"),
        NUMPY,
        told("services", "server-on-loopback", "compose.yaml:2 starts app on 127.0.0.1 (127.0.0.1)"),
    ),
    Kind(
        "a server that listens on its own machine by itself",
        composed("  app:\n    build: .\n    ports: ['8000:8000']\n", Dockerfile=f"{PYTHON}CMD uvicorn app:app --port 8000\n"),
        NUMPY,
        told("services", "server-on-loopback", "Dockerfile:6 starts app on 127.0.0.1 (uvicorn without --host)"),
    ),
    Kind(
        "an exposed port without compose",
        image(f'{PYTHON}EXPOSE 5000\nENTRYPOINT ["python", "-m", "flask", "run"]\n'),
        NUMPY,
        told("services", "server-on-loopback", "Dockerfile:7 starts the server on 127.0.0.1 (flask run without --host)"),
    ),
    Kind(
        "a key in a compose file",
        composed(f"  app:\n    build: .\n    environment:\n      - GROQ_API_KEY={KEY}\n"),
        NUMPY,
        (),
        told("secrets", "key-in-compose", "compose.yaml:5 holds the value of GROQ_API_KEY for app"),
    ),
    Kind(
        "workers without shared memory, and a GPU that nobody reserves",
        {
            **TORCH,
            "train.py": TORCH["train.py"] + LOADER,
            "Dockerfile": 'FROM python:3.12\nCMD ["python", "train.py"]\n',
            "compose.yaml": "services:\n  trainer:\n    build: .\n",
        },
        WITH_DATA,
        (),
        (
            ("project.gpu", "gpu-needed-by-code", "train.py:2"),
            (
                "containers.resources",
                "gpu-not-reserved",
                "compose.yaml:2 reserves no GPU for trainer, and train.py:2 asks for one",
            ),
            (
                "containers.resources",
                "small-shared-memory",
                "compose.yaml:2 leaves trainer 64 MB of shared memory, and train.py:4",
            ),
        ),
    ),
    Kind(
        "a Dockerfile without FROM",
        image("RUN pip install numpy\n"),
        NUMPY,
        (),
        told("files", "container-file-unreadable", "no FROM"),
    ),
    Kind(
        "a Dockerfile with a line that is none",
        image("FROM python:3.12\npip install numpy\n"),
        NUMPY,
        (),
        told("files", "container-file-unreadable", "Dockerfile:2 cannot be used: unknown instruction pip"),
    ),
    Kind(
        "a compose file that is no YAML",
        composed("  app: [\n", Dockerfile=PYTHON),
        NUMPY,
        (),
        told("files", "container-file-unreadable", "compose.yaml:3 cannot be used: not valid YAML"),
    ),
    Kind(
        "a devcontainer that is no JSON",
        {**APP, ".devcontainer/devcontainer.json": '{\n  "image": python\n}\n'},
        NUMPY,
        (),
        told("files", "container-file-unreadable", "devcontainer.json:2 cannot be used: not valid JSON"),
    ),
)

HEALTHY = (
    Kind("a small image", image(PYTHON + "EXPOSE 8000\n" + SERVE), NUMPY),
    Kind(
        "keys come when it runs, and others are public",
        image(
            f"{PYTHON}ENV GPG_KEY={KEY} OPENAI_API_KEY= HF_TOKEN=your-token-here SECRET_KEY=$SECRET TOKENIZERS_PARALLELISM=false\n"
            "RUN --mount=type=secret,id=HF_TOKEN cat /run/secrets/HF_TOKEN\nARG PIP_INDEX_URL\nARG TOKEN=changeme\n"
        ),
        NUMPY,
    ),
    Kind(
        ".env stays outside",
        {**image(f"{PYTHON}COPY . .\n"), ".env": "A=1\n", ".dockerignore": "# all\n.git\n**/.env*\n!.env.example\n"},
        NUMPY,
    ),
    Kind(
        ".env is in a stage that is thrown away",
        {**image("FROM python:3.12 AS build\nCOPY . .\nFROM python:3.12-slim\nCOPY --from=build /app /app\n"), ".env": "A=1\n"},
        NUMPY,
    ),
    Kind(
        "CUDA's compilers, and something to compile",
        image(
            "FROM nvidia/cuda:12.4.1-devel-ubuntu22.04\nRUN pip install torch && pip install flash-attn --no-build-isolation\n"
        ),
        NUMPY,
    ),
    Kind(
        "CUDA's libraries without its driver",
        image("FROM ubuntu:24.04\nRUN apt-get install -y cuda-toolkit-12-4 nvidia-container-toolkit libnvidia-container1\n"),
        NUMPY,
    ),
    Kind("no GPU on purpose", image(f"{PYTHON}ENV CUDA_VISIBLE_DEVICES=\n"), NUMPY),
    Kind(
        "one version in two places",
        image(
            "FROM python:3.12\nRUN pip install numpy==2.0.0 && pip install numpy==2.0.0+cpu\nRUN pip install -r requirements.txt\n"
        ),
        NUMPY,
    ),
    Kind(
        "services by their names",
        composed(
            f"  app:\n    build: .\n    environment:\n      DATABASE_URL: postgresql://u:p@db:5432/d\n      REDIS_URL: redis://cache:6379\n"
            f"{DATABASE}  cache:\n    image: redis:7\n"
        ),
        NUMPY,
    ),
    Kind(
        "localhost is its own, or a browser's",
        composed(
            "  app:\n    build: .\n    ports: ['8000:8000']\n    environment:\n      SELF_URL: http://localhost:8000\n"
            f"      CORS_ORIGINS: http://localhost:5432\n      VITE_API: http://localhost:5433\n{DATABASE}"
            "    healthcheck:\n      test: curl http://localhost:5432\n"
        ),
        NUMPY,
    ),
    Kind(
        ".env for programs outside, overridden inside",
        {
            **composed(
                f"  app:\n    build: .\n    env_file: [.env]\n    environment:\n      DATABASE_URL: postgresql://u:p@db/d\n{DATABASE}"
            ),
            ".env": "DATABASE_URL=postgresql://u:p@localhost:5433/d\n",
            "app.py": "import numpy, dotenv\ndotenv.load_dotenv()\n",
            "requirements.txt": "numpy\npython-dotenv\n",
        },
        (*NUMPY, "python-dotenv: dotenv/__init__.py"),
    ),
    Kind(
        "the machine's own network",
        composed(
            "  app:\n    build: .\n    network_mode: host\n    environment:\n      DATABASE_URL: postgresql://u:p@localhost:5433/d\n"
            + DATABASE
        ),
        NUMPY,
    ),
    Kind(
        "a server that is told where to listen by a variable, a file or a socket",
        composed(
            "  app:\n    build: .\n    command: uvicorn app:app\n    ports: ['8000:8000']\n    environment: {UVICORN_HOST: 0.0.0.0}\n"
            "  b:\n    build: .\n    command: gunicorn -c conf.py app:app\n    ports: ['8001:8000']\n"
            "  c:\n    build: .\n    command: streamlit run app.py\n    ports: ['8501:8501']\n"
            "  d:\n    build: .\n    command: sh -c 'uvicorn app:app --host=$HOST'\n    ports: ['8002:8000']\n"
            "  e:\n    build: .\n    command: [gunicorn, -b, '0.0.0.0:80', app]\n    ports: [{target: 80, published: 8003}]\n"
        ),
        NUMPY,
    ),
    Kind(
        "a password for a database of the developer's own",
        composed(
            "  db:\n    image: postgres:16\n    environment:\n      POSTGRES_PASSWORD: Kd8Fj3Lq9Wm2Zx7Rt5Vb\n      OPENAI_API_KEY: ${OPENAI_API_KEY}\n"
        ),
        NUMPY,
    ),
    Kind(
        "room for workers, and a GPU where there is one",
        {
            "train.py": "import torch\n" + LOADER,
            "Dockerfile": 'FROM python:3.12\nCMD ["python", "train.py"]\n',
            "compose.yaml": "services:\n  trainer:\n    build: .\n    gpus: all\n    shm_size: 8gb\n",
        },
        WITH_DATA,
    ),
    Kind("a template of a Dockerfile", {**APP, "Dockerfile": "FROM {{ image }}\n", "Dockerfile.j2": "{% if %}\n"}, NUMPY),
    Kind(
        "here-documents, another escape and comments within a line",
        image(
            "# escape=`\nFROM python:3.12\nRUN pip install `\n  # a comment\n\n  numpy\nRUN <<EOF\npip install pandas\nFROM nowhere\nEOF\n"
        ),
        NUMPY,
    ),
    Kind(
        "examples are not the project's own",
        {**APP, "examples/a/Dockerfile": "nonsense\n", "tests/compose.yaml": "a: [\n"},
        NUMPY,
    ),
)
