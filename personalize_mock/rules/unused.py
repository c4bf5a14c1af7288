"""Error message about rules that were not applied to any call before their mock ended."""

from collections import Counter
from collections.abc import Sequence

from personalize_mock.exceptions import UnusedRuleError
from personalize_mock.journal import Call
from personalize_mock.rules.rule import Rule

REMEDY = (
    "Correct the rule or the code under test, remove the rule, or write optional=True in mock.on(...) if it may stay "
    "unused."
)


def unused_rules(rules: Sequence[Rule], calls: Sequence[Call]) -> UnusedRuleError | None:
    """Return an error that explains why rules were never applied, or None if there are no such rules.

    Optional rules are left out.

    Args:
        rules: The rules that are being removed, whether they were applied or not.
        calls: All calls that were made, to list them in the message.
    """
    unused = [rule for rule in rules if not rule.called and not rule.optional]
    texts = [_explanation(rule, calls) for rule in unused]
    return UnusedRuleError("\n\n".join([*texts, REMEDY])) if texts else None


def _explanation(rule: Rule, calls: Sequence[Call]) -> str:
    heading = f"{rule} was never applied ({rule.place})."
    if rule.misses:
        reasons = "\n".join(f"  - {reason}" for reason in rule.misses)
        return f"{heading} The latest calls of {rule.operation} did not match:\n{reasons}"
    counts = Counter(call.operation for call in calls)
    made = ", ".join(f"{name} ({count})" for name, count in counts.items())
    return f"{heading} {rule.operation} was not called. Calls that were made: {made or 'none'}."
