"""What general rules understand, with and without facts, each kind with a look-alike."""

from __future__ import annotations

import pytest

from mlenv_doctor.knowledge.reading import Kind

from .reading import cures, of

SITE = "/v/lib/python3.11/site-packages"


def frame(file: str, line: int = 1, function: str = "<module>") -> str:
    return f'  File "{file}", line {line}, in {function}\n    x\n'


def test_user_and_provider_of_a_name() -> None:
    text = frame("/home/u/app.py") + frame(f"{SITE}/gradio/oauth.py", 12)
    text += f"ImportError: cannot import name 'HfFolder' from 'huggingface_hub' ({SITE}/huggingface_hub/__init__.py)"
    reading = of(text, {"gradio": "4.44", "huggingface-hub": "1.0.1"})
    assert (reading.kind, reading.cause, reading.culprit) == (Kind.ENVIRONMENT, "known-bad-pair", "gradio")
    assert "huggingface-hub<1" in cures(reading) and "gradio" in cures(reading)
    unknown = of(text.replace("gradio", "gradia"))
    assert (unknown.culprit, unknown.cause) == ("gradia", "known-bad-pair") and "huggingface-hub<1.0" in cures(unknown)


def test_an_attribute_that_a_module_does_not_have_is_the_same_fault() -> None:
    text = frame(f"{SITE}/datasets/features/features.py") + "AttributeError: module 'pyarrow' has no attribute 'PyExtensionType'"
    reading = of(text, {"datasets": "2.14.4", "pyarrow": "21.0.0"})
    assert (reading.cause, reading.culprit) == ("known-bad-pair", "datasets")
    assert "pyarrow<21" in cures(reading)
    old = of(text, {"pyarrow": "0.17"})
    assert (old.cause, old.culprit) == ("too-old-version", "pyarrow")


def test_two_distributions_share_one_package() -> None:
    text = (
        frame(f"{SITE}/langgraph/prebuilt/tool_node.py") + "ImportError: cannot import name 'ServerInfo' from 'langgraph.runtime'"
    )
    reading = of(text, {"langgraph": "1.0.10", "langgraph-prebuilt": "1.0.13"})
    assert reading.culprit == "langgraph-prebuilt"
    assert "langgraph-prebuilt 1.0.13" in reading.message and "langgraph 1.0.10" in reading.message


def test_frames_that_pass_from_one_library_into_another() -> None:
    text = frame(f"{SITE}/shap/explainers/_tree.py", 9, "f") + frame(f"{SITE}/xgboost/core.py", 2, "g")
    text += "AttributeError: 'Booster' object has no attribute 'save_raw_old'"
    reading = of(text, {"shap": "0.41", "xgboost": "3.0"})
    assert (reading.cause, reading.culprit) == ("known-bad-pair", "shap")
    assert "shap 0.41" in reading.message and "xgboost 3.0" in reading.message
    lone = of(frame(f"{SITE}/xgboost/core.py", 2, "g") + "AttributeError: 'Booster' object has no attribute 'save_raw_old'")
    assert lone.kind is Kind.UNKNOWN


def test_requirements_of_what_is_installed_decide() -> None:
    text = frame(f"{SITE}/a_lib/x.py") + "ImportError: cannot import name 'g' from 'b_lib'"
    known = {"a-lib": "2", "b-lib": "1"}
    reading = of(text, known, requires={"a-lib": ("b-lib>=2",)})
    assert (reading.cause, reading.cure and reading.cure.install) == ("dependency-conflict", ("b-lib>=2",))
    assert of(text, known, requires={"a-lib": ("b-lib>=1",)}).cause == "known-bad-pair"


def test_a_library_that_is_not_installed() -> None:
    reading = of(
        "ModuleNotFoundError: No module named 'peft'", {"torch": "2.9"}, complete=True, declared={"peft": "requirements.txt:3"}
    )
    assert (reading.cause, reading.culprit) == ("not-installed", "peft")
    assert "requirements.txt:3" in reading.message
    assert of("No module named 'psycopg2'").cure.install == ("psycopg2-binary",)  # type: ignore[union-attr]
    there = of("ModuleNotFoundError: No module named 'peft'", {"peft": "0.17"}, complete=True)
    assert there.cause == "pip-python-mismatch"


def test_a_name_that_no_table_knows_is_never_installed() -> None:
    reading = of("ModuleNotFoundError: No module named 'helpers_of_ours'")
    assert reading.kind is Kind.UNKNOWN
    assert reading.cure and not reading.cure.install


def test_a_misspelled_import_is_the_programs() -> None:
    reading = of(frame("/home/u/a.py") + "ModuleNotFoundError: No module named 'streamlite'")
    assert (reading.kind, reading.cause, reading.where) == (Kind.PROGRAM, "user-typo-in-import", "a.py:1")
    assert reading.cure and not reading.cure.install


