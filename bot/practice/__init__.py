"""A local Slack workspace: Web API, Socket Mode and signed HTTP on loopback, with people who type and click."""
