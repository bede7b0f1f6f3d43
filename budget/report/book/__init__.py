"""How the workbook is laid out: its description, one table a sheet, formulas with their values."""
