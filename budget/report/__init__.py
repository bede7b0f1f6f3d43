"""What people read: the workbook and the report page of a run."""
