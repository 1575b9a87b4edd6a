"""What a person meant: worksheet, headers, rows, cells, and what the template demands of them."""
