"""Why each kind of data is needed by each activity: the field-level justification of the data map (S29)."""

from collections.abc import Mapping

from app.core.language import Text
from app.core.personal import Category, Personal
from app.privacy.activities import activity_of

C = Category

REASONS: Mapping[str, Mapping[Category, Text]] = {
    "orders": {
        C.NAME: Text("за кого е пратката и на чие име е документът", "for whom the parcel and the document are"),
        C.EMAIL: Text("потвърждение на поръчката и документите към нея", "the order's confirmation and documents"),
        C.PHONE: Text("куриерът уговаря доставката", "the courier arranges the delivery"),
        C.ADDRESS: Text("къде се доставя", "where it is delivered"),
        C.ORDER: Text("какво е поръчано и да не се поръча два пъти", "what is ordered, and that it is ordered once"),
        C.FREE_TEXT: Text("указания, които купувачът сам дава", "instructions that the buyer chooses to give"),
    },
    "accounts": {
        C.NAME: Text("попълва се сама следващата поръчка", "fills in the next order"),
        C.EMAIL: Text("с него се влиза и за него се пише на собственика", "one logs in with it and is written to"),
        C.PHONE: Text("попълва се сама следващата поръчка", "fills in the next order"),
        C.ADDRESS: Text("адресната книга на собственика", "the owner's address book"),
        C.INVOICE: Text("дружествата, за които собственикът иска фактури", "companies the owner wants invoices for"),
        C.CREDENTIAL: Text("само собственикът да влиза", "that only the owner gets in"),
        C.CONNECTION: Text("доказателство откъде е поискан профилът", "proof of where the account was asked for from"),
    },
    "newsletter": {C.EMAIL: Text("на кого се изпраща и кой се е съгласил", "to whom it is sent and who agreed")},
    "enquiries": {
        C.NAME: Text("към кого е отговорът", "to whom the answer is"),
        C.EMAIL: Text("къде се отговаря", "where the answer goes"),
        C.PHONE: Text("къде се отговаря", "where the answer goes"),
        C.FREE_TEXT: Text("какво се пита", "what is asked"),
    },
    "accounting": {
        C.INVOICE: Text("реквизити на документа по закон", "what the law wants the document to state"),
    },
    "proof_of_rights": {
        C.NAME: Text("кой упражнява право", "who exercises a right"),
        C.EMAIL: Text("чии са данните и къде се отговаря", "whose data they are and where the answer goes"),
        C.PHONE: Text("къде се отговаря", "where the answer goes"),
        C.ADDRESS: Text("къде се отговаря с писмо", "where a letter goes"),
        C.FREE_TEXT: Text("какво е поискано, взето като решение и защо", "what was asked, decided, and why"),
        C.CONNECTION: Text("доказателство за съгласието", "proof of the consent"),
    },
    "proof_of_acceptance": {
        C.CONNECTION: Text("откъде е приета декларацията", "where it was accepted from"),
        C.EMAIL: Text("чии данни се пазят заради спор", "whose data a dispute holds"),
        C.FREE_TEXT: Text("за кой спор се пазят", "which dispute holds them"),
    },
    "security": {
        C.CONNECTION: Text("собственикът вижда кой е влизал; чуждите опити се спират", "the owner sees who was in"),
    },
    "staff": {
        C.NAME: Text("кой от служителите работи с данни", "who of the staff works with data"),
        C.EMAIL: Text("с него служителят влиза", "the member of staff logs in with it"),
        C.CREDENTIAL: Text("само служителят да влиза, с втори фактор", "that only they get in, by a second factor"),
        C.CONNECTION: Text("кой е влизал и откъде", "who was in, from where"),
    },
}


def reason_of(annotation: Personal) -> Text:
    """Say why the column is needed; a kind of data that its activity gives no reason for may not be collected."""
    return REASONS[activity_of(annotation).key][annotation.category]
