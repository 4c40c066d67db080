"""What our ZIPs have in common."""

from datetime import datetime
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipInfo

from app.core.clock import SOFIA

ZIP = "application/zip"


def named(name: str, at: datetime, *, packed: bool = True) -> ZipInfo:
    """Name a file in a ZIP, dated as in Bulgaria; what is packed already is stored as it is."""
    entry = ZipInfo(name, at.astimezone(SOFIA).timetuple()[:6])
    entry.compress_type = ZIP_DEFLATED if packed else ZIP_STORED
    entry.external_attr = 0o600 << 16  # personal data: for its owner alone, once unpacked
    return entry
