"""Publish: the workbook, the report page and the tables that finance teams take away."""
