"""What each op means: one file per chapter of the standard, with signature, docstring and facts, and no arithmetic."""
