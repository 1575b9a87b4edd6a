"""The workbook that stands open in the coordinator's own Excel: followed, read and marked through xlwings, in a worker process.

`process` is the near end and all that the rest of the program may use; `worker` and what it imports live in the worker.
xlwings is imported there alone, in `excel_app`. Nothing else needs it, and everything works without it.
"""
