"""Denial exports as CSV: recognised headings or a profile, any common encoding and delimiter, bad rows told by line."""
