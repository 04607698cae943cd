"""Libraries that load and do not work, and some that look alike and do. Real libraries, small ones, each in its own environment."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable

from lab.heavy import heavy_venv
from lab.patient import Patient
from lab.real import real, shell
from lab.somebody import as_somebody
from lab.visit import Visit
from lab.ward import Ward

UNSHARE = shutil.which("unshare")
DEEP = ("--deep",)


def of_work(visit: Visit, *statuses: str) -> dict[str, dict[str, str]]:
    """What was found by real work, by its subject."""
    return {f["subject"]: f for f in visit.findings(*statuses) if f["id"] == "libraries.work"}


def works(*names: str) -> Callable[[Visit], None]:
    """All of these did real work, or all that a busy machine had the time for."""

    def look(visit: Visit) -> None:
        assert of_work(visit, "pass"), visit
        assert set(names) <= set(of_work(visit, "pass", "unknown")), visit

    return look


def fails(name: str, *words: str) -> Callable[[Visit], None]:
    """Real work with this library shows the one fault, and says so in these words."""

    def look(visit: Visit) -> None:
        found = of_work(visit, "fail")
        assert set(found) == {name}, visit
        assert all(word in found[name]["message"] for word in words), visit

    return look


def explained(name: str, by: str) -> Callable[[Visit], None]:
    """That it does not work is said once: another check names the fault."""

    def look(visit: Visit) -> None:
        assert of_work(visit, "skip")[name]["blocked_by"].startswith(by), visit

    return look


def start_file(text: str, name: str = "startup/00-mine.py") -> Callable[[Ward], None]:
    """A file of the user's that IPython runs at its start."""

    def harm(ward: Ward) -> None:
        file = ward.home / ".ipython/profile_default" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)

    return harm


def setting(text: str) -> Callable[[Ward], None]:
    """The user's own settings of matplotlib."""

    def harm(ward: Ward) -> None:
        (ward.home / ".config/matplotlib").mkdir(parents=True)
        (ward.home / ".config/matplotlib/matplotlibrc").write_text(text)

    return harm


def variables(**found: str) -> Callable[[Ward], None]:
    return lambda ward: ward.environ.update(found)


def mounts(*lines: str) -> Callable[[Ward], None]:
    return lambda ward: ward.mounts.extend(lines)


def interposed(ward: Ward) -> None:
    """A BLAS that computes something else: its product of matrices is taken over by a library that is loaded first."""
    names = ("scipy_cblas_dgemm64_", "cblas_dgemm64_", "cblas_dgemm")
    source = ward.root / "wrong.c"
    source.write_text("".join(f"void {name}(void) {{}}\n" for name in names))
    subprocess.run(["gcc", "-shared", "-fPIC", "-o", ward.root / "wrong.so", source], check=True)
    ward.environ["LD_PRELOAD"] = str(ward.root / "wrong.so")


def few_processes(ward: Ward) -> None:
    """A plain user's Python that may start few processes: the doctor's own are counted, too."""
    ward.environ["OPENBLAS_NUM_THREADS"] = "1"
    (ward.site / "few.pth").write_text("import resource; resource.setrlimit(resource.RLIMIT_NPROC, (6, 6))\n")
    as_somebody(ward)


def without_home(ward: Ward) -> None:
    del ward.environ["HOME"]


def all_of(*harms: Callable[[Ward], object]) -> Callable[[Ward], None]:
    def harm(ward: Ward) -> None:
        for one in harms:
            one(ward)

    return harm


def patched(file: str, old: str, new: str) -> Callable[[Ward], None]:
    """Another text in a file of a library; its list of files knows nothing of hashes."""

    def harm(ward: Ward) -> None:
        path = ward.site / file
        text = path.read_text()
        assert old in text, f"{file} has changed"
        path.write_text(text.replace(old, new, 1))
        top = file.partition("/")[0]
        (record,) = ward.site.glob(f"{top}-*.dist-info/RECORD")
        lines = (line.split(",")[0] + ",," if line.startswith(file) else line for line in record.read_text().splitlines())
        record.write_text("\n".join(lines) + "\n")

    return harm


def sick(
    id: str, *packages: str, red: tuple[str, ...] = ("does-not-work",), harm: Callable[[Ward], object] | None = None,
    also: Callable[[Visit], object] | None = None, needs: tuple[str, ...] = (), yellow: tuple[str, ...] | None = None,
) -> Patient:  # fmt: skip
    return Patient(id, real(*packages, harm=harm), red, yellow=yellow, also=also, args=DEEP, needs=needs, slow=True)


def well(id: str, *packages: str, harm: Callable[[Ward], object] | None = None, needs: tuple[str, ...] = ()) -> Patient:
    names = [package.partition("=")[0] for package in packages]
    proven = [name for name in names if name not in ("pyarrow", "ipykernel", "httpx", "scikit-learn>", "uvicorn", "matplotlib>")]
    return sick(id, *packages, red=(), harm=harm, also=works(*proven), needs=needs)


def tiny_transformer(
    id: str, red: tuple[str, ...], harm: Callable[[Ward], object] = lambda ward: None, *, also: Callable[[Visit], object]
) -> Patient:  # fmt: skip
    """Transformers with the torch of the prepared environment."""

    def make(ward: Ward) -> None:
        real("transformers", harm=harm)(ward)
        (ward.site / "torch.pth").write_text(f"{next(heavy_venv().glob('lib/python*/site-packages'))}\n")

    return Patient(id, make, red, yellow=None, also=also, args=DEEP, needs=("heavy",), slow=True)


