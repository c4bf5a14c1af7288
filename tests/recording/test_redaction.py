import pytest

from personalize_mock.recording.redaction import Redactor

ACCOUNT, OTHER = "987654321098", "876543210987"


def test_the_same_account_always_gets_the_same_placeholder():
    redactor = Redactor()
    arn = "arn:aws:personalize:us-east-1:{}:campaign/shop".format

    assert redactor.redact({"campaignArn": arn(ACCOUNT)}) == {"campaignArn": arn("000000000001")}
    assert redactor.redact({"campaignArn": arn(OTHER)}) == {"campaignArn": arn("000000000002")}
    assert redactor.redact({"items": [arn(ACCOUNT)]}) == {"items": [arn("000000000001")]}


def test_example_accounts_and_placeholders_stay():
    call = {
        "arns": [f"arn:aws:personalize:us-east-1:{account}:filter/a" for account in ("123456789012", "000000000001")]
    }

    assert Redactor().redact(call) == call


@pytest.mark.parametrize("member", ["name", "path", "dataLocation", "message", "accountId"])
def test_twelve_digits_in_names_and_places_are_an_account(member):
    assert ACCOUNT not in str(Redactor().redact({member: f"shop-{ACCOUNT}"}))


def test_twelve_digits_in_an_item_id_are_not_an_account():
    call = {"itemId": ACCOUNT, "inputList": [ACCOUNT]}

    assert Redactor().redact(call) == call


@pytest.mark.parametrize(
    "secret",
    [
        "AKIA" + "Q3EGRIVN7ZPWX2LM",
        "ASIA" + "Q3EGRIVN7ZPWX2LM",
        "IQoJb3JpZ2luX2VjEJr//////////wEaCXVzLWVhc3QtMSJHMEUCIQD",
        "FwoGZXIvYXdzEBYaDHqa0AP1CTWAlsGNCCLBAbc3",
    ],
)
def test_keys_and_session_tokens_are_removed(secret):
    for member in ("message", "properties", "name"):
        assert secret not in str(Redactor().redact({member: f"a {secret}, b"}))


def test_the_private_parts_of_a_presigned_url_are_removed():
    url = (
        "https://b.s3.amazonaws.com/k?X-Amz-Date=20240501T090000Z&X-Amz-Credential=AKID%2F20240501&X-Amz-Signature=ab12"
    )
    redacted = Redactor().redact({"url": f"{url}&X-Amz-Security-Token=IQo"})["url"]

    assert redacted == (
        "https://b.s3.amazonaws.com/k?X-Amz-Date=20240501T090000Z&X-Amz-Credential=REMOVED&X-Amz-Signature=REMOVED"
        "&X-Amz-Security-Token=REMOVED"
    )


def test_a_signature_in_a_message_is_removed():
    message = f"The Canonical String should have been 'POST\nx-amz-security-token:FooBar\n\n{'0a' * 32}'"

    assert Redactor().redact_text(message) == (
        "The Canonical String should have been 'POST\nx-amz-security-token:REMOVED\n\nREMOVED'"
    )


def test_names_of_roles_and_sessions_are_numbered():
    text = (
        f"User: arn:aws:sts::{ACCOUNT}:assumed-role/Admin/jane@example.com is not authorized to pass "
        f"arn:aws:iam::{ACCOUNT}:role/service-role/Personalize. arn:aws:iam::{ACCOUNT}:role/Second is fine."
    )

    assert Redactor().redact_text(text) == (
        "User: arn:aws:sts::000000000001:assumed-role/assumed-role-1 is not authorized to pass "
        "arn:aws:iam::000000000001:role/role-1. arn:aws:iam::000000000001:role/role-2 is fine."
    )


def test_kms_keys_keep_their_form():
    key = f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/1b2c3d4e-0000-1111-2222-333344445555"

    redacted = Redactor().redact({"kmsKeyArn": key})["kmsKeyArn"]

    assert redacted == "arn:aws:kms:eu-west-1:000000000001:key/00000000-0000-0000-0000-000000000001"


def test_tracking_ids_keep_their_form_also_in_messages():
    redactor = Redactor()
    tracking_id = "8a2c7cee-2f5a-4c39-a1c3-9b1c1f2a7d11"

    assert redactor.redact({"trackingId": tracking_id})["trackingId"] == "00000000-0000-4000-8000-000000000001"
    assert tracking_id not in redactor.redact_text(f"The tracking id {tracking_id} does not exist.")


def test_a_tracking_id_that_the_service_cannot_have_given_stays():
    redactor = Redactor()

    assert redactor.redact({"trackingId": "!?"}) == {"trackingId": "!?"}
    assert redactor.redact_text("Why!?") == "Why!?"


def test_redacting_twice_changes_nothing():
    call = {
        "roleArn": f"arn:aws:iam::{ACCOUNT}:role/Second",
        "kmsKeyArn": f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/ab",
        "trackingId": "8a2c7cee-2f5a-4c39-a1c3-9b1c1f2a7d11",
    }
    redactor = Redactor()
    once = redactor.redact(call)

    assert redactor.redact(once) == once


def test_further_texts_are_replaced():
    assert Redactor({"acme": "company"}).redact({"name": "acme-films"}) == {"name": "company-films"}
