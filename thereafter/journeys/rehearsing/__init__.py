"""Playing a journey over the store's own past, on a virtual clock, without writing anything.

`arriving` finds who would have entered, `playing` walks them by the engine's own `decide`, `judging` asks the contact
rules about every message, `telling` counts; `doors.rehearse` is the way in.
"""