@pytest.mark.parametrize(
    ("text", "kind", "cause"),
    [
        (frame("/home/u/streamlit.py") + "ModuleNotFoundError: No module named 'streamlit.web'; 'streamlit' is not a package", Kind.ENVIRONMENT, "shadowed-by-file"),
        ("ModuleNotFoundError: No module named 'distutils'", Kind.ENVIRONMENT, "distutils-removed"),
        ("ModuleNotFoundError: No module named '_ctypes'", Kind.ENVIRONMENT, "stdlib-extension-missing"),
        ("ModuleNotFoundError: No module named 'tkinter'", Kind.ENVIRONMENT, "stdlib-extension-missing"),
        ("ModuleNotFoundError: No module named 'pkg_resources'", Kind.ENVIRONMENT, "pkg-resources-removed"),
        ("/v/bin/python: No module named ipykernel_launcher", Kind.ENVIRONMENT, "kernel-not-registered"),
        ("/v/bin/python: No module named pip", Kind.ENVIRONMENT, "no-pip-in-venv"),
        ("ModuleNotFoundError: No module named 'vllm._C'", Kind.ENVIRONMENT, "wrong-binary"),
        ("ModuleNotFoundError: No module named 'llama_index.llms.ollama'", Kind.ENVIRONMENT, "not-installed"),
        ("ImportError: cannot import name 'genai' from 'google' (unknown location)", Kind.ENVIRONMENT, "not-installed"),
        (frame("/home/u/a.py") + "ModuleNotFoundError: No module named 'utils'", Kind.PROGRAM, "project-module-not-found"),
        (frame("/home/u/a.py") + f"ImportError: cannot import name 'trapz' from 'scipy.integrate' ({SITE}/scipy/integrate/__init__.py)", Kind.PROGRAM, "user-code-removed-api"),
        (frame(f"{SITE}/yasa/x.py") + f"ImportError: cannot import name 'simps' from 'scipy.integrate' ({SITE}/scipy/integrate/__init__.py)", Kind.ENVIRONMENT, "known-bad-pair"),
        ("ImportError: cannot import name 'Mapping' from 'collections' (/usr/lib/python3.11/collections/__init__.py)", Kind.ENVIRONMENT, "python-too-new"),
        (frame("/home/u/a.py") + frame("/home/u/b.py") + "ImportError: cannot import name 'f' from partially initialized module 'a' (most likely due to a circular import) (/home/u/p/b.py)", Kind.ENVIRONMENT, "shadowed-by-file"),
        (frame("/home/u/p/one.py") + "ImportError: cannot import name 'f' from partially initialized module 'p.two' (most likely due to a circular import) (/home/u/p/two.py)", Kind.PROGRAM, "circular-import"),
        ("ImportError: cannot import name '_x' from partially initialized module 'p' (most likely due to a circular import) (/home/u/p/p/__init__.py)", Kind.ENVIRONMENT, "source-folder-shadows-install"),
    ],
)  # fmt: skip
def test_kinds_of_modules_and_names(text: str, kind: Kind, cause: str) -> None:
    reading = of(text)
    assert (reading.kind, reading.cause) == (kind, cause)


def test_pips_isolated_build_is_not_the_environment() -> None:
    text = "Getting requirements to build wheel did not run successfully.\n" + frame("/tmp/pip-build-env-x/overlay/a.py")
    reading = of(text + "ModuleNotFoundError: No module named 'torch'", {"torch": "2.9"}, complete=True)
    assert reading.cause == "build-isolation"
    assert "--no-build-isolation" in cures(reading)


def test_the_program_that_speaks_is_told_apart() -> None:
    assert of("ptxas fatal   : Value 'sm_121a' is not known").cause == "nvcc-mismatch"
    assert of("nvcc fatal   : Unsupported gpu architecture 'compute_86'").cause == "nvcc-arch-unsupported"
    assert of("RuntimeError: HIP error: invalid device function").cause == "rocm-arch"
    assert (
        of("RuntimeError: CUDA error: no kernel image is available for execution on the device").cause == "gpu-too-new-for-wheel"
    )
    assert of("cuDNN error: CUDNN_STATUS_VERSION_MISMATCH").cause == "cuda-library-shadowed"


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("ImportError: Please install the 'db-dtypes' package to use this function.", "db-dtypes"),
        ("ImportError: Missing optional dependency 'openpyxl'.  Use pip or conda to install openpyxl.", "openpyxl"),
        ("ImportError: X requires Foo, please run `pip install 'accelerate>=0.26.0'`", "accelerate>=0.26.0"),
        ("ValueError: Keras 3 is not yet supported in Transformers. Please install the backwards-compatible tf-keras package with `pip install tf-keras`.", "tf-keras"),
        ("LookupError:\n  Resource punkt_tab not found.\n  Please use the NLTK Downloader to obtain the resource:", "punkt_tab"),
        ("Exception: The official Pinecone python package has been renamed from `pinecone-client` to `pinecone`.", "pinecone"),
    ],
)  # fmt: skip
def test_the_cure_is_inside_the_message(text: str, wanted: str) -> None:
    reading = of(text)
    assert reading.kind is Kind.ENVIRONMENT
    assert wanted in cures(reading)


