"""May programs of this user open the AMD GPU?"""

from __future__ import annotations

from mlenv_doctor.api import Finding, Fix, Missing, Why, check, fail, fix, ok, skip, unknown, warn
from mlenv_doctor.patient import Place, Wanted

from ..gpu.amd import closed, elsewhere, here, is_card, nodes, reachable
from ..gpu.driver import in_container
from ..gpu.facts import Accelerators, DeviceNode, Gpu
from .facts import Torch, TorchBuild

NONE = "no AMD GPU here"


def works(torch: Torch | Missing) -> bool:
    """Whether torch itself says that it can compute on a GPU."""
    return isinstance(torch, Torch) and torch.available


@check("gpu.rocm-access", causes=("rocm-no-access",))
def programs_get_to_the_amd_gpu(
    accelerators: Accelerators | Missing, gpu: Gpu, build: TorchBuild, torch: Torch | Missing, place: Place, wanted: Wanted
) -> Finding:
    """AMD GPU access.

    Every calculation on an AMD GPU goes through two device files, /dev/kfd and one in /dev/dri. Who may not open them has no
    GPU, and PyTorch does not say why.
    """
    if isinstance(accelerators, Missing):
        asked = accelerators.kind not in (Why.NOT_ASKED, Why.ABSENT)
        return unknown(f"the accelerators {accelerators.reason}") if asked else skip(accelerators.reason)
    if elsewhere(place) or not here(accelerators, gpu):
        return skip(NONE)
    if not build.hip:
        return skip("PyTorch is not built for AMD GPUs")
    if works(torch) or reachable(accelerators):
        return ok("this user has access to the AMD GPU")
    if "ci" in (place.kind, *place.kinds):
        return skip("CI machine: no GPU expected")
    return _shut_out(accelerators, build, place, wanted)


def _shut_out(accelerators: Accelerators, build: TorchBuild, place: Place, wanted: Wanted) -> Finding:
    """Why it cannot be reached. A fault where the GPU is one that PyTorch serves; a small one may be left alone on purpose."""
    served = any(is_card(gfx) or gfx in build.archs for gfx in accelerators.gfx)
    status = fail if served or wanted.gpu else warn
    node = closed(accelerators)
    if node:
        evidence = {"file": node.path, "mode": f"{node.mode:o}", "group": f"{node.group} ({node.gid})".strip()}
        message = f"torch {build.version} is built for AMD GPUs, but permission is denied for {node.path}{_whose(node)}"
        return status("rocm-no-access", message, evidence=evidence, fix=_rights(accelerators, node, place))
    if in_container(place):
        lacking = "/dev/dri" if accelerators.kfd else "/dev/kfd"
        message = f"this container was started without {lacking}, which AMD GPUs need"
        return status("rocm-no-access", message, fix=fix("rocm.container", groups=_numbers(accelerators)))
    state = "does not support computing on it" if accelerators.amdgpu else "is not loaded"
    message = f"the AMD GPU driver (amdgpu) {state}"
    return status("rocm-no-access", message, fix=fix("rocm.driver"))


def _whose(node: DeviceNode) -> str:
    if node.listed:
        return f": this user joined the group {node.group} after logging in"
    return f", which belongs to the group {node.group or node.gid}" if _by_group(node) else ", which only root can open"


def _by_group(node: DeviceNode) -> bool:
    """Whether members of the group may open it, and the group is one to become a member of: root's own is not."""
    return bool(node.gid) and node.mode & 0o060 == 0o060


def _numbers(accelerators: Accelerators) -> str:
    """The groups of the device files by number: names mean nothing to the machine around a container."""
    files = [node for node in (accelerators.kfd, *nodes(accelerators)) if node and node.gid]
    options = dict.fromkeys(f"--group-add {node.gid}" for node in files)
    return " ".join(options) or "--group-add GROUP"


def _rights(accelerators: Accelerators, node: DeviceNode, place: Place) -> Fix:
    if in_container(place):
        return fix("rocm.container", groups=_numbers(accelerators))
    if node.listed:
        return fix("rocm.log-in")
    if not (_by_group(node) and node.group and accelerators.user):
        return fix("rocm.rights", file=node.path)
    return fix("rocm.groups", group=node.group, user=accelerators.user)
