"""Raw mail to plain values. `parse` never raises for odd input; see parsing.py."""

from casso.gateways.mime.parsing import parse, read_heads

__all__ = ["parse", "read_heads"]
