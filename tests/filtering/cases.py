"""Filter expressions that the service accepts or refuses, and the schemas of their datasets.

Most expressions come from the developer guide, from published examples and from experiments with the service. Where
there is no evidence (parentheses around conditions, CurrentItem after IF), the expected result is ours.
"""

from typing import Any

from builders import avro_schema

from personalize_mock.data import avro

CATEGORICAL = {"type": "string", "categorical": True}


def _fields(**names_by_type: Any) -> dict[str, Any]:
    """Return field types by name, from names by type."""
    types = {"categorical": CATEGORICAL, "textual": {"type": "string", "textual": True}}
    return {name: types.get(type_, type_) for type_, names in names_by_type.items() for name in names.split()}


FIELDS = {
    "Items": _fields(
        string="ITEM_ID BRAND COLOR AVAILABLE OWNER PROMOTED",
        categorical="GENRE GENRES CATEGORY CATEGORY_L1 CATEGORY_L2 ARTICLE_GENRE",
        int="YEAR NUMBER_OF_DOWNLOADS OUT_OF_STOCK F1 F2 F3 F4 F5 F6 F7 F8 F9 F10 F11 F12",
        float="PRICE",
        long="CREATION_TIMESTAMP",
        textual="DESCRIPTION",
        boolean="ON_SALE",
    ),
    "Users": _fields(string="USER_ID", int="AGE", categorical="GENDER MEMBERSHIP MEMBERSHIP_STATUS COUNTRY"),
    "Interactions": _fields(
        string="USER_ID ITEM_ID EVENT_TYPE", long="TIMESTAMP", float="EVENT_VALUE", categorical="DEVICE"
    ),
    "Actions": _fields(
        string="ACTION_ID", long="VALUE EXPIRATION_TIMESTAMP REPEAT_FREQUENCY", categorical="CATEGORY MEMBERSHIP_LEVEL"
    ),
    "Action_Interactions": _fields(string="USER_ID ACTION_ID EVENT_TYPE", long="TIMESTAMP"),
}
SCHEMAS = {name.upper(): avro.parse(avro_schema(name, fields)) for name, fields in FIELDS.items()}

TOO_LONG = f'EXCLUDE ItemID WHERE Items.GENRE IN ("{"x" * 2500}")'

