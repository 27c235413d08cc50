"""One module a noun: what was promised in ids is put into words when it is sent, after a new access check."""
