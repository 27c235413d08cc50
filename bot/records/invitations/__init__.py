"""What use cases share of invitations: who is asked to come, who answers, who stands in."""
