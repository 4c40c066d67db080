"""An I-Cash on a loopback port: it refuses what I-Cash refuses, keeps state, and fails on request."""

from app.integrations.icash.simulator.faults import Fault, FaultKind
from app.integrations.icash.simulator.rules import Rules
from app.integrations.icash.simulator.server import ICashSimulator

__all__ = ["Fault", "FaultKind", "ICashSimulator", "Rules"]
