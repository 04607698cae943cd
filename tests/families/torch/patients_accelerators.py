"""Patients with other GPUs than a plain NVIDIA card: AMD, Intel, Apple, Jetson, WSL; and the healthy ones that look like them."""

from __future__ import annotations

from collections.abc import Callable

from families.gpu.patients import CHECKS, says, sees, sick, well
from lab.accelerator_box import INTEL, RENDER, SERVER, amd, as_user, built_for, devices, elsewhere, files, wsl
from lab.gpu_box import PYPI, on_bus, outside, torch
from lab.patient import Patient
from lab.visit import Visit
from lab.ward import Ward

NEWEST = "https://download.pytorch.org/whl/rocm7.2"


def user(
    *gfx: str, groups: tuple[int, ...] = (), place: str = "machine", mode: str = "660", listed: bool = False
) -> Callable[[Ward], None]:
    """A user without rights, before an AMD GPU with a torch that is built for it."""

    def make(ward: Ward) -> None:
        amd(ward, *gfx, mode=mode)
        built_for(ward)
        as_user(ward, *groups, place=place, listed=listed)

    return make


def only(*nodes: str, gfx: str = "gfx1100") -> Callable[[Ward], None]:
    """A container that got these device files."""

    def make(ward: Ward) -> None:
        amd(ward, gfx, nodes=nodes)
        built_for(ward)
        ward.environ["container"] = "docker"

    return make


def card(
    *gfx: str, build: str = "hip", works: bool = True, archs: tuple[str, ...] = SERVER, **env: str
) -> Callable[[Ward], None]:
    """AMD GPUs that this user may open, with this torch."""

    def make(ward: Ward) -> None:
        amd(ward, *gfx)
        if build == "hip":
            built_for(ward, archs=archs, works=works)
        else:
            torch(ward, "2.13.0", build)
        ward.environ |= env
        outside(ward)

    return make


def hidden(value: str) -> Callable[[Ward], None]:
    """An AMD GPU that torch would see, but for a variable."""
    return card("gfx1100", works=False, HIP_VISIBLE_DEVICES=value)


def driver_not_loaded(ward: Ward) -> None:
    amd(ward, nodes=(), driver=False)
    built_for(ward)
    outside(ward)


def for_the_cpu(ward: Ward) -> None:
    card("gfx1100", build="cpu")(ward)
    ward.write("requirements.txt", "torch==2.13.0+cpu\n")


def intel(build: str, *, closed: bool = False) -> Callable[[Ward], None]:
    """A laptop with a GPU of Intel's."""

    def make(ward: Ward) -> None:
        on_bus(ward, [(INTEL, "a780")])
        ward.mounts.append("mount -t tmpfs none /sys/class")
        files(ward, "/sys/class", ("drm/renderD128/device/vendor", "0x8086\n"))
        devices(ward, "dri/renderD128", mode="660" if closed else "666")
        if build == "xpu":
            built_for(ward, "xpu")
        else:
            torch(ward, "2.13.0", build)
        as_user(ward)

    return make


def windows(build: str = "cu130", *, count: int = 1, **more: object) -> Callable[[Ward], None]:
    """A WSL with a torch of this build; `more` is laid over the variables, or says what WSL lacks."""

    def make(ward: Ward) -> None:
        torch(ward, "2.14.1", build, PYPI)
        wsl(ward, count, **{name: value for name, value in more.items() if name.islower()})  # type: ignore[arg-type]
        ward.environ |= {name: str(value) for name, value in more.items() if name.isupper()}

    return make


def a_driver_for_linux(ward: Ward) -> None:
    """It stands in front of the libraries that Windows lends."""
    windows()(ward)
    ward.mounts += [
        "mkdir -p /mnt/laptop/usr/lib/linux-driver",
        "mv /mnt/laptop/usr/lib/wsl/lib/libcuda.so.1 /mnt/laptop/usr/lib/linux-driver/",
        "cp /mnt/laptop/etc/hostname /mnt/laptop/usr/lib/wsl/lib/libcuda.so.1",
    ]
    ward.environ |= {"LD_LIBRARY_PATH": "/usr/lib/linux-driver:/usr/lib/wsl/lib", "FAKE_CUDA_INIT": "100"}


ARM = {"platform": "darwin", "machine": "arm64", "apple_silicon": True}
APPLE = {"os": "macos", "distro": "", "kind": "machine", "kinds": ["machine"]}


