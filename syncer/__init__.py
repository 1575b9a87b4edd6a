"""One true ledger out of the workbooks that an office's sections keep editing."""

__version__ = "0.1.0"
