"""One player, one film strip and one transport bar for everything that is made call by call."""
