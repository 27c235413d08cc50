"""Shared code about invitations: who is asked to come, who has answered, and who stands in."""
