"""Tests of the sandbox workspace itself."""
