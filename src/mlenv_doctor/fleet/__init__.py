"""Many machines, one question: which nodes are alike, which differ from the rest, and in what."""
