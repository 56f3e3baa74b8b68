"""The command line. Each command imports what it needs when it runs, so that `denials ingest` starts fast."""
