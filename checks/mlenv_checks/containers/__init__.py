"""The project's Dockerfiles, compose files and devcontainers, read as text. This machine itself: system, gpu."""

MODULES = ("images", "builds", "compose")
