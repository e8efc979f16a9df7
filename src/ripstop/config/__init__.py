"""``[tool.ripstop]`` of a pyproject.toml (or a ripstop.toml), read once into one frozen Config.

Everything a person can get wrong in it is told here, with its place and the nearest right name.
What the values lead to is other rooms' business.
"""

from ripstop.config.keys import SEAM_FIELDS
from ripstop.config.loading import load, render, stakes
from ripstop.config.nouns import Config, ProcessConfig, SeamConfig, ServiceConfig

__all__ = [
    "SEAM_FIELDS",
    "Config",
    "ProcessConfig",
    "SeamConfig",
    "ServiceConfig",
    "load",
    "render",
    "stakes",
]
