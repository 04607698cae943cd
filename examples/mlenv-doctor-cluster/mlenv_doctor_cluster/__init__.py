"""What our cluster asks of an environment. One family; a larger plug-in names several."""

FAMILIES = ("cluster",)
