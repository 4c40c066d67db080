"""Parcels: one live shipment for an order, booked once with the courier, tracked until handed over or back."""
