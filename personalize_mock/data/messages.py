"""What is said about schemas and files that do not fit, in one place.

Only the texts under "the service's words" are known to be the service's; the others are ours, because no
recording of them was found. Placeholders are filled with `str.format`.
"""

# The service's words: failureReason of an import job.
NOT_CONFORMING = (
    "Input csv has rows that do not conform to the dataset schema. Please ensure all required data fields "
    "are present and that they are of the type specified in the schema."
)
MISSING_COLUMNS = "Input CSV is missing the following columns:[{columns}]."
TOO_LONG = (
    "Length cannot be more than {limit} characters for {column}. If no values exceed the character limit, "
    "make sure your data follows the formatting guidelines listed in "
    "https://docs.aws.amazon.com/personalize/latest/dg/data-prep-formatting.html."
)

# Ours: failureReason of an import job.
TOO_FEW_ROWS = "Input csv has {rows} rows, an import of this dataset needs at least {minimum}."
DIFFERENT_HEADERS = "Input csv files do not have the same headers: {columns} differ."

# Ours: faults of a schema, each saying what to change.
NOT_JSON = "it is not JSON ({problem}); write one JSON object with type, name, namespace, fields and version"
NOT_A_RECORD = 'it must be one JSON object with "type": "record", not {found}'
UNKNOWN_NAME = '"name" must be Interactions, Items, Users, Actions or ActionInteractions, not {found}'
UNKNOWN_DOMAIN = "domain must be ECOMMERCE or VIDEO_ON_DEMAND, or absent for a custom dataset group, not {domain}"
NO_SUCH_DATASET = "the domain {domain} has no {dataset_type} dataset; create the schema without a domain"
NO_FIELDS = '"fields" must be a list with at least one field such as {{"name": "USER_ID", "type": "string"}}'
NOT_A_FIELD = 'each field must be an object with "name" and "type", not {found}'
BAD_FIELD_NAME = (
    "the field name {found} is not usable; write letters, digits and underscores, at most {limit}, "
    "and no digit at the start"
)
DUPLICATE_FIELD = "{first} and {second} are one name to the service, case and underscores aside; rename one"
BAD_TYPE = (
    "the type of {field} is {found}; write one of boolean, double, float, int, long and string, "
    'or a list of one of them and "null"'
)
BAD_FLAG = "{flag} of {field} must be true or false, not {found}"
FLAG_NEEDS_STRING = "{flag} is true for {field}, whose type is {type}; only fields of type string can have it"
FLAG_NEEDS_ITEMS = "{flag} is true for {field}; only Items schemas can have {flag} fields"
FLAG_USED_TWICE = "the fields {fields} all have {flag} true; only {limit} field can"
TWO_FLAGS = "{field} is both categorical and textual; keep one of the two"
MISSING_FIELD = "the field {field} of type {type} is missing; every {schema} schema needs it"
RESERVED_TYPE = "the type of {field} is {found}; {schema} schemas reserve this name for the type {type}"
RESERVED_NULL = "{field} cannot be null in {schema} schemas; take null out of its type"
RESERVED_FLAG = 'write "{flag}": true for {field}; {schema} schemas reserve this name for a {flag} string'
RESERVED_PLAIN = "take {flag} out of {field}; {schema} schemas reserve this name for plain values"
TOO_FEW_METADATA = (
    "it has no metadata field; add at least one field of your own beside {fields}, for example "
    '{{"name": "CATEGORY", "type": "string", "categorical": true}}'
)
TOO_MANY_METADATA = "it has {count} metadata fields; {schema} schemas can have at most {limit}"
