"""Use cases of invitations: asking members to come, recording their answers, and sending deputies."""
