"""Reading only: scoped queries that return frozen rows."""
