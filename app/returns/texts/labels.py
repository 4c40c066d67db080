"""Labels: of buttons, whose words the law knows, and of what stands under a heading."""

from enum import StrEnum

from app.core.language import Text


class LabelKey(StrEnum):
    ORDER_BUTTON = "order_button"
    WITHDRAW = "withdraw"
    CONFIRM_WITHDRAWAL = "confirm_withdrawal"
    WITHDRAWAL = "withdrawal"
    MODEL_FORM = "model_form"
    GUARANTEE = "guarantee"
    DELIVERY = "delivery"
    PAYMENT = "payment"
    SELLER = "seller"


LABELS = {
    # чл. 49 ЗЗП (Dir. 2011/83 Art. 8(2)): a button that says anything less binds nobody.
    LabelKey.ORDER_BUTTON: Text("Поръчка със задължение за плащане", "Order with obligation to pay"),
    # чл. 52а ЗЗП (Dir. 2011/83 Art. 11a): these two carry these words and no others.
    LabelKey.WITHDRAW: Text("Откажете се от договора тук", "Withdraw from contract here"),
    LabelKey.CONFIRM_WITHDRAWAL: Text("Потвърждавам отказа", "Confirm withdrawal"),
    LabelKey.WITHDRAWAL: Text(
        "Право на отказ в {withdrawal_days}-дневен срок", "Right of withdrawal within {withdrawal_days} days"
    ),
    LabelKey.MODEL_FORM: Text("Стандартен формуляр за упражняване на право на отказ", "Model withdrawal form"),
    LabelKey.GUARANTEE: Text("Гаранция и рекламации", "Guarantee and complaints"),
    LabelKey.DELIVERY: Text("Доставка", "Delivery"),
    LabelKey.PAYMENT: Text("Плащане", "Payment"),
    LabelKey.SELLER: Text("Продавач", "Seller"),
}
