"""Each process of an API listens on a socket of its own; another API on the same port is refused."""

import io
import pickle
import socket
from contextlib import closing
from multiprocessing.reduction import ForkingPickler

import pytest
import uvicorn

from app.core.listening import Own, listeners
from tests.processes import free_port

CLIENTS = 64


def handed_over(own: socket.socket) -> socket.socket:
    """Give what a process gets that is started with this socket."""
    packed = io.BytesIO()
    ForkingPickler(packed).dump(own)
    received: socket.socket = pickle.loads(packed.getvalue())  # noqa: S301 - our own
    return received


def test_g2_each_process_listens_on_a_socket_of_its_own_and_gets_its_share() -> None:
    port = free_port()
    [own] = listeners(uvicorn.Config("none:none", port=port, log_config=None))
    assert isinstance(own, Own)
    with closing(own), closing(handed_over(own)) as one, closing(handed_over(own)) as other:
        assert one.getsockname() == other.getsockname() == ("127.0.0.1", port)
        for each in (one, other):
            each.listen(CLIENTS)
            each.setblocking(False)
        clients = [socket.create_connection(("127.0.0.1", port)) for _ in range(CLIENTS)]
        got = [accepted(one), accepted(other)]
        assert sum(got) == CLIENTS
        assert min(got) > 0
        with closing(socket.socket()) as second:  # another API looks first whether the port is free
            second.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            with pytest.raises(OSError, match="in use"):
                second.bind(("127.0.0.1", port))
        for client in clients:
            client.close()


def accepted(listening: socket.socket) -> int:
    number = 0
    try:
        while True:
            listening.accept()[0].close()
            number += 1
    except BlockingIOError:
        return number
