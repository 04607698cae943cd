"""Databases and other servers that the project names: is the address right, is the driver installed, does something answer?"""

MODULES = ("addresses", "dotenv_loading", "cloud")
