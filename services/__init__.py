"""The use cases, each one transaction: ingest, claim, resolve, deliver, sweep, count.

Nothing in here knows Slack's types; ids of people and channels are plain strings.
"""
