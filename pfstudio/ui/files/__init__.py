"""Lists of picture files that wait, run and are done; shared by the pages that take files."""
