"""A Speedy on a loopback port: speaks its JSON, refuses what it refuses, and fails when a test orders it to."""

from app.integrations.speedy.simulator.conduct import Conduct, UnknownParcels
from app.integrations.speedy.simulator.faults import Fault, FaultKind
from app.integrations.speedy.simulator.server import SpeedySimulator
from app.integrations.speedy.simulator.shipments import Shipment, State

__all__ = ["Conduct", "Fault", "FaultKind", "Shipment", "SpeedySimulator", "State", "UnknownParcels"]
