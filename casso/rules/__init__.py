"""Pure decisions: no database, no network, no clock. Same input, same answer."""
