"""People: enrolling, deputies, leaving, attendance."""
