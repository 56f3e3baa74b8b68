"""What a database said, as one line with a mend. The database's own text may quote rows, so it is only searched."""

from __future__ import annotations

from sqlalchemy.exc import IntegrityError, OperationalError, SQLAlchemyError

_KNOWN = (
    ("database or disk is full", "the disk is full: make room and run the same command again"),
    ("disk i/o error", "the disk does not work as it should: check it, then run `denials doctor`"),
    ("readonly database", "the database file may not be written to: let this user write it and its folder"),
    ("unable to open database file", "the database file cannot be opened: check DENIALS_DATABASE_URL and its folder"),
    ("file is not a database", "the database file is not an SQLite database: check DENIALS_DATABASE_URL"),
    ("malformed", "the database file is damaged: restore a backup"),
    ("database is locked", "the database is busy with a long write: try again in a moment"),
    ("password authentication failed", "PostgreSQL refuses the user or password in DENIALS_DATABASE_URL"),
    ("does not exist", "PostgreSQL does not know a name in DENIALS_DATABASE_URL, or `denials db upgrade` has not run"),
    ("no such table", "the database has no tables yet: run `denials db upgrade`"),
)


def line_for(failed: SQLAlchemyError) -> str:
    """The line to show."""
    text = str(getattr(failed, "orig", "") or "").lower()
    for part, line in _KNOWN:
        if part in text:
            return line
    if isinstance(failed, IntegrityError):
        return "the database refused a value that should be unique; please report this and run `denials doctor`"
    if isinstance(failed, OperationalError):
        return "the database does not answer: check DENIALS_DATABASE_URL and that its server runs"
    return f"the database refused a statement ({type(failed).__name__}); run `denials doctor`"
