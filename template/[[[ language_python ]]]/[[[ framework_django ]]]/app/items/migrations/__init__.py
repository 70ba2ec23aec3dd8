"""The table of items, step by step."""
