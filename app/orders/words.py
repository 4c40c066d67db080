"""What ways of paying and of delivery are called."""

from app.core.language import Text
from app.orders.models import DeliveryMethod, PaymentMethod

PAYMENTS = {
    PaymentMethod.CASH_ON_DELIVERY: Text("Наложен платеж", "Cash on delivery"),
    PaymentMethod.BANK_TRANSFER: Text("Банков превод", "Bank transfer"),
}
DELIVERIES = {
    DeliveryMethod.ADDRESS: Text("До адрес", "To an address"),
    DeliveryMethod.OFFICE: Text("До офис или автомат на „Спиди“", "To a Speedy office or locker"),
}
