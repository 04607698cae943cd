"""Python itself: does it start, is its version supported, is it complete, and what happens before its first line."""

MODULES = ("checks", "startup", "interpreter")
