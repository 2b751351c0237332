"""The Upscale page's parts: settings, pictures before and after, maps of the work."""
