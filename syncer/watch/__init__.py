"""What happens in the shared folder: events as hints, scans as the truth, settling, owner files."""
