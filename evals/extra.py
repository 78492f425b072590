"""What trainings need beyond the installation."""

from stores.errors import ConfigError


def need_lightgbm() -> None:
    """Raise ConfigError where boosted trees cannot be trained."""
    try:
        import lightgbm  # noqa: F401
    except ImportError as error:
        raise ConfigError("training needs lightgbm", hint="pip install 'quodvide[train]'") from error
