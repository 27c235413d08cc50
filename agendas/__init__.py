"""One TOML file per kind of panel; data only."""
