"""Saving what was made: pictures, films, figure sheets, maps and traces."""
