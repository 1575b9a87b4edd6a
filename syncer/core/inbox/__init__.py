"""What waits for the coordinator, and what she decided."""
