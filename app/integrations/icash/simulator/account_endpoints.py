"""Login, and what an account says of itself."""

import hashlib
from datetime import timedelta
from typing import Any

from app.integrations.icash.simulator.checks import integer
from app.integrations.icash.simulator.endpoint import Call, Endpoint


def login(call: Call) -> dict[str, str]:
    ledger = call.ledger
    # Made from the request, so that the journal played again gives the same session.
    session = hashlib.sha256(call.parameters["signature"].encode()).hexdigest()[:32]
    ledger.sessions[session] = call.at + timedelta(seconds=ledger.rules.session_seconds)
    return {"session_id": session}


def cash_registers(call: Call) -> list[dict[str, Any]]:
    return [
        {"id": register.id, "value": register.name, "type": register.kind, "storeID": register.store_id}
        for register in call.ledger.rules.registers
    ]


def users(call: Call) -> list[dict[str, Any]]:
    return [
        {"UserID": int(user.user_id), "UserActive": 1, "UserRole": "user", "UserRealName": f"API {user.user_id}"}
        for user in call.ledger.rules.users
    ]


def pay_types(call: Call) -> list[dict[str, Any]]:
    return [{"id": number, "value": name} for number, name in call.ledger.rules.pay_types.items()]


def measure_units(call: Call) -> list[dict[str, Any]]:
    return [{"id": number, "value": name} for number, name in call.ledger.rules.measure_units.items()]


def bank_accounts(call: Call) -> list[dict[str, Any]]:
    return [
        {
            "BankAccountID": 1,
            "BankAccountIBAN": "BG80BNBG96611020345678",
            "BankAccountCurrencyCode": call.ledger.rules.currency,
            "BankAccountActive": 1,
        }
    ]


ENDPOINTS = {
    "login": Endpoint(login, {"WareHouseID": integer, "UserID": integer}, session=False),
    "get-cash-registers": Endpoint(cash_registers),
    "get-users": Endpoint(users),
    "get-pay-types": Endpoint(pay_types),
    "get-measure-units": Endpoint(measure_units),
    "get-bank-accounts": Endpoint(bank_accounts),
}
