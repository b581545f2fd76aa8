"""Plain frozen values that cross floors; they hold data and decide nothing."""
