"""What the ledger says: progress, master, weekly sheet."""
