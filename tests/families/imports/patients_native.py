"""Compiled libraries that the system's loader or processor refuses: built with gcc here, refused for real."""

from __future__ import annotations

import subprocess
from collections.abc import Callable

from families.libraries.patients import red_are, says
from lab.patient import Patient
from lab.ward import Ward

NEEDS = ("gcc",)


def extension(library: str, source: str = "", *options: str, calls: str = "") -> Callable[[Ward], None]:
    """A library with a compiled module beside its __init__.py; `calls` is what it does there besides importing that."""

    def make(ward: Ward) -> None:
        ward.venv()
        package = ward.library(library, source=f"import os, ctypes\nHERE = os.path.dirname(__file__)\n{calls or LOAD}")
        compiled(ward, package / "_native.so", source, *options)

    return make


LOAD = "ctypes.CDLL(os.path.join(HERE, '_native.so'))"


def compiled(ward: Ward, target: object, source: str, *options: str) -> None:
    """Compile a shared library; `{root}` in an option is the ward's own folder."""
    command = ["gcc", "-shared", "-fPIC", "-xc", "-", "-o", str(target), *(o.format(root=ward.root) for o in options)]
    subprocess.run(command, input=source.encode(), check=True, cwd=ward.root)


def wanting(soname: str, version: str) -> Callable[[Ward], None]:
    """A library that was linked against a newer `soname` than this system has: one with a later version node."""

    def make(ward: Ward) -> None:
        (ward.root / "newer").mkdir()
        (ward.root / "newer/map").write_text(f"{version} {{ global: newer; }};\n")
        compiled(
            ward,
            ward.root / "newer" / soname,
            "int newer(void){return 1;}",
            f"-Wl,-soname,{soname}",
            "-Wl,--version-script={root}/newer/map",
            "-nostdlib",
        )
        extension(
            "scikit-learn",
            "int newer(void); int use(void){return newer();}",
            "-L{root}/newer",
            f"-l:{soname}",
            "-Wl,--no-as-needed",
        )(ward)

    return make


def lacking(soname: str) -> Callable[[Ward], None]:
    """A library that was linked against one that this system does not have at all."""

    def make(ward: Ward) -> None:
        (ward.root / "built").mkdir()
        compiled(ward, ward.root / "built" / soname, "int there(void){return 1;}", f"-Wl,-soname,{soname}")
        extension("lightgbm", "int there(void); int use(void){return there();}", "-L{root}/built", f"-l:{soname}")(ward)

    return make


def symbol(name: str, library: str = "torch") -> Callable[[Ward], None]:
    """A library that uses a symbol which nothing that is loaded has."""
    return extension(library, f"int {name}(void); int use(void){{return {name}();}}", "-Wl,-z,now")


def thirty_two_bits(ward: Ward) -> None:
    extension("pandas", "int x;")(ward)
    native = ward.site / "pandas/_native.so"
    data = bytearray(native.read_bytes())
    data[4] = 1  # EI_CLASS: https://refspecs.linuxfoundation.org/elf/gabi4+/ch4.eheader.html
    native.write_bytes(data)


def red(id: str, make: Callable[[Ward], object], cause: str, subject: str, *words: str) -> Patient:
    def look(visit: object) -> None:
        red_are(subject)(visit)  # type: ignore[arg-type]
        says(*words)(visit)  # type: ignore[arg-type]

    return Patient(id, make, (cause,), needs=NEEDS, also=look)  # type: ignore[arg-type]


PATIENTS = [
    Patient("a compiled module that loads", extension("lightgbm", "int x;"), needs=NEEDS),
    red("the C library is too old", wanting("libm.so.6", "GLIBC_2.99"), "glibc-too-old", "scikit-learn", "GLIBC_2.99"),
    red(
        "the C++ library is too old",
        wanting("libstdc++.so.6", "GLIBCXX_3.4.99"),
        "libstdcxx-too-old",
        "scikit-learn",
        "GLIBCXX_3.4.99",
    ),
    red(
        "a library of the system is missing",
        lacking("libsndfile_of_nobody.so.1"),
        "shared-library-missing",
        "lightgbm",
        "libsndfile_of_nobody.so.1",
    ),
    red("a library of CUDA is missing", lacking("libcudart.so.99"), "cuda-library-missing", "lightgbm", "libcudart.so.99"),
    red("MKL is newer than torch", symbol("iJIT_NotifyEvent"), "mkl-symbol", "torch", "MKL 2024.1"),
    red("another NCCL is loaded", symbol("ncclCommNobody"), "nccl-conflict", "torch", "ncclCommNobody"),
    red(
        "another nvJitLink is loaded",
        symbol("__nvJitLinkNobody_12_9"),
        "cuda-library-shadowed",
        "torch",
        "__nvJitLinkNobody_12_9",
    ),
    red(
        "an extension of another torch",
        symbol("_ZN3c106nobodyEv", "xgboost"),
        "extension-torch-abi",
        "xgboost",
        "compiled for another version of torch",
    ),
    red("a 32-bit library", thirty_two_bits, "wrong-binary", "pandas", "or damaged"),
    red(
        "an instruction that no processor has",
        extension("xgboost", "void use(void){__builtin_trap();}", calls=LOAD + ".use()"),
        "cpu-lacks-instructions",
        "xgboost",
        "SIGILL",
    ),
    red(
        "a crash",
        extension("xgboost", "void use(void){*(volatile int*)0 = 1;}", calls=LOAD + ".use()"),
        "import-crash",
        "xgboost",
        "SIGSEGV",
    ),
    red(
        "a disk without programs",
        lambda ward: (
            extension("joblib", "int x;")(ward),
            ward.mounts.extend(
                [
                    f"mkdir -p '{ward.root}/copy'",
                    f"cp -a '{ward.site}/.' '{ward.root}/copy'",
                    f"mount -t tmpfs -o noexec none '{ward.site}'",
                    f"cp -a '{ward.root}/copy/.' '{ward.site}'",
                ]
            ),
        ),
        "tmp-noexec",
        "joblib",
        "noexec",
    ),
    red(
        "two copies of OpenMP",
        extension(
            "joblib",
            "int x;",
            calls="import sys; sys.stderr.write('OMP: Error #15: Initializing libomp.so.5, but found libiomp5.so already initialized.\\n'); os.abort()",
        ),
        "duplicate-openmp",
        "joblib",
        "libomp.so.5",
    ),
    red(
        "thread-local memory is used up",
        extension(
            "scikit-learn",
            "int x;",
            calls="raise ImportError('/usr/lib/libgomp.so.1: cannot allocate memory in static TLS block')",
        ),
        "libgomp-static-tls",
        "scikit-learn",
        "/usr/lib/libgomp.so.1",
    ),
    red(
        "the processor of a virtual machine is old",
        extension(
            "numpy",
            "int x;",
            calls="raise RuntimeError('NumPy was built with baseline optimizations: \\n(X86_V2) but your machine doesn\\'t support:\\n(X86_V2).')",
        ),
        "cpu-lacks-instructions",
        "numpy",
        "X86_V2",
    ),
]
