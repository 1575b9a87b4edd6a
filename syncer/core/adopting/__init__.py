"""An office's own ledgers, of whatever columns: what they say, and where it belongs in ours. Pure."""
