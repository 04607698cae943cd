"""What can be known about PyTorch, its build and the libraries compiled for it."""

from .cuda_libraries import Built, Toolkit, TorchFamily
from .torch import Torch, TorchBuild, TorchDevice

__all__ = ["Built", "Toolkit", "Torch", "TorchBuild", "TorchDevice", "TorchFamily"]
