"""What a rollout in steps must be at every instant, and how it is looked at."""
