"""Why tests fail: a failure's likely cause from its report and evidence. Edits nothing."""
