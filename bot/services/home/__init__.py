"""App Home by role: what somebody owes and where they are expected, what a chair rules on, what is late in a diary."""
