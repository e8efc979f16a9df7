"""The entry point pytest loads. What it registers is defined in ``ripstop.suite.plugin``."""

pytest_plugins = ["ripstop.suite.plugin"]
