"""Typed builders, a module for each domain."""
