"""When parcels come, learnt from a store's own past: pure functions over columns of trips, times as days."""