def test_a_command_that_somebody_typed_is_no_advice() -> None:
    assert of("$ pip install numpy\nall went well").kind is Kind.UNKNOWN
    assert of("I ran pip install torch and it works").kind is Kind.UNKNOWN


def test_a_stranger_in_a_message_never_becomes_a_command() -> None:
    reading = of("ImportError: please install it: pip install evil-package-of-somebody")
    assert not reading.cure or not reading.cure.install


def test_no_matching_distribution() -> None:
    none = of("ERROR: No matching distribution found for torch==1.11.0+cu113 (from versions: none)")
    assert none.cause == "python-too-new"
    index = of(
        "ERROR: Could not find a version that satisfies the requirement torch==1.9.0+cu102 (from versions: 1.8.1, 1.9.0, 1.9.1)"
    )
    assert index.cause == "local-version-needs-extra-index" and "https://download.pytorch.org/whl/cu102" in str(index.cure)
    gone = of("ERROR: Could not find a version that satisfies the requirement torch==9.9 (from versions: 2.8, 2.9)")
    assert gone.cause == "no-such-version"


def test_what_an_installer_was_asked_for_is_only_repeated_where_it_is_known() -> None:
    for text in (
        "ERROR: Failed building wheel for {}",
        "ERROR: No matching distribution found for {}==9+cu1 (from versions: 1.0)",
    ):
        assert of(text.format("numpy")).cure and of(text.format("numpy")).cure.install  # type: ignore[union-attr]
        assert of(text.format("numpyy-evil")).cure and not of(text.format("numpyy-evil")).cure.install  # type: ignore[union-attr]


def test_shared_libraries() -> None:
    assert of("ImportError: libGL.so.1: cannot open shared object file").cause == "libgl-missing"
    assert "libgl1" in cures(of("ImportError: libGL.so.1: cannot open shared object file"))
    assert of("OSError: libcudart.so.12: cannot open shared object file").cause == "cuda-library-missing"
    symbol = of(
        f"ImportError: {SITE}/flash_attn_2_cuda.cpython-311.so: undefined symbol: _ZN3c104cuda9SetDeviceEi", {"torch": "2.9.1"}
    )
    assert (symbol.cause, symbol.culprit) == ("extension-torch-abi", "flash-attn")
    assert of("ImportError: /x/a.so: undefined symbol: PyUnicode_Foo").cause == "wrong-binary"


def test_a_pair_that_is_known_to_be_bad_decides_by_the_versions() -> None:
    text = frame(f"{SITE}/openai/_client.py") + "TypeError: something strange"
    reading = of(text, {"openai": "1.40.0", "httpx": "0.28.1"})
    assert (reading.cause, reading.culprit) == ("known-bad-pair", "openai")
    assert of(text, {"openai": "1.99.0", "httpx": "0.28.1"}).cause != "known-bad-pair"
    proxies = of(
        text + "\nTypeError: Client.__init__() got an unexpected keyword argument 'proxies'",
        {"openai": "1.40.0", "httpx": "0.28.1"},
    )
    assert "openai 1.40.0" in proxies.message and proxies.cure and proxies.cure.install == ("openai>=1.55.3,<2",)


def test_what_is_certainly_absent_decides() -> None:
    text = 'RuntimeError: Form data requires "python-multipart" to be installed.'
    assert of(text, {"fastapi": "0.120"}, complete=True).cause == "not-installed"
    assert of(text, {"fastapi": "0.103", "python-multipart": "0.0.20"}, complete=True).cause == "known-bad-pair"
    elsewhere = "A module that was compiled using NumPy 1.x cannot be run in NumPy 2.0.1"
    assert of(elsewhere, {"fastapi": "0.120"}, complete=True).cause == "numpy2-abi"


def test_an_import_that_fails_by_a_version() -> None:
    text = ">>> import great_expectations as ge\nAttributeError: type object 'Draft9Validator' has no attribute 'FORMAT_CHECKER'"
    assert (of(text).cause, of(text).culprit) == ("known-bad-pair", "great-expectations")


def test_an_unexpected_argument() -> None:
    reading = of(frame("/home/u/a.py", 7) + "TypeError: Foo.__init__() got an unexpected keyword argument 'bar'")
    assert (reading.kind, reading.cause, reading.where) == (Kind.PROGRAM, "argument-renamed", "a.py:7")
    library = of(frame(f"{SITE}/flair/a.py", 7) + "TypeError: Foo.__init__() got an unexpected keyword argument 'bar'")
    assert (library.kind, library.culprit) == (Kind.ENVIRONMENT, "flair")


def test_what_is_not_known_is_said_and_what_was_understood() -> None:
    reading = of(frame("/home/u/a.py", 3) + frame(f"{SITE}/torch/nn/x.py") + "torch.StrangeError: gugus", {"torch": "2.9.1"})
    assert reading.kind is Kind.UNKNOWN
    assert any("StrangeError: gugus" in line for line in reading.understood)
    assert any("torch 2.9.1" in line for line in reading.understood)
    assert reading.where == "a.py:3" and reading.named == ("torch",)
