"""Slack's Web API: one small module for each family of methods, and the endpoint that they all share."""
