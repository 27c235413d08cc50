"""People: who they are, their places, their deputies, and what happens to what they hold."""
