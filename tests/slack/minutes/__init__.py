"""`/minutes` over the real listener."""