VALID: dict[str, tuple[str, ...]] = {
    "events": (
        'EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ("click", "stream")',
        "EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ($EVENT_TYPE)",
        'INCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ("Watch")',
        'EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ("*")',
        'INCLUDE ItemID WHERE Interactions.EVENT_TYPE NOT IN ("*")',
        'EXCLUDE itemId WHERE INTERACTIONS.event_type in ("Purchase")',
        "INCLUDE ItemID WHERE Interactions.event_type IN ('watched','favorited')",
        'exclude ItemId where interactions.event_type not in ("View")',
        'INCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ("click, rating")',
    ),
    "items": (
        "EXCLUDE ItemID WHERE Items.CATEGORY IN ($CATEGORY)",
        "INCLUDE ItemID WHERE Items.GENRE IN ($GENRE)",
        'INCLUDE ItemID WHERE Items.GENRES IN ("Comedy","Drama")',
        'EXCLUDE ItemID WHERE Items.CATEGORY_L1 IN ("shoe") AND Items.CATEGORY_L2 NOT IN ("boot")',
        (
            'EXCLUDE ItemID WHERE Items.CATEGORY_L1 NOT IN ("cold dispensed", "hot dispensed", '
            '"salty snacks", "food service")'
        ),
        "INCLUDE ItemID WHERE Items.PRICE <= $PRICE",
        "INCLUDE ItemID WHERE Items.CREATION_TIMESTAMP < $DATE",
        "INCLUDE ItemID WHERE Items.CREATION_TIMESTAMP > 1633240824",
        "INCLUDE ItemID WHERE Items.YEAR >= 1970 AND Items.YEAR < 1980",
        "INCLUDE ItemID WHERE Items.YEAR >= $YEAR1 AND Items.YEAR < $YEAR2",
        "INCLUDE ItemID WHERE Items.CREATION_TIMESTAMP > 0",
        "INCLUDE ItemID WHERE Items.NUMBER_OF_DOWNLOADS = $NUMBER_OF_DOWNLOADS",
        "EXCLUDE ItemID WHERE Items.OUT_OF_STOCK = 1",
        "EXCLUDE ItemID WHERE Items.YEAR != 1999",
        "INCLUDE ItemID WHERE Items.PRICE > 9.99",
        "INCLUDE ItemID WHERE Items.PRICE > -1",
        "INCLUDE ItemID WHERE Items.PRICE>=$MIN AND Items.PRICE<=$MAX",
        "INCLUDE ItemID WHERE Items.CATEGORY_L1 = $category_l1",
        'INCLUDE ItemID WHERE Items.BRAND IN ("Candy & Chocolate | Co")',
        'INCLUDE ItemID WHERE Items.CATEGORY IN ("clothing") AND Items.AVAILABLE IN ("True")',
        'INCLUDE ItemID WHERE Items.CATEGORY IN ("clothing") OR Items.CREATION_TIMESTAMP > $DATE',
        'INCLUDE ItemID WHERE Items.CATEGORY IN ("a") OR Items.CATEGORY IN ("b") AND Items.PRICE < 5',
        'INCLUDE ItemID WHERE ITEMS.PROMOTED IN ("Y")',
        'EXCLUDE ItemID WHERE Items.CATEGORY IN ("$CATEGORY")',
        'INCLUDE ItemID WHERE Items.GENRE IN (\n  "Comedy"\n)',
    ),
    "current users": (
        "EXCLUDE ItemID WHERE Items.GENRE IN ($GENRE) IF CurrentUser.AGE = $AGE",
        (
            'INCLUDE ItemID WHERE Items.CATEGORY_L1 IN ("watch") AND Items.CATEGORY_L2 IN '
            '("luxury") IF CurrentUser.AGE > 18'
        ),
        ("EXCLUDE ItemID WHERE Items.NUMBER_OF_DOWNLOADS < 20 IF CurrentUser.AGE > 18 AND CurrentUser.AGE < 30"),
        'INCLUDE ItemID WHERE Items.GENRE IN ("Comedy") IF CURRENTUSER.GENDER = "F"',
        'EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ("click") IF CurrentUser.AGE > 18',
    ),
    "chains": (
        (
            'EXCLUDE ItemID WHERE Items.GENRE IN ("x") IF CurrentUser.AGE < 18 | EXCLUDE ItemID '
            'WHERE Items.PRICE > 50 IF CurrentUser.MEMBERSHIP = "basic"'
        ),
        (
            "INCLUDE ItemID WHERE Items.GENRE IN ($GENRE) | EXCLUDE ItemID WHERE "
            'Interactions.EVENT_TYPE IN ("click", "stream")'
        ),
        (
            "INCLUDE ItemID WHERE Items.CATEGORY IN ($CATEGORY) | INCLUDE ItemID WHERE "
            'Interactions.EVENT_TYPE IN ("favorite")'
        ),
        (
            'EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ("Purchase") | INCLUDE ItemID WHERE '
            'Items.PROMOTED IN ("Y") AND Items.CATEGORY_L1 NOT IN ("food service")'
        ),
        (
            "INCLUDE ItemID WHERE Items.ARTICLE_GENRE IN ($GENRELIST) AND Items.CREATION_TIMESTAMP "
            '> $CUTOFF | EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ("*")'
        ),
        (
            "INCLUDE ItemID WHERE Items.CREATION_TIMESTAMP > 0 | EXCLUDE ItemID WHERE "
            "Items.CATEGORY IN ($category) | EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN "
            '("page_view") | EXCLUDE ItemID WHERE Items.OUT_OF_STOCK = 1'
        ),
        'INCLUDE ItemID WHERE Items.GENRE IN ("a")|EXCLUDE ItemID WHERE Items.PRICE > 3',
        (
            'EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ("Purchase") | INCLUDE ItemID WHERE '
            "Items.CATEGORY_L1 IN CurrentItem.CATEGORY_L1"
        ),
    ),
    "current items": (
        "INCLUDE ItemID WHERE Items.PRICE < CurrentItem.PRICE AND Items.GENRE IN CurrentItem.GENRE",
        "INCLUDE ItemID WHERE ITEMS.CATEGORY_L1 IN CurrentItem.CATEGORY_L1",
        "INCLUDE ItemID WHERE Items.GENRE IN CurrentItem.GENRE AND Items.CREATION_TIMESTAMP > $DATE",
    ),
    "users": (
        "INCLUDE UserID WHERE Users.MEMBERSHIP_STATUS IN ($MEMBERSHIP)",
        "EXCLUDE UserID WHERE Users.AGE < $AGE",
        'INCLUDE UserID WHERE Interactions.EVENT_TYPE IN ("click", "rating")',
        "EXCLUDE UserID WHERE Interactions.EVENT_TYPE IN ($EVENT_TYPE)",
        'exclude UserId where users.country in ("England", "Japan購入")',
    ),
    "actions": (
        "INCLUDE ActionID WHERE Action_Interactions.EVENT_TYPE IN ($EVENT_TYPE)",
        'EXCLUDE ActionID WHERE Action_Interactions.EVENT_TYPE IN ("NOT_TAKEN")',
        "EXCLUDE ActionID WHERE Actions.CATEGORY IN ($CATEGORY)",
        "INCLUDE ActionID WHERE Actions.VALUE > ($VALUE)",
        'INCLUDE ActionID WHERE Action.MEMBERSHIP_LEVEL IN ("Premium") IF CurrentUser.MEMBERSHIP = $PREMIUM',
        "EXCLUDE ActionID WHERE Actions.VALUE < ($VALUE) IF CurrentUser.MEMBERSHIP = $PREMIUM",
    ),
}

