"""Measures the shop against limits taken in the same run: `make bench` writes results.md."""
