"""The signature of mock_personalize: it shows what Options has."""

import pydoc
from dataclasses import fields
from inspect import Parameter, signature

import pytest

from personalize_mock import PersonalizeMockError, mock_personalize
from personalize_mock.option_defaults import default_of
from personalize_mock.simulation import Options


def test_the_signature_has_every_option_with_its_default():
    decorated, *options, server = signature(mock_personalize).parameters.values()

    assert decorated.kind is Parameter.POSITIONAL_ONLY
    assert (server.name, server.default) == ("server", None)
    assert [option.name for option in options] == [each.name for each in fields(Options)]
    assert {option.name: option.default for option in options} == {
        each.name: default_of(each.name) for each in fields(Options)
    }


def test_help_shows_the_options_with_their_defaults():
    text = pydoc.plain(pydoc.render_doc(mock_personalize))

    assert "seed: int = 0," in text
    assert "durations: collections.abc.Mapping[str, float] = {}" in text


@pytest.mark.parametrize("option", [each.name for each in fields(Options)])
def test_the_docstring_explains_every_option(option):
    assert f"        {option} (" in mock_personalize.__doc__  # Python 3.13 removes the indentation of the whole


def test_an_unknown_option_is_refused_with_the_nearest_name():
    with pytest.raises(PersonalizeMockError, match=r"no option 'sed'\. Did you mean 'seed'"):
        mock_personalize(sed=1)
