"""Commands beside the examination itself, one a file; each loads what it needs when it runs."""
