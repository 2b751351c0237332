"""The Library page: what was made, found again."""
