"""Lists of packages in every form that people paste."""

from __future__ import annotations

import json

import pytest

from mlenv_doctor.knowledge.package_lists import package_list

FREEZE = "numpy==1.26.4\nPyYAML==6.0.1  # comment\ntorch==2.5.1+cu124\nfoo @ file:///x/foo-1.2.3-py3-none-any.whl\n-e git+https://x/y#egg=z\n"
PIP = "Package    Version\n---------- -------\nnumpy      1.26.4\nscikit-learn 1.5.0 /home/u/x\n"
CONDA = "# packages in environment at /opt/conda/envs/ml:\n#\n# Name      Version   Build  Channel\nnumpy  1.26.4  py311h1  conda-forge\npython  3.11.7  h95  conda-forge\n_libgcc_mutex  0.1  main\n"
SMI = "| NVIDIA-SMI 550.54.15   Driver Version: 550.54.15   CUDA Version: 12.4  |\n"


def test_pip_freeze() -> None:
    found = package_list(FREEZE)
    assert found and found.versions == {"numpy": "1.26.4", "pyyaml": "6.0.1", "torch": "2.5.1+cu124", "foo": "1.2.3", "z": ""}
    assert not found.complete


@pytest.mark.parametrize(
    "text", [PIP, json.dumps([{"name": "numpy", "version": "1.26.4"}, {"name": "Scikit_Learn", "version": "1.5.0"}])]
)
def test_pip_list(text: str) -> None:
    found = package_list(text)
    assert found and found.versions == {"numpy": "1.26.4", "scikit-learn": "1.5.0"}


def test_conda_list() -> None:
    found = package_list(CONDA)
    assert found and (found.python, found.versions["numpy"], found.prefix, found.complete) == (
        "3.11.7",
        "1.26.4",
        "/opt/conda/envs/ml",
        True,
    )


def test_nvidia_smi() -> None:
    found = package_list(SMI)
    assert found and found.versions == {"nvidia-driver": "550.54.15", "cuda-of-driver": "12.4"}


def test_a_long_list_is_all_there_is() -> None:
    found = package_list("".join(f"package{number}==1.0\n" for number in range(20)))
    assert found and found.complete and found.absent("torch")


@pytest.mark.parametrize("text", ["", "hello world", "RuntimeError: x == 3", '{"a": 1}', "[1, 2]", "[", "name  word"])
def test_what_is_no_list(text: str) -> None:
    assert package_list(text) is None


EXPORT = "name: ml\nchannels:\n  - conda-forge\ndependencies:\n  - python=3.11.7=h955ad1f_0\n  - conda-forge::numpy=1.26.4=py311h0\n  - pip:\n      - torch==2.5.1\nprefix: /opt/conda/envs/ml\n"


def test_conda_env_export() -> None:
    found = package_list(EXPORT)
    assert found and found.versions == {"numpy": "1.26.4", "torch": "2.5.1"}
    assert (found.python, found.prefix, found.complete) == ("3.11.7", "/opt/conda/envs/ml", True)


def test_an_environment_file_that_somebody_wrote_does_not_name_everything() -> None:
    found = package_list("dependencies:\n" + "".join(f"  - package{number}=1.0\n" for number in range(20)))
    assert found and not found.complete and not found.absent("torch")
    assert package_list("dependencies:\n  - numpy\n  - python>=3.9\n") is None


INSPECT = {
    "version": "1", "pip_version": "24.0", "environment": {"python_full_version": "3.11.7"},
    "installed": [{"metadata": {"name": "Scikit_Learn", "version": "1.5.0"}}, {"metadata": None}, 7],
}  # fmt: skip


def test_pip_inspect() -> None:
    found = package_list(json.dumps(INSPECT))
    assert found and (found.versions, found.python) == ({"scikit-learn": "1.5.0"}, "3.11.7")
    without = package_list(json.dumps({**INSPECT, "environment": []}))
    assert without and without.python == ""


LOCK = 'version = 1\n\n[[package]]\nname = "numpy"\nversion = "1.26.4"\n\n[[package]]\nname = "torch"\nversion = "2.5.1"\n\n[[package]]\nname = "torch"\nversion = "2.6.0"\n'


@pytest.mark.parametrize("text", [LOCK, LOCK.replace("[[package]]", "[[packages]]"), LOCK.replace("\n", "\r\n")])
def test_lock_files(text: str) -> None:
    """What is locked in several versions is installed in one of them."""
    found = package_list(text)
    assert found and found.versions == {"numpy": "1.26.4", "torch": ""}
    assert found.absent("openai") and not found.absent("torch")


def test_uv_pip_tree() -> None:
    found = package_list("openai v1.40.0\n├── httpx v0.27.0\n│   └── anyio v4.4.0\n└── anyio v4.4.0 (*)\n")
    assert found and found.versions == {"openai": "1.40.0", "httpx": "0.27.0", "anyio": "4.4.0"}


def test_what_was_installed_from_a_folder_is_not_missing() -> None:
    pins = "".join(f"package{number}==1.0\n" for number in range(20))
    found = package_list(f"numpy @ file:///croot/numpy_1/work\n-e git+https://x/y@abc#egg=zed\n{pins}")
    assert found and found.complete
    assert not found.absent("numpy") and not found.absent("zed") and found.absent("torch")
