"""The database's tables, and the words that their columns hold. They have facts and constraints, and no behaviour."""
