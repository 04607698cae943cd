"""How nodes are reached: each runner uses an engine that is there already, and adds one answer for each node to a fold."""
