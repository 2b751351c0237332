"""Saving what was made: pictures, videos, figure sheets, maps and traces."""
