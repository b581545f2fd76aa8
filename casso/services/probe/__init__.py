"""`casso doctor --isolation`: two made-up organizations, and every way in tried from one into the other."""
