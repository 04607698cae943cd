"""To be filled in."""
