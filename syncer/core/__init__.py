"""The pure part: plain data in, plain data out. No files, no clock, no environment, no logging."""
