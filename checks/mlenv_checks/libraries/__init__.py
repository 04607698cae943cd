"""The installed libraries as files: present, in the right version, undamaged, and not in each other's way.

Whether they load is for the family imports.
"""

MODULES = (
    "checks",
    "requirements",
    "integrity",
    "wrong_names",
    "editable_installs",
    "incompatible_pairs",
    "nvidia_wheels",
    "pickled_models",
)