def mac(
    macos: str, *, mps: bool = False, built: bool = True, version: str = "2.13.0", **python: object
) -> Callable[[Ward], None]:
    """A Mac, as a snapshot tells of it."""
    return elsewhere(
        {
            "place": APPLE,
            "python": {**ARM, **python},
            "accelerators": {"macos": macos},
            "gpu": {"metal": True, "pci": []},
            "torch": {"version": version, "mps": mps, "mps_built": built},
            "torch_build": {"version": version},
        }
    )


def board(
    model: str, build: dict[str, object], *, l4t: str = "36.4.3", works: bool = False, **gpu: object
) -> Callable[[Ward], None]:
    """An NVIDIA board with an ARM processor, as a snapshot tells of it."""
    kinds = ["jetson", "machine"] if l4t else ["machine"]
    return elsewhere(
        {
            "place": {"kind": kinds[0], "kinds": kinds},
            "python": {"machine": "aarch64", "version": "3.10.12"},
            "accelerators": {"l4t": l4t},
            "gpu": {"jetson": model, "pci": [], **gpu},
            "torch_build": build,
            "torch": {"available": works, "version": build["version"]},
            "cuda": {"init": 0, "count": 1, "version": "13.0", "library": "/usr/lib/libcuda.so.1"},
        }
    )


ORIN, THOR = "NVIDIA Jetson Orin Nano Developer Kit", "NVIDIA Jetson AGX Thor Developer Kit"
CPU: dict[str, object] = {"version": "2.9.1+cpu", "cuda": None}
FROM_PYPI: dict[str, object] = {
    "version": "2.13.0+cu130",
    "cuda": "13.0",
    "archs": ["sm_80", "sm_90", "sm_100", "sm_110", "sm_120"],
}
BOARDS: dict[str, object] = {"version": "2.8.0", "cuda": "12.6", "archs": ["sm_87"]}
GRACE = [{"index": 0, "name": "NVIDIA GH200 480GB", "capability": "9.0", "uuid": "GPU-1", "memory": 100 << 30}]
GRACE_BUS = [{"bus": "0009:01:00.0", "vendor": "10de", "device": "2342", "driver": "nvidia"}]
DRIVER = {"driver": "580.65.06", "cuda": "13.0", "nvml": 0, "library": "/usr/lib/libnvidia-ml.so.1", "source": "nvml"}


def told(id: str, words: str) -> Callable[[Visit], None]:
    """This check passes, and says these words."""

    def look(visit: Visit) -> None:
        said = [found["message"] for found in visit.findings("pass") if found["id"] == id]
        assert any(words in message for message in said), f"{said}\n{visit}"

    return look


def yellow(id: str, make: Callable[[Ward], object], cause: str, also: Callable[[Visit], object] | None = None) -> Patient:
    return Patient(id, make, yellow=(cause,), args=CHECKS, needs=("root", "setpriv"), also=also)


