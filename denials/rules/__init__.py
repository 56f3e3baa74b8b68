"""The rules file: reading it, checking it, and what it decides about a denial."""
