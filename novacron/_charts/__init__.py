"""What is drawn for each kind of job, on figures that `novacron.plot` makes."""
