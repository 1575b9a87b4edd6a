"""State, history, kept bytes and jobs, through SQLAlchemy Core."""
