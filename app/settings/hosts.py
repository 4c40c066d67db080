"""Where an address leads, as far as it can be seen: to this machine, to the shop's own network, or out."""

import socket
import unicodedata
from collections.abc import Collection
from ipaddress import IPv4Address, IPv6Address, ip_address
from urllib.parse import urlsplit

from sqlalchemy import URL


def is_far(url: str, *, private: Collection[str] = ()) -> bool:
    """Tell whether an address is encrypted and on another machine; on a private host it need not be encrypted."""
    try:
        parts = urlsplit(url)
        host = _plain(parts.hostname or "")
    except ValueError:
        return False
    if not host or is_here(host):
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and _is_private(host, private))


def is_near(host: str, private: Collection[str]) -> bool:
    """Tell whether what is sent to a host stays on this machine or in the shop's own network."""
    return is_here(host) or _is_private(host, private)


def is_here(host: str) -> bool:
    host = _plain(host)
    if host.startswith(("/", "@")) or host == "localhost" or host.endswith(".localhost"):
        return True  # a socket of this machine, or its name
    address = _address(host)
    return address is not None and (address.is_loopback or address.is_unspecified)


def of_database(url: URL) -> list[str]:
    """List the hosts that a database's address names; none is this machine's socket."""
    named = [url.host or ""]
    for key in ("host", "hostaddr"):
        given = url.query.get(key, ())
        named += [given] if isinstance(given, str) else given
    return [host for some in named for host in some.split(",") if host]


def _is_private(host: str, private: Collection[str]) -> bool:
    return _plain(host) in {_plain(each) for each in private}


def _plain(host: str) -> str:
    return unicodedata.normalize("NFKC", host).strip("[]").rstrip(".").lower()


def _address(host: str) -> IPv4Address | IPv6Address | None:
    """Read a host that is a number, in each way to write one: 127.0.0.1, 2130706433, 0x7f.1, ::ffff:127.0.0.1."""
    try:
        address = ip_address(host)
    except ValueError:
        try:
            return IPv4Address(socket.inet_aton(host))
        except (OSError, ValueError):
            return None
    return (address.ipv4_mapped or address) if isinstance(address, IPv6Address) else address
