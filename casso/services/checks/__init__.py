"""What the desk finds out about its own security, monthly and on demand, kept with its date."""
