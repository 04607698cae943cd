"""The cheat sheet: choose a way that fits the patient, fill it in, quote it for the patient's shell."""

from .cells import spoken
from .circumstances import describe
from .filling import Unfit
from .sheet import CheatSheet, Entry, Way

__all__ = ["CheatSheet", "Entry", "Unfit", "Way", "describe", "spoken"]
