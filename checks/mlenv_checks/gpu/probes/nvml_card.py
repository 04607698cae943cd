"""Ask NVML about one card."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

LOST = (15, 16)  # NVML: the card is lost, or must be reset first. Any function may say so.


class CardAsker:
    """Asks NVML about one card. What it refuses is None: a function newer than the driver, or nothing for this card."""

    def __init__(self, nvml: "Any", handle: "Any", found: "dict[str, Any]") -> None:
        self.nvml, self.handle, self.found = nvml, handle, found
        self.error: "int | None" = None

    def __call__(self, name: str, *arguments: "Any") -> "Any":
        self.found["stuck"] = name  # which function it was, should it never come back
        try:
            return getattr(self.nvml, name)(self.handle, *arguments)
        except self.nvml.NVMLError as error:
            if error.value in LOST:
                self.error = int(error.value)
        except AttributeError:  # an older binding
            pass
        return None


def slices_of(ask: CardAsker) -> "list[dict[str, Any]]":
    """The slices (MIG) of a card."""
    slices = []
    for index in range(ask("nvmlDeviceGetMaxMigDeviceCount") or 0):
        handle = ask("nvmlDeviceGetMigDeviceHandleByIndex", index)
        if handle is not None:
            part = CardAsker(ask.nvml, handle, ask.found)
            memory = part("nvmlDeviceGetMemoryInfo")
            slices.append({"uuid": part("nvmlDeviceGetUUID") or "", "memory": memory.total if memory else None})
    return slices
