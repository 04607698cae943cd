"""Do the libraries load: each is imported in a process of its own, and the error is traced to its cause."""

MODULES = ("dependency_conflicts", "torch_extensions", "checks")
