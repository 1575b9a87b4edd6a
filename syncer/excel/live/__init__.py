"""The workbook that stands open in the coordinator's own Excel: followed, read and marked through xlwings, in a worker process.

The rest of the program makes a job (`follow`, `append`, `unit_book`, `notes`, `checklist`) and hands it to `process`, the near end; it is
carried out in the worker. xlwings is imported there alone, in `excel_app`. Nothing else needs it, and everything works without it.
"""
