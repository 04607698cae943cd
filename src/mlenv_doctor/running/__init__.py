"""Run a command as if nobody watched, and keep the end of what it prints. Imports nothing that costs time."""
