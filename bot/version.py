"""The program's version, as it was installed."""

from importlib.metadata import PackageNotFoundError, version

try:
    __version__ = version("denial-desk")
except PackageNotFoundError:  # run from a source tree that was never installed
    __version__ = "0"
