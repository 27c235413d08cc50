"""Kinds of columns (words of a vocabulary, sealed text), and named constraints and indexes."""

from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, Enum, Index, LargeBinary, text
from sqlmodel import Field, SQLModel

from bot.models.vocabulary import Word

#: Names for foreign keys and unique constraints, those that PostgreSQL gives. SQLite would give none, and a migration
#: needs a name to drop one. Every model imports this module, and a table takes its names when it is defined.
SQLModel.metadata.naming_convention = {
    "ix": "ix_%(column_0_label)s",  # as it is without a convention
    "fk": "%(table_name)s_%(column_0_N_name)s_fkey",
    "uq": "%(table_name)s_%(column_0_N_name)s_key",
}


def word(kind: type[Word], **options: Any) -> Any:
    """Return a column that holds one value of the vocabulary `kind`. The database refuses other values."""
    stored = Enum(
        kind,
        native_enum=False,
        length=40,
        values_callable=lambda members: [member.value for member in members],
    )
    return Field(sa_type=stored, **options)


def sealed(**options: Any) -> Any:
    """Return a column for text that people wrote: bytes encrypted with AES-GCM, which only the key ring can open."""
    return Field(sa_type=LargeBinary, **options)


def one_of(column: str, kind: type[StrEnum]) -> CheckConstraint:
    """Return the CHECK constraint that limits a column to the values of a vocabulary, in SQLite and PostgreSQL."""
    values = ", ".join(f"'{member.value}'" for member in kind)
    return CheckConstraint(f"{column} IN ({values})", name=f"{column}_is_known")


def partial_index(name: str, *columns: str, where: str, unique: bool = False) -> Index:
    """Return an index of only those rows that meet the SQL condition `where`, in SQLite and PostgreSQL."""
    return Index(name, *columns, unique=unique, sqlite_where=text(where), postgresql_where=text(where))
