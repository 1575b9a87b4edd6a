"""All that knows the workbook file formats."""
