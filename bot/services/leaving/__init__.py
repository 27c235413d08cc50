"""Use cases of leaving: people leave or lose places, panels end, and what people held is handed over."""
