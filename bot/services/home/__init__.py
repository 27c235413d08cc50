"""Use cases of Home: a person's overview by role, and messages that did not arrive."""
