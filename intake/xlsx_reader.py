"""Denial exports as XLSX: the first sheet's rows, read as the CSV reader reads its own."""
