"""Do the libraries work: with --deep each does a small piece of real work, and its result is compared with the known one.

Whether they load is the subject of the family imports; a library that does not load is not tried here.
"""

MODULES = ("checks", "mlflow_write", "databases")
