"""The privacy endpoints alone, too, for what needs no whole shop."""

from tests.privacy.conftest import client

__all__ = ["client"]
