"""One save against what stands: which row is which, and what becomes of each cell."""
