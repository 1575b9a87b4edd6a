"""What is written back into a unit's workbook."""
