"""What use cases share of leaving: what people and panels leave behind, and who takes it over."""
