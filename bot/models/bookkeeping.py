"""Tables for the bot's own work: the audit, the data keys, the master key's proof, and answers to requests.

The audit says who did what to which record, when, and with what outcome, but never any content. Destroying a data key
makes everything sealed under that key unreadable, though an earlier backup still has the key. Answers are kept so that
a request that Slack delivers again gets its first answer.
"""

from datetime import datetime

from sqlalchemy import DDL, CheckConstraint, Table, event
from sqlmodel import Field, SQLModel

from bot.models.columns import partial_index, sealed


class AuditEntry(SQLModel, table=True):
    """One entry of the audit. Its hash, `digest`, covers its own facts and the hash of the entry before."""

    __tablename__ = "audit_entry"
    __table_args__ = (
        partial_index("audit_entry_of_case", "case_id", where="case_id IS NOT NULL"),
        partial_index("audit_entry_of_case_before", "noun_id", where="noun = 'case' AND case_id IS NULL"),
    )

    id: int = Field(primary_key=True)  #: counts without a gap
    at: datetime
    #: The person who acted. None: a tick, or a person who is not enrolled.
    actor_id: int | None = Field(default=None, foreign_key="person.id")
    verb: str = Field(max_length=40)
    noun: str = Field(max_length=40)
    noun_id: int | None = None
    panel_id: int | None = Field(default=None, foreign_key="panel.id", index=True)
    outcome: str = Field(max_length=20)  #: done, or refused
    case_id: int | None = None  #: the case that it is about; no foreign key, since an entry outlives what it names
    account: str | None = Field(default=None, max_length=80)  #: of a refusal: workspace and user, as `T01.U02`
    #: Hex SHA-256 of the file, or of the version of the minutes, that it is about. None: of neither.
    sha256: str | None = Field(default=None, max_length=64)
    digest: str = Field(max_length=64)  #: hex HMAC-SHA256


class AuditCheckpoint(SQLModel, table=True):
    """A signed record of the audit's last entry at one time.

    If entries are later removed from the end of the audit, this record shows that they existed.
    """

    __tablename__ = "audit_checkpoint"

    id: int | None = Field(default=None, primary_key=True)
    at: datetime
    entry_id: int = Field(index=True)  #: the last entry then; no foreign key, since it must outlive a cut chain
    digest: str = Field(max_length=64)  #: that entry's digest
    signature: str = Field(max_length=64)  #: hex HMAC-SHA256 over the rest


def _only_added_to(table: Table) -> None:
    """Add triggers that refuse to change or delete rows of a table.

    A migration that rebuilds the table must add the triggers again.
    """
    refusal = "the audit is only ever added to"
    on_sqlite = [
        f"CREATE TRIGGER {table.name}_refuses_{change} BEFORE {change.upper()} ON {table.name} "
        f"BEGIN SELECT RAISE(ABORT, '{refusal}'); END"
        for change in ("update", "delete")
    ]
    on_postgresql = [
        "CREATE OR REPLACE FUNCTION refuse_audit_change() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{refusal}'; END $$",
        f"CREATE TRIGGER {table.name}_is_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON {table.name} "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_audit_change()",
    ]
    for dialect, statements in (("sqlite", on_sqlite), ("postgresql", on_postgresql)):
        for statement in statements:
            trigger = DDL(statement)  # type: ignore[no-untyped-call]  # SQLAlchemy gives it no types
            event.listen(table, "after_create", trigger.execute_if(dialect=dialect))


for _model in (AuditEntry, AuditCheckpoint):
    _only_added_to(SQLModel.metadata.tables[str(_model.__tablename__)])


class DataKey(SQLModel, table=True):
    """An AES key, sealed under the master key. Each case and each panel has its own."""

    __tablename__ = "data_key"

    id: int | None = Field(default=None, primary_key=True)
    purpose: str = Field(max_length=20)
    wrapped: bytes | None = sealed(default=None)  #: empty once destroyed
    created_at: datetime
    destroyed_at: datetime | None = None


class Installation(SQLModel, table=True):
    """The one row that proves which master key this database belongs to."""

    __tablename__ = "installation"

    id: int = Field(default=1, primary_key=True, sa_column_kwargs={"autoincrement": False})
    key_proof: str = Field(max_length=64)  #: hex HMAC-SHA256 under the master key, which it does not reveal
    made_at: datetime

    __table_args__ = (CheckConstraint("id = 1", name="there_is_one"),)


class AnsweredRequest(SQLModel, table=True):
    """The answer to one command, click, submission or event that changed something.

    The key identifies the request, so that a repeated delivery gets the same answer.
    """

    __tablename__ = "answered_request"

    key: str = Field(primary_key=True, max_length=64)  #: hex digest of what Slack sent
    answered_at: datetime = Field(index=True)
    answer: bytes = sealed()  #: JSON of the acknowledgement
