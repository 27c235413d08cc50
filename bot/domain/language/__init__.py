"""What people type: British dates, due phrases, rhythms, and identifiers that are kept out."""
