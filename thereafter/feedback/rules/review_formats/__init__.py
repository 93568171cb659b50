"""Reviews in the files of other review apps and in ours: read, and written so that nothing is lost. Plain Python."""