PATIENTS = [
    sick("AMD: not in the group", user("gfx1100"), "rocm-no-access", says("sudo usermod -aG render ada")),
    sick("AMD: in the group since, not logged in anew", user("gfx1100", listed=True), "rocm-no-access"),
    sick("AMD: for root alone", user("gfx1100", mode="600"), "rocm-no-access", says("ls -l /dev/kfd")),
    sick("AMD: a container with the wrong group", user("gfx1100", place="container"), "rocm-no-access"),
    sick("AMD: a container without kfd", only("dri/renderD128"), "rocm-no-access"),
    sick("AMD: a container without dri", only("kfd"), "rocm-no-access"),
    sick("AMD: claims to be another", card("gfx1201", HSA_OVERRIDE_GFX_VERSION="10.1.0"), "rocm-arch", cure="rocm-arch"),
    sick("AMD: a relative is served", card("gfx1031"), "rocm-arch", says("=10.3.0"), cure="rocm-arch"),
    sick(
        "AMD: a newer build serves it",
        card("gfx1201", archs=("gfx1030", "gfx1100")),
        "rocm-arch",
        says("--force-reinstall torch", NEWEST),
    ),
    sick("AMD: the second of one", hidden("1"), "cuda-visible-devices", says("unset HIP"), cure="cuda-visible-devices"),
    sick("AMD: too old", card("gfx1010"), "rocm-arch"),
    yellow("AMD: driver not loaded", driver_not_loaded, "rocm-no-access", says("modprobe amdgpu")),
    yellow("AMD: a small GPU with the build for cards", card("gfx1103"), "rocm-arch"),
    yellow("AMD: the build for the CPU", card("gfx1100", build="cpu"), "cpu-only-torch", says("--force-reinstall torch", NEWEST)),
    yellow(
        "AMD: the build for NVIDIA", card("gfx1100", build="cu130"), "cpu-only-torch", says("--force-reinstall torch", NEWEST)
    ),
    yellow("Intel: not in the group", intel("xpu", closed=True), "xpu-no-access", says("sudo usermod -aG")),
    yellow("Mac: macOS 13", mac("13.7.4"), "mps-unavailable", says("softwareupdate")),
    yellow("Mac: built without MPS", mac("15.5", built=False), "mps-unavailable", says("--force-reinstall torch")),
    sick("Jetson: the build for the CPU", board(ORIN, CPU), "jetson-wheel", says("torch==2.8.0", "jp6/cu126")),
    sick("Jetson: the build for servers", board(ORIN, FROM_PYPI), "jetson-wheel"),
    sick("Jetson: JetPack 5", board("Jetson-AGX Xavier by NVIDIA", CPU, l4t="35.4.1"), "jetson-wheel"),
    sick(
        "Jetson: Thor with the build for the CPU", board(THOR, CPU, l4t="38.2.0"), "jetson-wheel", says("--force-reinstall torch")
    ),
    sick("WSL: no door", windows(door=False, FAKE_NVML_INIT="9", FAKE_CUDA_INIT="100"), "wsl-broken"),
    sick("WSL: no library", windows(lent=False), "wsl-broken"),
    sick("WSL: Windows refuses", windows(FAKE_NVML_INIT="17", FAKE_CUDA_INIT="100"), "wsl-broken"),
    sick("WSL: the loader does not find it", windows(loader=False), "wsl-broken", says("ldconfig")),
    sick("WSL: a driver for Linux", a_driver_for_linux, "wsl-linux-driver", says("apt purge")),
    sick("WSL: seven cards", windows(count=7, FAKE_CUDA_INIT="2"), "wsl-multi-gpu", says("export CUDA_VISIBLE_DEVICES=0,1,2")),
    yellow("WSL 1", windows(kernel="WSL1", door=False, lent=False), "wsl-broken"),
    well("AMD: all in order", card("gfx1100"), sees),
    well("AMD: in the group", user("gfx1100", groups=(RENDER,))),
    well("AMD: open to all", user("gfx1100", mode="666")),
    well("AMD: a small GPU besides", card("gfx1036", "gfx1100")),
    well("AMD: hidden on purpose", hidden("-1")),
    well("AMD: the relative's name is given", card("gfx1031", HSA_OVERRIDE_GFX_VERSION="10.3.0")),
    well("AMD: a laptop", card("gfx1036", build="cpu")),
    well("AMD: a laptop with what pip brings", card("gfx1103", build="cu130")),
    well("AMD: the CPU on purpose", for_the_cpu),
    well("AMD: CI", card("gfx1100", build="cpu", CI="true")),
    well("Intel: a laptop", intel("cpu", closed=True)),
    well("Intel: its own build", intel("xpu")),
    well("Mac: all in order", mac("15.5", mps=True), told("torch.sees-gpu", "MPS")),
    well("Mac: macOS 26 without MPS", mac("26.3.1")),
    well("Mac: Intel", mac("13.5", machine="x86_64", apple_silicon=False, version="2.2.2", built=False)),
    well("Jetson: NVIDIA's build", board(ORIN, BOARDS, works=True), told("torch.jetson", "supports this board")),
    well("Jetson: Thor", board(THOR, FROM_PYPI, l4t="38.2.0", works=True), told("torch.jetson", "supports this board")),
    well("GH200", board("", FROM_PYPI, l4t="", works=True, cards=GRACE, **DRIVER | {"pci": GRACE_BUS})),
    well("WSL: all in order", windows(), told("gpu.wsl", "driver 581.57")),
    well("WSL: two cards", windows(count=2), told("gpu.wsl", "NCCL_P2P_DISABLE")),
    well("WSL: four cards", windows(count=4), sees),
    well("WSL: Windows without NVIDIA", windows("cpu", lent=False, windows=False)),
    well("WSL 1 without NVIDIA", windows("cpu", kernel="WSL1", door=False, lent=False, windows=False)),
]
