"""Following: the band plays to what a person plays, a bar behind."""
