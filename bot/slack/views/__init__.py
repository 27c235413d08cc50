"""Pure functions: a frozen view in, Block Kit out."""
