"""What the product costs, measured: readers side by side, the whole ingest, memory. See docs/performance.md."""
