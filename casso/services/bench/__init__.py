"""`casso bench`: measures this machine with a filled desk in a scratch folder, never in the real data."""
