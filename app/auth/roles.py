"""What each role of the staff may do, in this one place; README prints it."""

from enum import StrEnum

from app.auth.models import StaffRole
from app.core.language import Text

R = StaffRole


class Right(StrEnum):
    READ_ORDERS = "read_orders"
    CONFIRM_ORDERS = "confirm_orders"
    CORRECT_ORDERS = "correct_orders"
    CANCEL_ORDERS = "cancel_orders"
    REVOKE_VIEW_KEYS = "revoke_view_keys"
    READ_WITHDRAWALS = "read_withdrawals"
    HANDLE_WITHDRAWALS = "handle_withdrawals"
    READ_CUSTOMERS = "read_customers"
    LIFT_LIMITS = "lift_limits"
    READ_DOCUMENTS = "read_documents"
    MANAGE_STAFF = "manage_staff"
    RECORD_TRAINING = "record_training"
    REVIEW_ACCESS = "review_access"
    READ_AUDIT = "read_audit"
    MANAGE_CLIENTS = "manage_clients"
    ENTER_REQUESTS = "enter_requests"
    READ_REQUESTS = "read_requests"
    DECIDE_REQUESTS = "decide_requests"
    RECORD_CONSENTS = "record_consents"
    READ_REGISTERS = "read_registers"
    MANAGE_RECIPIENTS = "manage_recipients"
    PUBLISH_TEXTS = "publish_texts"
    READ_BREACHES = "read_breaches"
    MANAGE_BREACHES = "manage_breaches"
    MANAGE_RETENTION = "manage_retention"
    READ_UPKEEP = "read_upkeep"
    HANDLE_RECEIPTS = "handle_receipts"
    ISSUE_DOCUMENTS = "issue_documents"
    ISSUE_GOODS_NOTES = "issue_goods_notes"
    CLOSE_MONTHS = "close_months"


HOLDERS: dict[Right, frozenset[StaffRole]] = {
    Right.READ_ORDERS: frozenset({R.SUPPORT, R.WAREHOUSE, R.PRIVACY_OFFICER, R.OWNER}),
    Right.CONFIRM_ORDERS: frozenset({R.SUPPORT, R.OWNER}),
    Right.CORRECT_ORDERS: frozenset({R.SUPPORT, R.OWNER}),
    Right.CANCEL_ORDERS: frozenset({R.SUPPORT, R.OWNER}),
    Right.REVOKE_VIEW_KEYS: frozenset({R.SUPPORT, R.OWNER}),
    Right.READ_WITHDRAWALS: frozenset({R.SUPPORT, R.WAREHOUSE, R.OWNER}),
    Right.HANDLE_WITHDRAWALS: frozenset({R.SUPPORT, R.OWNER}),
    Right.READ_CUSTOMERS: frozenset({R.SUPPORT, R.PRIVACY_OFFICER, R.OWNER}),
    Right.LIFT_LIMITS: frozenset({R.SUPPORT, R.PRIVACY_OFFICER, R.OWNER}),
    Right.READ_DOCUMENTS: frozenset({R.ACCOUNTANT, R.OWNER}),
    Right.MANAGE_STAFF: frozenset({R.OWNER}),
    Right.RECORD_TRAINING: frozenset({R.PRIVACY_OFFICER, R.OWNER}),
    Right.REVIEW_ACCESS: frozenset({R.PRIVACY_OFFICER, R.OWNER}),
    Right.READ_AUDIT: frozenset({R.PRIVACY_OFFICER, R.OWNER}),
    Right.MANAGE_CLIENTS: frozenset({R.OWNER}),
    Right.ENTER_REQUESTS: frozenset({R.SUPPORT, R.PRIVACY_OFFICER, R.OWNER}),
    Right.READ_REQUESTS: frozenset({R.PRIVACY_OFFICER, R.OWNER}),
    Right.DECIDE_REQUESTS: frozenset({R.PRIVACY_OFFICER, R.OWNER}),
    Right.RECORD_CONSENTS: frozenset({R.SUPPORT, R.PRIVACY_OFFICER, R.OWNER}),
    Right.READ_REGISTERS: frozenset({R.PRIVACY_OFFICER, R.OWNER}),
    Right.MANAGE_RECIPIENTS: frozenset({R.PRIVACY_OFFICER, R.OWNER}),
    Right.PUBLISH_TEXTS: frozenset({R.PRIVACY_OFFICER, R.OWNER}),
    Right.READ_BREACHES: frozenset({R.PRIVACY_OFFICER, R.OWNER}),
    Right.MANAGE_BREACHES: frozenset({R.PRIVACY_OFFICER, R.OWNER}),
    Right.MANAGE_RETENTION: frozenset({R.PRIVACY_OFFICER, R.OWNER}),
    Right.READ_UPKEEP: frozenset({R.PRIVACY_OFFICER, R.OWNER}),
    Right.HANDLE_RECEIPTS: frozenset({R.SUPPORT, R.OWNER}),
    Right.ISSUE_DOCUMENTS: frozenset({R.SUPPORT, R.OWNER}),
    Right.ISSUE_GOODS_NOTES: frozenset({R.WAREHOUSE, R.SUPPORT, R.OWNER}),
    Right.CLOSE_MONTHS: frozenset({R.OWNER}),
}

