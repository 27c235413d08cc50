"""When a place on a panel holds: the one definition, which every query about members uses."""
