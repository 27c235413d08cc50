"""Use cases of invitations: who is asked to come, who answers, who stands in."""
