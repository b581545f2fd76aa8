"""The agent's screen, and the only floor that imports reflex."""
