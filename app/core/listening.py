"""Where the processes of one API listen: each on a socket of its own, among which the kernel deals out connections.

On one socket that all inherit, who happens to wait gets them: of eight clients one process had one and the other seven.
What waits in the queue of a process that ends goes to the others where the kernel is told so, by
`net.ipv4.tcp_migrate_req=1`; else it is reset.
"""

import socket
import sys
from typing import Self

import uvicorn


class Own(socket.socket):
    """A socket that is opened anew, beside the others on its address, in each process that it is handed to."""

    def __init__(self, family: int, host: str, port: int) -> None:
        super().__init__(family)
        self.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        self.bind((host, port))

    def __reduce__(self) -> tuple[type[Self], tuple[int, str, int]]:
        host, port, *_ = self.getsockname()
        return type(self), (self.family, host, port)


def listeners(config: uvicorn.Config) -> list[socket.socket]:
    """Give what uvicorn hands to its processes; ends the program where another one has the port.

    Elsewhere than on Linux, where the kernel does not deal connections out, it is one socket for all.
    """
    shared = config.bind_socket()  # no sharing asked for: a second API on the port is refused, not mixed into the first
    if sys.platform != "linux":
        return [shared]
    host, port, *_ = shared.getsockname()
    shared.close()
    try:
        return [Own(shared.family, host, port)]
    except OSError:  # a kernel that knows no sharing
        return [config.bind_socket()]
