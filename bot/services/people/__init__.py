"""People: who they are, where they sit, who stands in for them, and what becomes of what they hold."""