BAD_SYMBOLS = {
    "EXCLUDE ItemID WHERE Items.GENRE NOT IN ($GENRE)": "$GENRE",
    "INCLUDE ItemID WHERE Items.PRICE < 5 AND Items.GENRE NOT IN ($G)": "$G",
    'EXCLUDE ItemID WHERE Items.GENRE IN ("a") IF CurrentUser.AGE > 18 OR CurrentUser.AGE < 5': "OR",
    'EXCLUDE ItemID WHERE Items.GENRE IN ("a") IF CurrentUser.AGE > 18 IF CurrentUser.AGE < 60': "IF",
    'EXCLUDE ItemID IF CurrentUser.AGE > 18 WHERE Items.GENRE IN ("a")': "IF",
    "EXCLUDE ItemID WHERE Items.GENRE IN (CurrentUser.GENRE)": "CurrentUser",
    "INCLUDE ItemID WHERE CurrentItem.PRICE > Items.PRICE": "Items",
    "INCLUDE ItemID WHERE Products.PRICE > 3": "Products",
    'INCLUDE ItemID Items.GENRE IN ("a")': "Items",
    'INCLUDE WHERE Items.GENRE IN ("a")': "WHERE",
    'SELECT ItemID WHERE Items.GENRE IN ("a")': "SELECT",
    'ItemID WHERE Items.GENRE IN ("a")': "ItemID",
    'INCLUDE Items WHERE Items.GENRE IN ("a")': "Items",
    'INCLUDE ItemID WHERE Items.GENRE IN "a"': '"a"',
    "INCLUDE ItemID WHERE Items.GENRE IN ()": ")",
    'INCLUDE ItemID WHERE Items.GENRE IN ("a",)': ")",
    'INCLUDE ItemID WHERE Items.GENRE IN ("a" "b")': '"b"',
    "INCLUDE ItemID WHERE Items.GENRE IN (a, b)": "a",
    'INCLUDE ItemID WHERE Items.GENRE IN ("a)': '"',
    'INCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ("click"))': ")",
    'INCLUDE ItemID WHERE Items.GENRE LIKE "com%"': "LIKE",
    "INCLUDE ItemID WHERE Items.PRICE BETWEEN 1 AND 5": "BETWEEN",
    "INCLUDE ItemID WHERE Items.PRICE IS NULL": "IS",
    "INCLUDE ItemID WHERE Items.PRICE * 2 > 10": "*",
    "INCLUDE ItemID WHERE Items.CREATION_TIMESTAMP > NOW() - 86400": "NOW",
    "INCLUDE ItemID WHERE Items.PRICE == 5": "=",
    "INCLUDE ItemID WHERE Items.PRICE <> 5": ">",
    "INCLUDE ItemID WHERE Items.PRICE =< 5": "<",
    "INCLUDE ItemID WHERE PRICE > 5": "PRICE",
    "INCLUDE ItemID WHERE Items.PRICE >": "the end of the expression",
    'INCLUDE ItemID WHERE NOT Items.GENRE IN ("a")': "NOT",
    'INCLUDE ItemID WHERE Items.GENRE IN ("a") XOR Items.GENRE IN ("b")': "XOR",
    'INCLUDE ItemID WHERE Items.GENRE IN ("a") AND': "the end of the expression",
    'INCLUDE ItemID WHERE Items.GENRE IN ("a") |': "the end of the expression",
    '| INCLUDE ItemID WHERE Items.GENRE IN ("a")': "|",
    'INCLUDE ItemID WHERE Items.GENRE IN ("a") INCLUDE ItemID WHERE Items.PRICE > 3': "INCLUDE",
    "INCLUDE ItemID WHERE Items.GENRE IN ($)": "$",
    'INCLUDE ItemID WHERE Items.GENRE IN ("a");': ";",
    "   ": "the end of the expression",
    'INCLUDE ItemID WHERE (Items.GENRE IN ("a") OR Items.GENRE IN ("b")) AND Items.PRICE > 3': "(",
    "INCLUDE ItemID WHERE Items.GENRE IN ($A, $B)": "$A",
    'INCLUDE ItemID WHERE Items.GENRE IN ("a", $B)': "$B",
    "INCLUDE ItemID WHERE Items.YEAR IN (1999, 2000)": "1999",
}