NUMPY, KERNEL = "numpy==2.4.6", "ipykernel==7.3.0"
PATIENTS = [
    well("numpy, pandas and files", "numpy", "pandas", "pyarrow"),
    well("a plot without a home folder", "matplotlib", harm=without_home),
    well("start files that only print", "ipykernel", harm=start_file("print('hello')\n")),
    sick("SDKs behind a proxy that does not answer", "openai", red=("dead-proxy",), harm=variables(HTTPS_PROXY="http://127.0.0.1:9", HTTP_PROXY="http://127.0.0.1:9"), also=works("openai")),
    well("a service", "fastapi", "uvicorn"),
    sick("numpy solves wrongly", "numpy", red=("wrong-result",), harm=patched("numpy/linalg/_linalg.py", "r = gufunc(a, b, signature=signature)", "r = gufunc(a, b, signature=signature) * 1.001"), also=fails("numpy", "solving equations", "off by")),
    sick("numpy transforms wrongly", "numpy", red=("wrong-result",), harm=patched("numpy/fft/_pocketfft.py", "    if not is_forward:\n        norm = _swap_direction(norm)\n", "    a = a * 2\n"), also=fails("numpy", "Fourier")),
    sick("a BLAS that multiplies wrongly", "numpy", red=("wrong-result",), harm=interposed, needs=("gcc",), also=fails("numpy", "multiplying")),
    sick("pandas rests on a wrong numpy", "numpy", "pandas", red=("wrong-result",), harm=patched("numpy/linalg/_linalg.py", "r = gufunc(a, b, signature=signature)", "r = gufunc(a, b, signature=signature) * 1.001"), also=fails("numpy", "solving")),
    sick("no data of time zones", "pandas", red=(), harm=all_of(mounts("mount -t tmpfs none /usr/share/zoneinfo"), shell("rm -rf tzdata tzdata-*.dist-info")), needs=("root",), also=works("pandas")),
    sick("text by LaTeX without LaTeX", "matplotlib", red=("latex-missing",), harm=setting("text.usetex: True\n"), also=fails("matplotlib", "LaTeX")),
    sick("a start file that ends the kernel", "ipykernel", red=("kernel-dies",), harm=start_file("import os\nos._exit(3)\n"), also=fails("ipykernel", "dies at its start")),
    sick("a setting that ends the kernel", "ipykernel", red=("kernel-dies",), harm=start_file("raise SystemExit('not today')\n", "ipython_kernel_config.py"), also=fails("ipykernel", "dies")),
    sick("a start file that never ends", "ipykernel", harm=start_file("import time\ntime.sleep(1000)\n"), also=fails("ipykernel", "hangs at starting a kernel")),
    sick("a start file that replaces print", "ipykernel", red=("wrong-result",), harm=start_file("print = lambda *words: None\n"), also=fails("ipykernel", "a cell printed")),
    sick("an old lightgbm with a new scikit-learn", "lightgbm==4.5.0", "scikit-learn>=1.8", red=("known-bad-pair",), also=explained("lightgbm", "libraries.pairs")),
    sick("an SDK whose httpx lost an argument", "openai==1.40.0", "httpx==0.28.1", red=("known-bad-pair",), also=explained("openai", "libraries.")),
    sick("few processes are allowed", "scikit-learn", red=("no-process-limit",), harm=few_processes, needs=("root", "setpriv"), also=fails("scikit-learn", "no more processes")),
    sick("this machine cannot talk to itself", "fastapi", "uvicorn", red=("loopback-down",), harm=lambda ward: ward.mounts.append(f'exec {UNSHARE} --net "$@"'), needs=("root",), also=fails("fastapi", "cannot reach itself")),
    well("a tokenizer, a chain and vectors", "tokenizers", "langchain-core", "chromadb"),
    sick("a tokenizer decodes wrongly", "tokenizers", red=("wrong-result",), harm=patched("tokenizers/decoders/__init__.py", "ByteLevel = decoders.ByteLevel", "ByteLevel = lambda: decoders.Fuse()"), also=fails("tokenizers", "encoding and decoding", "is decoded as")),
    sick("chromadb finds the wrong vector", "chromadb", red=("wrong-result",), harm=patched("chromadb/api/models/Collection.py", 'query_embeddings=query_request["embeddings"]', 'query_embeddings=[-one for one in query_request["embeddings"]]'), also=fails("chromadb", "querying vectors", "nearest")),
    sick("chromadb takes no vectors", "chromadb", harm=patched("chromadb/api/models/Collection.py", "add_request = self._validate_and_prepare_add_request(", "raise RuntimeError('no such tenant here')\n        add_request = self._validate_and_prepare_add_request("), also=fails("chromadb", "adding vectors", "no such tenant here")),
    sick("a chain changes what the model said", "langchain-core", red=("wrong-result",), harm=patched("langchain_core/output_parsers/string.py", "return text", "return text.upper()"), also=fails("langchain-core", "running a chain")),
    tiny_transformer("a tiny transformer", (), also=works("transformers")),
    tiny_transformer("a transformer that computes no numbers", ("wrong-result",), patched("transformers/models/bert/modeling_bert.py", "embeddings = embeddings + position_embeddings", "embeddings = embeddings * float('nan')"), also=fails("transformers", "not finite")),
    sick("seaborn of 2022 with the pandas of today", "seaborn==0.12.0", "matplotlib", "pandas>=3", red=("known-bad-pair",), also=explained("seaborn", "libraries.pairs")),
]  # fmt: skip
