"""One file a verb; each function returns its exit code."""
