"""Give agenda lines numbers that never change, store each published version, and allow items that people add."""

from collections import defaultdict
from typing import Literal

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"

_KINDS = "kind IN ('presentation', 'paper', 'other_business')"


def upgrade() -> None:
    """Add agenda numbers, items that people add, and published versions. Published agendas keep their numbers."""
    recreate: Literal["always", "never"] = "always" if op.get_bind().dialect.name == "sqlite" else "never"
    with op.batch_alter_table("agenda_item") as table:
        table.add_column(sa.Column("number", sa.Integer(), nullable=True))
        table.add_column(sa.Column("late", sa.Integer(), nullable=False, server_default="0"))
        table.add_column(sa.Column("is_timed", sa.Boolean(), nullable=False, server_default=sa.false()))
        table.add_column(sa.Column("is_pinned", sa.Boolean(), nullable=False, server_default=sa.false()))
        table.add_column(sa.Column("kind", sa.String(40), nullable=True))
        table.add_column(sa.Column("words", sa.LargeBinary(), nullable=True))
        table.add_column(sa.Column("presenter", sa.LargeBinary(), nullable=True))
    op.execute("UPDATE agenda_item SET number = position")
    with op.batch_alter_table("agenda_item", recreate=recreate) as table:
        table.alter_column("number", existing_type=sa.Integer(), nullable=False)
        for name, kind in (("late", sa.Integer()), ("is_timed", sa.Boolean()), ("is_pinned", sa.Boolean())):
            table.alter_column(name, existing_type=kind, existing_nullable=False, server_default=None)
        table.create_check_constraint("kind_is_known", _KINDS)
        table.create_check_constraint("an_added_item_has_its_title", "(kind IS NULL) = (words IS NULL)")
        table.create_check_constraint("an_added_item_is_no_case", "kind IS NULL OR flag_id IS NULL")
        table.create_check_constraint("item_numbers_not_negative", "number >= 0 AND late >= 0")
    op.create_table(
        "published_agenda",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("meeting_id", sa.Integer(), sa.ForeignKey("meeting.id"), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("venue", sa.String(200), nullable=False),
        sa.UniqueConstraint("meeting_id", "version"),
    )
    lines = op.create_table(
        "published_line",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("agenda_id", sa.Integer(), sa.ForeignKey("published_agenda.id"), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("late", sa.Integer(), nullable=False),
        sa.Column("section", sa.String(40), nullable=False),
        sa.Column("title", sa.String(120), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("flag_id", sa.Integer(), sa.ForeignKey("flag.id"), nullable=True),
        sa.Column("kind", sa.String(40), nullable=True),
        sa.Column("is_closed", sa.Boolean(), nullable=False),
        sa.Column("readers", sa.JSON(), nullable=False),
        sa.Column("stepped_back", sa.JSON(), nullable=False),
        sa.UniqueConstraint("agenda_id", "position"),
        sa.UniqueConstraint("agenda_id", "number", "late"),
        sa.CheckConstraint(_KINDS, name="kind_is_known"),
    )
    op.create_index("ix_published_line_flag_id", "published_line", ["flag_id"])
    _keep_published(lines)


def _keep_published(lines: sa.Table) -> None:
    """Store each published agenda as it is now, with each case's named readers and people with a declared interest.

    Who could read a case when the agenda was published is not known. People who can't read the case now therefore count
    as people who couldn't read the case then.
    """
    connection = op.get_bind()
    copied = ("version", "published_at", "starts_at", "ends_at", "venue")
    connection.execute(
        sa.text(
            f"INSERT INTO published_agenda (meeting_id, {', '.join(copied)}) "  # noqa: S608 - ours
            "SELECT id, agenda_version, agenda_published_at, starts_at, ends_at, venue FROM meeting "
            "WHERE agenda_version > 0 AND agenda_published_at IS NOT NULL"
        )
    )
    rows = connection.execute(
        sa.text(
            "SELECT a.id AS agenda_id, i.position, i.number, i.section, i.title, i.minutes, i.flag_id, f.case_id, "
            "c.is_closed FROM agenda_item i JOIN published_agenda a ON a.meeting_id = i.meeting_id "
            "LEFT JOIN flag f ON f.id = i.flag_id LEFT JOIN cases c ON c.id = f.case_id"
        )
    ).mappings()
    found = [dict(row) for row in rows]
    readers, stepped_back = defaultdict(list), defaultdict(list)
    for case_id, person_id in connection.execute(sa.text("SELECT case_id, person_id FROM case_reader")):
        readers[case_id].append(person_id)
    interests = sa.text("SELECT case_id, person_id FROM recusal WHERE withdrawn_at IS NULL")
    for case_id, person_id in connection.execute(interests):
        stepped_back[case_id].append(person_id)
    kept = []
    for row in found:
        case_id = row.pop("case_id")
        row["is_closed"] = bool(row["is_closed"])
        names = {"readers": readers.get(case_id, []), "stepped_back": stepped_back.get(case_id, [])}
        kept.append(row | names | {"late": 0, "kind": None})
    if kept:
        connection.execute(sa.insert(lines), kept)


def downgrade() -> None:
    """Drop the numbers of agenda lines and the published versions.

    Items that people added are deleted with their notes, since the earlier schema would show them as headings.
    """
    op.drop_index("ix_published_line_flag_id", "published_line")
    op.drop_table("published_line")
    op.drop_table("published_agenda")
    added = "(SELECT id FROM agenda_item WHERE kind IS NOT NULL)"
    op.execute(f"DELETE FROM note WHERE item_id IN {added}")  # noqa: S608 - ours
    op.execute(f"UPDATE action SET item_id = NULL WHERE item_id IN {added}")  # noqa: S608 - ours
    op.execute("DELETE FROM agenda_item WHERE kind IS NOT NULL")
    with op.batch_alter_table("agenda_item") as table:
        for name in ("kind_is_known", "an_added_item_has_its_title", "an_added_item_is_no_case"):
            table.drop_constraint(name, type_="check")
        table.drop_constraint("item_numbers_not_negative", type_="check")
        for name in ("number", "late", "is_timed", "is_pinned", "kind", "words", "presenter"):
            table.drop_column(name)
