"""How downloads leave this machine: proxies, certificates, package indexes, and what pip needs to install."""

MODULES = ("checks", "pip")
