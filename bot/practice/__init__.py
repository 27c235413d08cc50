"""Practice mode: a local Slack on loopback (Web API, Socket Mode, signed HTTP), its browser page, and the demo."""