PERMITS: dict[Right, Text] = {
    Right.READ_ORDERS: Text("Преглед и търсене на поръчки", "List, find and read orders"),
    Right.CONFIRM_ORDERS: Text(
        "Потвърждаване на поръчки, които чакат купувача си",
        "Confirm what waits for its buyer to say that it is meant",
    ),
    Right.CORRECT_ORDERS: Text(
        "Поправяне на име, телефон и място на доставка, докато куриерът няма пратка",
        "Correct name, phone and place of delivery while the courier has no parcel",
    ),
    Right.CANCEL_ORDERS: Text(
        "Отказване на поръчки, които не са предадени на куриера",
        "Cancel what was not handed to the courier yet",
    ),
    Right.REVOKE_VIEW_KEYS: Text(
        "Спиране на връзките в писмата към поръчка",
        "Let the links in an order's mails open it no more",
    ),
    Right.READ_WITHDRAWALS: Text(
        "Преглед на заявления за отказ от договор",
        "List and read statements of withdrawal from a contract",
    ),
    Right.HANDLE_WITHDRAWALS: Text(
        "Вписване, проверка и уреждане на заявления за отказ",
        "Record such statements, match them, check whose they are, settle them",
    ),
    Right.READ_CUSTOMERS: Text(
        "Намиране на профил по адрес на електронна поща",
        "Find the account of an e-mail address",
    ),
    Right.LIFT_LIMITS: Text(
        "Сваляне на ограниченията и заключванията за една пощенска кутия",
        "Lift the allowances and locks of one mailbox",
    ),
    Right.READ_DOCUMENTS: Text(
        "Преглед и изтегляне на фактури и кредитни известия",
        "List and download invoices and credit notes",
    ),
    Right.MANAGE_STAFF: Text(
        "Покани, роли и достъп на служителите",
        "Invite, change roles, disable, reset second factors",
    ),
    Right.RECORD_TRAINING: Text("Вписване и преглед на обучения", "Record who was trained, and list the trainings"),
    Right.REVIEW_ACCESS: Text(
        "Преглед на това кой какво може да вижда",
        "See who can see what: members and machine clients",
    ),
    Right.READ_AUDIT: Text("Преглед на журнала на действията", "Read the audit log"),
    Right.MANAGE_CLIENTS: Text(
        "Достъпи на машини: създаване, подновяване, ограничаване, спиране",
        "Make, renew, limit and revoke machine clients",
    ),
    Right.ENTER_REQUESTS: Text(
        "Вписване на искания по имейл, поща или телефон",
        "Enter what data subjects asked by e-mail, post or phone",
    ),
    Right.READ_REQUESTS: Text("Преглед на исканията на субектите на данни", "List and read data subjects' requests"),
    Right.DECIDE_REQUESTS: Text(
        "Решаване и изпълнение на исканията на субектите на данни",
        "Decide data subjects' requests and carry them out",
    ),
    Right.RECORD_CONSENTS: Text(
        "Вписване на чуждо оттегляне или възражение",
        "Record for somebody that they withdraw or object",
    ),
    Right.READ_REGISTERS: Text(
        "Преглед, търсене и износ на регистрите; пакет за проверка",
        "Read, search and export the registers; make the inspection pack",
    ),
    Right.MANAGE_RECIPIENTS: Text(
        "Вписване на получатели на данни и на споразуменията с тях",
        "Enter recipients of data and the agreements with them",
    ),
    Right.PUBLISH_TEXTS: Text(
        "Публикуване на декларации и на версии на политиката",
        "Publish declarations and versions of the policy",
    ),
    Right.READ_BREACHES: Text(
        "Преглед на регистъра на нарушенията и на засегнатите",
        "Read the breach register and who is affected",
    ),
    Right.MANAGE_BREACHES: Text(
        "Вписване на нарушения, уведомяване на надзорния орган и на хората",
        "Record breaches, notify the authority and the people",
    ),
    Right.MANAGE_RETENTION: Text(
        "Проба и изпълнение на сроковете за пазене; задържане на данни",
        "Try and run the retention rules, set and lift holds",
    ),
    Right.READ_UPKEEP: Text(
        "Преглед на резервни копия, цялост, зависимости и на онова, което е спряло",
        "Read the reports of backups, integrity and dependencies, and what stands still",
    ),
    Right.HANDLE_RECEIPTS: Text(
        "Вписване на постъпили пари и отнасянето им към поръчки",
        "Record money that came, match it to orders, return what pays none",
    ),
    Right.ISSUE_DOCUMENTS: Text(
        "Издаване на известия, анулиране на документи, вписване на върнати суми",
        "Issue credit and debit notes, annul documents, record refunds and see which are owed",
    ),
    Right.ISSUE_GOODS_NOTES: Text("Издаване на стокови разписки", "Issue goods notes"),
    Right.CLOSE_MONTHS: Text("Приключване на месец", "Close a month of the books"),
}

