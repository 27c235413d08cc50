"""One module a noun: the table of its command, and what its buttons and modals do."""
