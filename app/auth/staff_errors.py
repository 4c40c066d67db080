"""Refusals about staff, invitations and machine clients."""

from app.core.errors import ShopError
from app.core.language import Text


class RecipientsDiffer(ShopError):
    status = 422
    title = Text("Обхватите са за различни получатели", "The scopes are of different recipients")
    advice = Text("Създайте отделен клиент за всеки получател.", "Make a client for each recipient.")