MEANINGLESS = {
    "is of type boolean": (
        'INCLUDE ItemID WHERE Items.ON_SALE = "true"',
        'EXCLUDE ItemID WHERE Items.ON_SALE IN ("True")',
    ),
    "Items.DESCRIPTION is textual": ('INCLUDE ItemID WHERE Items.DESCRIPTION IN ("boot")',),
    "only CurrentUser can be used after IF": (
        'INCLUDE ItemID WHERE Items.GENRE IN ("Comedy") IF Users.AGE > 20',
        'EXCLUDE ItemID WHERE Items.GENRE IN ("a") IF Items.PRICE > 18',
        "INCLUDE ItemID WHERE Items.PRICE < 3 IF CurrentUser.AGE > CurrentItem.PRICE",
    ),
    "CurrentUser.AGE can only be used after IF": ("EXCLUDE ItemID WHERE CurrentUser.AGE > 18",),
    "is not in the schema of the dataset of type": (
        'INCLUDE ItemID WHERE Items.GENRE IN ("Comedy") IF CURRENTUSER.DIV > 20',
        'INCLUDE ItemID WHERE Items.NO_SUCH_FIELD IN ("a")',
    ),
    "> compares numbers": (
        'INCLUDE ItemID WHERE Items.GENRE IN ("Comedy") IF CURRENTUSER.GENDER > 20',
        "INCLUDE ItemID WHERE Items.GENRE > 3",
    ),
    "all conditions of a rule must use the same dataset": (
        'EXCLUDE ItemID WHERE Items.CATEGORY IN ("a") AND Interactions.EVENT_TYPE IN ("click")',
        'EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ("click") OR Items.PRICE > 3',
        'EXCLUDE ActionID WHERE Actions.CATEGORY IN ("a") AND Action_Interactions.EVENT_TYPE IN ("Taken")',
    ),
    "EVENT_TYPE is the only field of INTERACTIONS that filters can use": (
        'EXCLUDE ItemID WHERE Interactions.DEVICE IN ("mobile")',
        "EXCLUDE ItemID WHERE Interactions.TIMESTAMP > 1600000000",
        "EXCLUDE ItemID WHERE Interactions.EVENT_VALUE > 3",
    ),
    '"*" can only be used with Interactions.EVENT_TYPE': ('EXCLUDE ItemID WHERE Items.GENRE IN ("*")',),
    "cannot be used in filters; remove it, because the service applies it automatically": (
        "EXCLUDE ActionID WHERE Actions.EXPIRATION_TIMESTAMP > 5",
        "EXCLUDE ActionID WHERE Actions.REPEAT_FREQUENCY > 5",
    ),
    "a filter can use at most 10 different fields; this one uses 11": (
        " | ".join(f"EXCLUDE ItemID WHERE Items.F{number} = 1" for number in range(1, 12)),
    ),
    "Items.GENRE cannot be used in a filter of UserID": ('INCLUDE UserID WHERE Items.GENRE IN ("a")',),
    "Users.AGE cannot be used in a filter of ItemID": ("INCLUDE ItemID WHERE Users.AGE > 3",),
    "all INCLUDE and EXCLUDE rules of a filter must have the same target": (
        'INCLUDE ItemID WHERE Items.GENRE IN ("a") | EXCLUDE UserID WHERE Users.AGE > 3',
    ),
}

ALL_VALID = [expression for group in VALID.values() for expression in group]
ALL_MEANINGLESS = [(expression, reason) for reason, group in MEANINGLESS.items() for expression in group]
