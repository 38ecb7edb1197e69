"""Close the network: Python code under test reaches the loopback and unix sockets, nothing else."""

import ipaddress
import os
import sys
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

SERVER_VARIABLES = ("DATABASE_URL", "ARCHIVE_DATABASE_URL", "KEYRING_DATABASE_URL", "REDIS_URL")
WATCHED = {"socket.connect": 1, "socket.sendto": 1, "socket.sendmsg": 1, "socket.getaddrinfo": 0}
LOCAL_NAMES = frozenset({"", "localhost", "localhost.localdomain"})


class NetworkClosed(RuntimeError):
    """A test tried to leave this machine."""


def close() -> None:
    """Refuse every connection that leaves the machine, for the rest of the process (an audit hook stays)."""
    sys.addaudithook(_hook(_named_servers(os.environ)))


def _hook(allowed: frozenset[str]) -> Any:
    def refuse(event: str, args: tuple[Any, ...]) -> None:
        position = WATCHED.get(event)
        if position is None:
            return
        host = _host(args[position])
        if host is not None and host not in allowed and not is_local(host):
            raise NetworkClosed(f"tests may not reach {host}")

    return refuse


def is_local(host: str) -> bool:
    """Tell whether a host name or address is this machine. Example: ``127.0.0.1`` is, ``8.8.8.8`` is not."""
    if host in LOCAL_NAMES:
        return True
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified


def _host(address: Any) -> str | None:
    """Return the host of a socket address or look-up, ``None`` for a unix socket or a connected datagram."""
    if isinstance(address, tuple):
        address = address[0]
    elif isinstance(address, str) and "/" in address:
        return None
    if isinstance(address, bytes):
        return address.decode()
    return address if isinstance(address, str) and not address.startswith("\0") else None


def _named_servers(environ: Mapping[str, str]) -> frozenset[str]:
    hosts = (urlsplit(environ.get(name, "")).hostname for name in SERVER_VARIABLES)
    return frozenset(host for host in hosts if host)
