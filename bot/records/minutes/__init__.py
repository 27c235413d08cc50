"""Minutes: which are meant, and how a version of them is seen and moved on."""
