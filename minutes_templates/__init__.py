"""Word templates for agendas and minutes; data only."""
