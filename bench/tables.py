"""Figures on the terminal."""

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

_console = Console()


def show(title: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print one table; figures stand to the right."""
    table = Table(title=title, title_justify="left")
    for number, column in enumerate(columns):
        table.add_column(column, justify="left" if number == 0 else "right")
    for row in rows:
        table.add_row(*row)
    _console.print(table)


def verdict(value: float, goal: float, *, at_least: bool = False) -> str:
    """Whether a figure meets its goal."""
    met = value >= goal if at_least else value <= goal
    return "yes" if met else "NO"
