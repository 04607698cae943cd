"""The virtual environment: which one is used, is it intact, and do the commands on PATH belong to it. Conda's base and the user's site-packages, too."""

MODULES = ("checks", "installing", "shell", "conda", "user_site")
