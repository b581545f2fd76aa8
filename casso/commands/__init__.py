"""One module a command: `add_to` declares it, `run` carries it out and returns the exit code."""
