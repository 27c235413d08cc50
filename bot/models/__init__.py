"""The database's tables, and the words that their columns hold. Tables have facts and constraints, and no behaviour."""
