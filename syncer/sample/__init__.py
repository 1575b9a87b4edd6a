"""A sample bureau for the demo, tests and benchmarks: a clerk's hands, and a year of invented records."""
