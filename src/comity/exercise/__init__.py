"""What if? A scenario is played over real nodes, as processes, on virtual time."""
