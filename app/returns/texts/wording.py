"""The sentences, with places for what the settings decide (ЗЗП чл. 47–57 and 103а, ЗПЦСЦУПС чл. 31–37)."""

from enum import StrEnum

from app.core.language import Text


class TextKey(StrEnum):
    """What is said; paragraphs of one text are parted by a blank line, lines of a form by a line break."""

    WITHDRAWAL_SHORT = "withdrawal_short"
    WITHDRAWAL_RIGHT = "withdrawal_right"
    WITHDRAWAL_PROCEDURE = "withdrawal_procedure"
    REFUND = "refund"
    RETURN_OF_GOODS = "return_of_goods"
    RETURN_COST = "return_cost"
    LOSS_OF_VALUE = "loss_of_value"
    HYGIENE_SEAL = "hygiene_seal"
    MODEL_FORM_NOTE = "model_form_note"
    MODEL_FORM = "model_form"
    GUARANTEE = "guarantee"
    COMPLAINTS = "complaints"
    DELIVERY = "delivery"
    DELIVERY_TERM = "delivery_term"
    PAYMENT = "payment"
    SELLER = "seller"
    SUPERVISION = "supervision"


WITHDRAWAL_SHORT = Text(
    "Можете да се откажете от договора в срок от {withdrawal_days} дни след получаването на стоката, без да посочвате "
    "причина.",
    "You may withdraw from the contract within {withdrawal_days} days of receiving the goods without giving any "
    "reason.",
)
WITHDRAWAL_RIGHT = Text(
    "Можете да се откажете от договора в срок от {withdrawal_days} дни, без да посочвате причина. Срокът тече от "
    "деня, в който Вие или посочено от Вас лице, различно от превозвача, получите стоката. Ако стоките от една "
    "поръчка пристигнат поотделно, той тече от деня, в който получите последната от тях. Ако последният ден е "
    "неработен, срокът изтича в края на следващия работен ден. Можете да се откажете и преди доставката.",
    "You may withdraw from the contract within {withdrawal_days} days without giving any reason. The period runs from "
    "the day on which you, or a person you name other than the carrier, receive the goods. If the goods of one order "
    "arrive separately, it runs from the day you receive the last of them. If the last day is not a working day, the "
    "period ends at the end of the next working day. You may also withdraw before delivery.",
)
WITHDRAWAL_PROCEDURE = Text(
    "За да се откажете, уведомете ни преди края на срока. Можете да го направите онлайн през целия срок, без "
    "регистрация: с бутона „{withdraw}“ в писмата ни за поръчката и на нейната страница или направо на "
    "{withdrawal_url} – посочвате име, номер на поръчката и имейл за потвърждението, а ако се отказвате само от част "
    "от стоките, и кои са те; после натискате „{confirm_withdrawal}“. Потвърждаваме получаването по имейл, със "
    "съдържанието, датата и часа на заявлението. Можете да се откажете и с всяко друго недвусмислено заявление, "
    "изпратено на {email} или по пощата на адреса ни; можете да използвате стандартния формуляр, но не сте длъжни. "
    "Срокът е спазен, ако сте изпратили заявлението преди края му.",
    "To withdraw, tell us before the period ends. You can do so online throughout the period, without an account: "
    "with the button “{withdraw}” in our e-mails about the order and on its page, or directly at {withdrawal_url} – "
    "you give your name, the number of the order and an e-mail address for the receipt and, if you withdraw from part "
    "of the goods only, which ones; then you press “{confirm_withdrawal}”. We acknowledge it by e-mail, with the "
    "content, the date and the time of the statement. You may also withdraw by any other unequivocal statement sent "
    "to {email} or by post to our address; you may use the model form, but you do not have to. The period is kept if "
    "you send the statement before it ends.",
)
REFUND = Text(
    "Ще Ви върнем всички платени суми, включително цената на стандартната доставка, без излишно забавяне и най-късно "
    "{refund_days} дни след като ни уведомите за отказа. Връщаме ги по начина, по който сте платили, освен ако се "
    "съгласите на друг, и без разходи за Вас. Можем да изчакаме, докато получим стоката или доказателство, че сте я "
    "изпратили – което от двете стане първо.",
    "We refund everything you paid, including the price of standard delivery, without undue delay and no later than "
    "{refund_days} days after you tell us of your withdrawal. We refund it the way you paid, unless you agree to "
    "another way, and at no cost to you. We may wait until we have the goods back or you have shown that you sent "
    "them, whichever comes first.",
)
RETURN_OF_GOODS = Text(
    "Изпратете ни стоката без излишно забавяне и най-късно {return_days} дни след заявлението си, на адрес: {address}.",
    "Send the goods back without undue delay and no later than {return_days} days after your statement, to this "
    "address: {address}.",
)
ORDER_ON_PARCEL = Text(
    "Напишете върху пратката номера на поръчката.",
    "Write the number of the order on the parcel.",
)
REFUND_CONDITION = Text(
    "Преди да върнем пари, проверяваме чия е поръчката; ако ни трябва нещо от Вас, ще Ви пишем. Ако отказът е в срок и "
    "е от купувача, срокът за връщане на парите изтича на {day} и важи следното:",
    "Before money is refunded we check whose order it is; if we need anything from you, we will write to you. If the "
    "withdrawal is in time and by the buyer, the term for the refund ends on {day}, and the following applies:",
)
RETURN_COST_CUSTOMER = Text(
    "При отказ от договора преките разходи за връщане на стоката са за Ваша сметка.",
    "If you withdraw from the contract, you bear the direct cost of returning the goods.",
)
RETURN_COST_SHOP = Text(
    "При отказ от договора разходите за връщане на стоката са за наша сметка.",
    "If you withdraw from the contract, we bear the cost of returning the goods.",
)
LOSS_OF_VALUE = Text(
    "Отговаряте за намалената стойност на стоката само ако сте я използвали повече, отколкото е нужно, за да "
    "проверите каква е и дали работи добре.",
    "You are liable for a loss in value only if you handled the goods more than is needed to see what they are and "
    "that they work well.",
)
HYGIENE_SEAL = Text(
    "Правото на отказ отпада единствено за запечатана стока, която не може да се върне по съображения за хигиена или "
    "защита на здравето, и то само ако сте я разпечатали след доставката (чл. 57 от Закона за защита на "
    "потребителите). Останалите стоки от поръчката и стока с ненарушен печат можете да върнете. Приемаме всяко "
    "заявление; дали изключението важи, преценяваме едва когато прегледаме върнатата стока.",
    "The right of withdrawal is lost only for sealed goods that cannot be returned for reasons of hygiene or health "
    "protection, and only if you unsealed them after delivery (Art. 57 of the Consumer Protection Act). The other "
    "goods of the order, and goods whose seal is intact, can be returned. We accept every statement; whether the "
    "exclusion applies is decided only when we inspect the goods you returned.",
)
MODEL_FORM_NOTE = Text(
    "Попълнете и изпратете този формуляр само ако желаете да се откажете от договора.",
    "Complete and return this form only if you wish to withdraw from the contract.",
)
MODEL_FORM = Text(
    "До {name}, {address}, {email}\n"
    "С настоящото уведомявам, че се отказвам от сключения от мен договор за покупка на следните стоки: {goods}\n"
    "Поръчка № {number}, поръчано на {ordered}, получено на {gap}\n"
    "Име на потребителя: {consumer}\n"
    "Адрес на потребителя: {gap}\n"
    "Подпис на потребителя (само ако формулярът е на хартия): {gap}\n"
    "Дата: {gap}",
    "To {name}, {address}, {email}\n"
    "I hereby give notice that I withdraw from my contract of sale of the following goods: {goods}\n"
    "Order no. {number}, ordered on {ordered}, received on {gap}\n"
    "Name of consumer: {consumer}\n"
    "Address of consumer: {gap}\n"
    "Signature of consumer (only if this form is notified on paper): {gap}\n"
    "Date: {gap}",
)
GUARANTEE = Text(
    "Имате законова гаранция за съответствието на стоката с договора: {guarantee_years} години от доставката (Закон "
    "за предоставяне на цифрово съдържание и цифрови услуги и за продажба на стоки). За несъответствие, проявило се "
    "през първите {presumed_months} месеца, се приема, че е съществувало при доставката. Ремонтът или замяната са "
    "безплатни и изборът е Ваш; ремонтираме в срок до един месец, а докато трае ремонтът, гаранцията не тече. Ако "
    "ремонтът или замяната не решат проблема, можете да поискате по-ниска цена или парите си обратно.",
    "You have the legal guarantee that the goods conform to the contract: {guarantee_years} years from delivery (Act "
    "on the Supply of Digital Content and Digital Services and on the Sale of Goods). A lack of conformity that "
    "appears in the first {presumed_months} months is presumed to have existed at delivery. Repair or replacement is "
    "free of charge and the choice is yours; we repair within one month, and the guarantee does not run meanwhile. If "
    "repair or replacement does not help, you may ask for a lower price or your money back.",
)
REPAIR_EXTENDS = Text(
    "Ако изберете ремонт, гаранцията се удължава с {repair_months} месеца.",
    "If you choose repair, the guarantee is extended by {repair_months} months.",
)
COMPLAINTS = Text(
    "Рекламации приемаме на {email} и на адрес: {address}. Ако не постигнем съгласие, можете да се обърнете към "
    "Комисията за защита на потребителите.",
    "Send complaints to {email} or to this address: {address}. If we cannot agree, you may turn to the Bulgarian "
    "Commission for Consumer Protection.",
)
DELIVERY_AREA = Text(
    "Доставяме само в България, със „Спиди“, до адрес, офис или автомат.",
    "We deliver in Bulgaria only, with Speedy, to an address, an office or a locker.",
)
DELIVERY_PRICE = Text(
    "Доставката струва {delivery_price}; за стоки на стойност от {free_delivery_from} нагоре е безплатна.",
    "Delivery costs {delivery_price}; it is free for goods worth {free_delivery_from} or more.",
)
DELIVERY_FREE = Text(
    "Доставката е безплатна.",
    "Delivery is free.",
)
DELIVERY_TERM = Text(
    "Срокът за доставка е най-много {delivery_days} дни от деня на поръчката. Ако не го спазим, можете да ни дадете "
    "подходящ допълнителен срок, а ако и той не бъде спазен – да развалите договора.",
    "Goods are delivered within {delivery_days} days of the day you ordered at the latest. If we fail to, you may set "
    "us a suitable further period and, if we fail to keep that too, terminate the contract.",
)
CASH_ON_DELIVERY = Text(
    "Наложен платеж: плащате на куриера, когато получите пратката. Важи за поръчки до {total} и {kilograms} кг.",
    "Cash on delivery: you pay the courier when you receive the parcel. For orders of up to {total} and {kilograms} "
    "kg.",
)
BANK_TRANSFER = Text(
    "Банков превод: превеждате сумата до {days} работни дни след поръчката; изпращаме стоката, когато парите постъпят. "
    "Важи за поръчки до {total} и {kilograms} кг.",
    "Bank transfer: you transfer the sum within {days} working days of the order; we send the goods once the money has "
    "arrived. For orders of up to {total} and {kilograms} kg.",
)
SUPERVISION = Text(
    "Надзорни органи: Комисия за защита на потребителите; за личните данни – Комисия за защита на личните данни.",
    "Supervisory bodies: Commission for Consumer Protection; for personal data, Commission for Personal Data "
    "Protection.",
)
