"""Shared code about access: who is asking, their roles on each panel, and which cases are kept from them."""
