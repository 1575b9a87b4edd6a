from __future__ import annotations

import pytest


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> str:
    """What is configured: nothing, so SQLite in the folder of the workspace; or a PostgreSQL database of the test's own."""
    return str(request.getfixturevalue("on_postgres")) if request.param == "postgresql" else ""
