"""Minutes: drafted, approved, and sent to who may read them."""
