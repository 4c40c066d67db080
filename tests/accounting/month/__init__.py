"""The accountant's month."""
