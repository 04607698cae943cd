"""Jupyter: kernels that notebooks name, widgets, and where plots are drawn."""

MODULES = ("checks",)