PERSONAL = frozenset(
    {
        Right.READ_ORDERS,
        Right.CONFIRM_ORDERS,
        Right.CORRECT_ORDERS,
        Right.CANCEL_ORDERS,
        Right.REVOKE_VIEW_KEYS,
        Right.READ_WITHDRAWALS,
        Right.HANDLE_WITHDRAWALS,
        Right.READ_CUSTOMERS,
        Right.READ_DOCUMENTS,
        Right.ENTER_REQUESTS,
        Right.READ_REQUESTS,
        Right.DECIDE_REQUESTS,
        Right.RECORD_CONSENTS,
        Right.READ_REGISTERS,
        Right.READ_BREACHES,
        Right.MANAGE_BREACHES,
        Right.MANAGE_RETENTION,
        Right.HANDLE_RECEIPTS,
        Right.ISSUE_DOCUMENTS,
        Right.ISSUE_GOODS_NOTES,
    }
)
"""Rights that open customers' data: they need a training on record (S44, C15), and each use of them is audited."""

CHANGING = frozenset(
    {
        Right.CONFIRM_ORDERS,
        Right.CORRECT_ORDERS,
        Right.CANCEL_ORDERS,
        Right.HANDLE_WITHDRAWALS,
        Right.REVOKE_VIEW_KEYS,
        Right.ENTER_REQUESTS,
        Right.DECIDE_REQUESTS,
        Right.RECORD_CONSENTS,
        Right.MANAGE_BREACHES,
        Right.MANAGE_RETENTION,
        Right.HANDLE_RECEIPTS,
        Right.ISSUE_DOCUMENTS,
        Right.ISSUE_GOODS_NOTES,
    }
)
"""Those of them that change the data; the others only read."""


def rights_of(role: StaffRole) -> frozenset[Right]:
    return frozenset(right for right, roles in HOLDERS.items() if role in roles)
