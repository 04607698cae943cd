"""Search for a cure: try candidates in a clone of the environment until one works. The environment itself is never changed."""
