"""Cases that take seconds each, to make or until they are given up: only ``SYNCER_HOSTILE=all`` tries them."""

from __future__ import annotations

COSTLY = (
    "members over one another",
    "a directory of 60,000 lies",
    "a long string a million times",
    "a string 3,000 times",
    "two million cells and more",
    "formulas that never end",
    "errors that never end",
    "bombs of a sensible ratio",
    "1,000,000 levels in the settings",
    "spaces without end",
    "a compound file in a ring",
    "formats down to the end",
    "comments without end",
    "a million strings",
    "a cell of 100 MB",
    "one attribute without end",
    "10,000 sheets",
    "20,000 members",
    "a million styles",
    "300,000 cells in a row",
    "an ods full to the last cell",
    "an ods full of a million rows",
    "an ods of three million columns",
    "an ods of four thousand million rows",
)
