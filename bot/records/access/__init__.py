"""What use cases share of access: who is asking, what they are on which panel, which cases are kept from them."""
