"""What people type: British dates, due phrases, rhythms and names, and the identifiers that must not be saved."""
