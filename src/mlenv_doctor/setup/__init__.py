"""From nothing to ready: choose a Python, make an environment, install what is asked for, and say what each step does first."""
