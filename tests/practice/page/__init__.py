"""The page of practice mode, as a person in a browser meets it."""
