"""Templates for messages about invalid schemas and invalid CSV files. Placeholders are filled in with `str.format`."""

# failureReason of an import job. Developer guide, "Troubleshooting" (2025); the first text is not confirmed.
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

# failureReason of an import job. The texts of the service for these cases are not known.
TOO_FEW_ROWS = "Input csv has {rows} rows. An import into this dataset needs at least {minimum} rows."
DIFFERENT_HEADERS = "Input csv files have different headers: add the columns {columns} to all files or remove them."

# Errors of a schema. The texts of the service are not known.
NOT_JSON = "it is not JSON ({problem}); write one JSON object with type, name, namespace, fields and version"
NOT_A_RECORD = 'it must be one JSON object with "type": "record", not {value}'
UNKNOWN_NAME = '"name" must be Interactions, Items, Users, Actions or ActionInteractions, not {value}'
UNKNOWN_DOMAIN = "domain must be ECOMMERCE or VIDEO_ON_DEMAND, or absent for a custom dataset group, not {domain}"
NO_SUCH_DATASET = "the domain {domain} has no {dataset_type} dataset; create the schema without a domain"
NO_FIELDS = '"fields" must be a list with at least one field such as {{"name": "USER_ID", "type": "string"}}'
NOT_A_FIELD = 'each field must be an object with "name" and "type", not {value}'
BAD_FIELD_NAME = (
    "the field name {value} is not valid; write at most {limit} letters, digits and underscores, "
    "without a digit at the start"
)
DUPLICATE_FIELD = (
    "the fields {first} and {second} have the same name if case and underscores are ignored; rename one of them"
)
BAD_TYPE = (
    "the type of the field {field} is {value}; write one of boolean, double, float, int, long and string, "
    'or a list of one of them and "null"'
)
BAD_FLAG = "{flag} of the field {field} must be true or false, not {value}"
FLAG_NEEDS_STRING = (
    "{flag} is true for the field {field}, whose type is {type}; remove {flag} or change the type to string"
)
FLAG_NEEDS_ITEMS = "{flag} is true for the field {field}, but only Items schemas can have {flag} fields; remove {flag}"
FLAG_USED_TWICE = "{flag} is true for the fields {fields}; keep it for {limit} of them and remove it from the others"
TWO_FLAGS = "the field {field} is both categorical and textual; remove one of the two"
MISSING_FIELD = "the field {field} of type {type} is missing; add it, because every {schema} schema needs it"
RESERVED_TYPE = "the type of the field {field} must be {type}, not {value}; {schema} schemas reserve this name"
RESERVED_NULL = 'the field {field} cannot be null in {schema} schemas; remove "null" from its type'
RESERVED_FLAG = 'write "{flag}": true for the field {field}; {schema} schemas reserve this name for a {flag} string'
RESERVED_PLAIN = "remove {flag} from the field {field}; {schema} schemas reserve this name for a field without it"
TOO_FEW_METADATA = (
    "it has no metadata field; add at least one field besides {fields}, for example "
    '{{"name": "CATEGORY", "type": "string", "categorical": true}}'
)
TOO_MANY_METADATA = "it has {count} metadata fields, but {schema} schemas can have at most {limit}; remove some of them"
