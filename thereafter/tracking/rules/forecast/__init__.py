"""When parcels come: learnt from a store's own past, in pure functions over columns of trips. Times are days as floats."""
