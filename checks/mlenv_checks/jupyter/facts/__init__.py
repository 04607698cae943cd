"""What can be known about Jupyter's kernels and about plots."""

from .jupyter import Jupyter, Kernel
from .plots import Plots

__all__ = ["Jupyter", "Kernel", "Plots"]
