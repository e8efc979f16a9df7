"""Why a workflow is risky: a reason a file, each with its own page, asked of what was read from code."""
