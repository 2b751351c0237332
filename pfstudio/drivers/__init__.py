"""Scripts that use the window from outside: demo, benches, soak run and selftest."""
