"""The sampler lab: several samplers from the same noise, side by side on one call cursor."""
