"""Tables: facts, no behaviour."""
