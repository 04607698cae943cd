"""Our cluster: its launcher is installed beside torch, and no loaded module gets in torch's way."""

MODULES = ("checks",)
