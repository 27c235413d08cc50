"""Use cases, told as the people of a panel live them."""
