"""Version numbers of the mock and of botocore, which are written into recordings and reports."""


def versions() -> str:
    """Return the versions of the mock and of botocore, such as "personalize_mock 0.1.0, botocore 1.44.8"."""
    from importlib.metadata import PackageNotFoundError, version

    from botocore import __version__ as botocore_version

    try:
        mock_version = version("personalize-mock")
    except PackageNotFoundError:  # the package is run from its source
        mock_version = "(not installed)"
    return f"personalize_mock {mock_version}, botocore {botocore_version}"
