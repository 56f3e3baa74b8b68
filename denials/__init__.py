"""The domain: what a denial is, who owns it, when it climbs, how the numbers are defined.

Pure functions and frozen dataclasses. Nothing in here reads a file, a clock, a database or Slack.
"""
