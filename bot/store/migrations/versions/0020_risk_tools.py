"""Give each risk level the tool that it belongs to, and let agencies say what their references look like."""

from typing import Literal

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"

#: By tool and level of the earlier single scale, the tool's own name for the level. Other levels keep their name.
_RENAMED = {
    ("seraf", "standard"): "mild",
    ("seraf", "medium"): "moderate",
    ("seraf", "high"): "significant",
    ("other", "standard"): "low",
}
_TOOLS = "risk_tool IN ('ceraf', 'seraf', 'other')"
_LEVELS = "{} IN ('not_at_risk', 'standard', 'medium', 'high')"
_WHEN = ("before", "after")
#: Columns with a level: table, column of the tool, column of the level.
_COLUMNS = (
    ("flag", "risk_tool", "risk_level"),
    ("decision", "risk_tool_before", "risk_before"),
    ("decision", "risk_tool_after", "risk_after"),
)


def upgrade() -> None:
    """Rename levels to the names that their own tools use, and give each decision's level the tool of its flag."""
    # SQLite rebuilds the table, so that its definition reads as the models make it.
    recreate: Literal["always", "never"] = "always" if op.get_bind().dialect.name == "sqlite" else "never"
    with op.batch_alter_table("flag", recreate=recreate) as table:
        table.drop_constraint("risk_tool_is_known", type_="check")
        table.drop_constraint("risk_level_is_known", type_="check")
    with op.batch_alter_table("decision", recreate=recreate) as table:
        for when in _WHEN:
            table.drop_constraint(f"risk_{when}_is_known", type_="check")
            table.add_column(sa.Column(f"risk_tool_{when}", sa.String(40), nullable=True))
    with op.batch_alter_table("agency", recreate=recreate) as table:
        table.add_column(sa.Column("reference_pattern", sa.String(20), nullable=True))
    tool = "SELECT flag.risk_tool FROM flag JOIN agenda_item ON agenda_item.flag_id = flag.id"
    tool = f"coalesce(({tool} WHERE agenda_item.id = decision.item_id), 'other')"
    for when in _WHEN:
        op.execute(f"UPDATE decision SET risk_tool_{when} = {tool} WHERE risk_{when} IS NOT NULL")  # noqa: S608 - ours
    for (of, one_scale), own in _RENAMED.items():
        _rename(of, one_scale, own)
    with op.batch_alter_table("decision", recreate=recreate) as table:
        for when in _WHEN:
            table.create_check_constraint(
                f"level_{when}_has_its_tool", f"(risk_{when} IS NULL) = (risk_tool_{when} IS NULL)"
            )


def downgrade() -> None:
    """Put all levels back on one scale. A level that this scale lacks becomes the highest.

    Cases are then heard no later than before.
    """
    for (of, one_scale), own in _RENAMED.items():
        _rename(of, own, one_scale)
    for old, new in (("category_1", "standard"), ("category_2", "medium"), ("category_3", "high")):
        _rename("london", old, new)
    for name, _, level in _COLUMNS:
        op.execute(f"UPDATE {name} SET {level} = 'high' WHERE NOT {_LEVELS.format(level)}")  # noqa: S608 - ours
    with op.batch_alter_table("agency") as table:
        table.drop_column("reference_pattern")
    op.execute(f"UPDATE flag SET risk_tool = 'other' WHERE NOT {_TOOLS}")  # noqa: S608 - ours
    with op.batch_alter_table("decision") as table:
        for when in _WHEN:
            table.drop_constraint(f"level_{when}_has_its_tool", type_="check")
            table.drop_column(f"risk_tool_{when}")
            table.create_check_constraint(f"risk_{when}_is_known", _LEVELS.format(f"risk_{when}"))
    with op.batch_alter_table("flag") as table:
        table.create_check_constraint("risk_tool_is_known", _TOOLS)
        table.create_check_constraint("risk_level_is_known", _LEVELS.format("risk_level"))


def _rename(tool: str, old: str, new: str) -> None:
    for name, of, level in _COLUMNS:
        op.execute(f"UPDATE {name} SET {level} = '{new}' WHERE {of} = '{tool}' AND {level} = '{old}'")  # noqa: S608 - ours
