"""People: who they are, where they sit, who stands in for them, and what happens to what they hold."""
