"""Speedy's numbers in the shop's words."""

from app.shipping.ports import Phase

PHASES: dict[int, Phase] = {
    148: Phase.REGISTERED,
    39: Phase.PICKED_UP,
    11: Phase.PICKED_UP,
    1: Phase.IN_TRANSIT,
    2: Phase.IN_TRANSIT,
    21: Phase.IN_TRANSIT,
    38: Phase.IN_TRANSIT,  # back at the office after an attempt, not on the way to us
    115: Phase.IN_TRANSIT,
    116: Phase.IN_TRANSIT,
    176: Phase.IN_TRANSIT,
    217: Phase.IN_TRANSIT,
    12: Phase.OUT_FOR_DELIVERY,
    134: Phase.READY_FOR_PICKUP,
    1134: Phase.READY_FOR_PICKUP,
    44: Phase.ATTEMPTED,
    69: Phase.DELAYED,
    121: Phase.DELAYED,
    164: Phase.DELAYED,
    169: Phase.DELAYED,
    181: Phase.DELAYED,
    190: Phase.DELAYED,
    -14: Phase.DELIVERED,
    123: Phase.REFUSED,
    111: Phase.RETURNING,
    124: Phase.RETURNED,
    128: Phase.CANCELLED,
    112: Phase.ATTENTION,
    114: Phase.ATTENTION,
    125: Phase.ATTENTION,
    127: Phase.ATTENTION,
    129: Phase.ATTENTION,
}
"""Operation codes. 144 and 195 belong to the hand-over and 175 foretells it: they say nothing of where a parcel is."""

SUBJECTS: dict[int, str] = {
    100: "client",
    120: "address",
    160: "dropoff_office",
    180: "pickup_office",
    300: "third_party",
    400: "service",
    410: "cash_on_delivery",
    500: "pickup_date",
    600: "contents",
    605: "package",
    620: "weight",
    630: "parcels",
    700: "payer",
    800: "reference",
}
"""What a refusal is about, by error code; of the documented ones those that our requests can meet."""

TOO_MANY_REQUESTS = "method_threshold.too_many_requests"
