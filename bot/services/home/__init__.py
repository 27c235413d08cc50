"""App Home by role: a member's duties and meetings, what a chair must triage or answer, what is late in a diary."""
