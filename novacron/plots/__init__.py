"""Pictures: what is drawn for each kind of job and for plans, on figures that `drawing` makes."""
