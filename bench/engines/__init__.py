"""Other engines doing the least that a journey step must do: one no-op whose state outlives a crash."""
